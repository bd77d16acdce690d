/* Tests of the work queue: one run at a time a key, nothing lost, delays after failures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/waiting.h"
#include "cluster/queue.h"

struct gate {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int runs[10];
	int running[10], most; /* at once, a key */
	bool open;
	bool announce; /* who stands at the gate says so */
	int failures_left;
	int64_t again_ms;
};

static void gate_init(struct gate *g)
{
	*g = (struct gate){ .open = true };
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->changed, NULL);
}

static int64_t work(void *ctx, const char *key, struct err *err)
{
	struct gate *g = ctx;
	int k = key[0] - '0';
	pthread_mutex_lock(&g->lock);
	g->runs[k]++;
	if (++g->running[k] > g->most)
		g->most = g->running[k];
	pthread_cond_broadcast(&g->changed);
	bool announced = g->announce;
	if (announced)
		waiting_begin();
	while (!g->open)
		pthread_cond_wait(&g->changed, &g->lock);
	if (announced)
		waiting_end();
	g->running[k]--;
	int64_t result = g->again_ms;
	g->again_ms = 0;
	if (g->failures_left > 0) {
		g->failures_left--;
		result = err_set(err, ERR_UNAVAILABLE, "not yet");
	}
	pthread_mutex_unlock(&g->lock);
	return result;
}

static void wait_for_runs(struct gate *g, int key, int n)
{
	pthread_mutex_lock(&g->lock);
	while (g->runs[key] < n)
		pthread_cond_wait(&g->changed, &g->lock);
	pthread_mutex_unlock(&g->lock);
}

static void set_open(struct gate *g, bool open)
{
	pthread_mutex_lock(&g->lock);
	g->open = open;
	pthread_cond_broadcast(&g->changed);
	pthread_mutex_unlock(&g->lock);
}

static struct queue *start_elastic(struct gate *g, unsigned threads, unsigned threads_max)
{
	struct queue *q = NULL;
	struct queue_options o = {
		.name = "test", .threads = threads, .threads_max = threads_max, .work = work, .ctx = g, .backoff_ms = 1
	};
	gate_init(g);
	assert_int_equal(queue_new(&o, &q, NULL), 0);
	return q;
}

static struct queue *start(struct gate *g, unsigned threads)
{
	return start_elastic(g, threads, threads);
}

static void a_key_waits_once_however_often_it_is_added(void **state)
{
	(void)state;
	struct gate g;
	struct queue *q = start(&g, 1);
	for (int i = 0; i < 5; i++)
		queue_add(q, "1");
	queue_add(q, "2");
	assert_int_equal(queue_start(q, NULL), 0);
	queue_settle(q);
	assert_int_equal(g.runs[1], 1);
	assert_int_equal(g.runs[2], 1);
	queue_free(q);
}

static void a_key_added_while_it_runs_runs_again(void **state)
{
	(void)state;
	struct gate g;
	struct queue *q = start(&g, 4);
	g.open = false;
	assert_int_equal(queue_start(q, NULL), 0);
	queue_add(q, "1");
	wait_for_runs(&g, 1, 1);
	for (int i = 0; i < 5; i++)
		queue_add(q, "1");
	set_open(&g, true);
	queue_settle(q);
	assert_int_equal(g.runs[1], 2);
	assert_int_equal(g.most, 1);
	queue_free(q);
}

static void failures_come_back(void **state)
{
	(void)state;
	struct gate g;
	struct queue *q = start(&g, 1);
	g.failures_left = 3;
	assert_int_equal(queue_start(q, NULL), 0);
	queue_add(q, "1");
	wait_for_runs(&g, 1, 4);
	queue_settle(q);
	assert_int_equal(g.runs[1], 4);
	assert_int_equal(queue_failures(q, "1"), 0);
	queue_free(q);
}

static void work_may_ask_to_run_again(void **state)
{
	(void)state;
	struct gate g;
	struct queue *q = start(&g, 1);
	g.again_ms = 1;
	assert_int_equal(queue_start(q, NULL), 0);
	queue_add_after(q, "1", 1);
	wait_for_runs(&g, 1, 2);
	queue_settle(q);
	assert_int_equal(g.runs[1], 2);
	queue_free(q);
}

static void a_delay_gives_way_to_now(void **state)
{
	(void)state;
	struct gate g;
	struct queue *q = start(&g, 1);
	assert_int_equal(queue_start(q, NULL), 0);
	queue_add_after(q, "1", 3600000);
	queue_settle(q);
	assert_int_equal(g.runs[1], 0);
	queue_add(q, "1");
	queue_settle(q);
	assert_int_equal(g.runs[1], 1);
	queue_free(q);
}

static void a_stop_waits_for_what_runs_and_drops_the_rest(void **state)
{
	(void)state;
	struct gate g;
	struct queue *q = start(&g, 1);
	g.open = false;
	assert_int_equal(queue_start(q, NULL), 0);
	queue_add(q, "1");
	wait_for_runs(&g, 1, 1);
	queue_add(q, "2");
	set_open(&g, true);
	queue_stop(q);
	assert_int_equal(g.running[1], 0);
	assert_true(g.runs[2] <= 1);
	queue_add(q, "3");
	assert_int_equal(g.runs[3], 0);
	queue_free(q);
}

static void who_waits_costs_the_others_nothing(void **state)
{
	(void)state;
	struct gate g;
	struct queue *q = start_elastic(&g, 1, 3);
	g.open = false;
	g.announce = true;
	assert_int_equal(queue_start(q, NULL), 0);
	queue_add(q, "1");
	wait_for_runs(&g, 1, 1);
	queue_add_after(q, "2", 20); /* somebody must be there when its time has come */
	wait_for_runs(&g, 2, 1);
	assert_false(queue_pressed(q));
	queue_add(q, "3");
	wait_for_runs(&g, 3, 1);
	queue_add(q, "4");
	while (!queue_pressed(q))
		sched_yield();
	assert_int_equal(g.runs[4], 0);
	set_open(&g, true);
	queue_settle(q);
	assert_int_equal(g.runs[4], 1);
	assert_false(queue_pressed(q));
	queue_free(q);
}

static void who_works_is_not_joined_by_others(void **state)
{
	(void)state;
	struct gate g;
	struct queue *q = start_elastic(&g, 1, 3);
	g.open = false;
	assert_int_equal(queue_start(q, NULL), 0);
	queue_add(q, "1");
	wait_for_runs(&g, 1, 1);
	queue_add(q, "2");
	assert_false(queue_pressed(q));
	usleep(20000);
	assert_int_equal(g.runs[2], 0);
	set_open(&g, true);
	queue_settle(q);
	assert_int_equal(g.runs[2], 1);
	queue_free(q);
}

static void *add_much(void *arg)
{
	for (int i = 0; i < 2000; i++)
		queue_add(arg, (char[]){ (char)('0' + i % 10), 0 });
	return NULL;
}

static void nothing_is_lost_between_threads(void **state)
{
	(void)state;
	struct gate g;
	pthread_t threads[3];
	struct queue *q = start_elastic(&g, 4, 8);
	g.announce = true;
	assert_int_equal(queue_start(q, NULL), 0);
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, add_much, q);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	queue_settle(q);
	for (int i = 0; i < 10; i++)
		assert_true(g.runs[i] > 0);
	assert_int_equal(g.most, 1);
	queue_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_waits_once_however_often_it_is_added),
		cmocka_unit_test(a_key_added_while_it_runs_runs_again),
		cmocka_unit_test(failures_come_back),
		cmocka_unit_test(work_may_ask_to_run_again),
		cmocka_unit_test(a_delay_gives_way_to_now),
		cmocka_unit_test(a_stop_waits_for_what_runs_and_drops_the_rest),
		cmocka_unit_test(who_waits_costs_the_others_nothing),
		cmocka_unit_test(who_works_is_not_joined_by_others),
		cmocka_unit_test(nothing_is_lost_between_threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
