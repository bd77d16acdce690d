/* Running a plan, block after block of rows, in a workspace of its pool: see plan.h. */
#include <pthread.h>

#include "base/check.h"
#include "infer/plan_priv.h"

struct workspace {
	uint8_t *block;
	struct value *values;
	void **scratch; /* of each step, made at its first run */
	size_t bytes;
};

static void workspace_free(const struct plan *p, struct workspace *w)
{
	if (!w)
		return;
	for (uint32_t v = 0; w->values && v < p->values_n; v++) {
		free(w->values[v].csr.start);
		free(w->values[v].csr.column);
		free(w->values[v].csr.value);
	}
	for (uint32_t i = 0; w->scratch && i < p->steps_n; i++) {
		if (w->scratch[i])
			p->steps[i].kernel->scratch_free(w->scratch[i]);
	}
	free(w->block);
	free(w->values);
	free(w->scratch);
	free(w);
}

static struct workspace *workspace_new(const struct plan *p)
{
	struct workspace *w = calloc(1, sizeof *w);
	if (!w)
		return NULL;
	w->block = aligned_alloc(64, (p->block_bytes + 63) & ~(size_t)63);
	w->values = calloc(p->values_n + 1, sizeof *w->values);
	w->scratch = calloc(p->steps_n + 1, sizeof *w->scratch);
	bool ok = w->block && w->values && w->scratch;
	for (uint32_t v = 0; ok && v < p->values_n; v++) {
		w->values[v].place = w->block + p->places[v];
		if (p->types[v].csr) {
			w->values[v].csr.start = calloc(p->block_rows + 1, sizeof(size_t));
			/* Some room from the start: rows without entries have an address too. */
			ok = w->values[v].csr.start && csr_room(&w->values[v].csr, 0, 1);
		}
	}
	for (uint32_t i = 0; ok && i < p->steps_n; i++) {
		if (p->steps[i].kernel->scratch_new)
			ok = (w->scratch[i] = p->steps[i].kernel->scratch_new(&p->steps[i])) != NULL;
	}
	if (!ok) {
		workspace_free(p, w);
		return NULL;
	}
	return w;
}

/* Threads begin at different slots, so that each tends to get the memory it used last. */
static size_t first_slot(void)
{
	return (size_t)(((uint64_t)(uintptr_t)pthread_self() * 0x9e3779b97f4a7c15u) >> 40) % PLAN_POOL;
}

static struct workspace *take(const struct plan *p)
{
	struct plan *pool = (struct plan *)p; /* the pool is the one thing that changes */
	size_t at = first_slot();
	for (size_t i = 0; i < PLAN_POOL; i++, at = (at + 1) % PLAN_POOL) {
		if (!atomic_load_explicit(&pool->pool[at], memory_order_relaxed))
			continue;
		struct workspace *w = atomic_exchange_explicit(&pool->pool[at], NULL, memory_order_acquire);
		if (w)
			return w;
	}
	return workspace_new(p);
}

static void give_back(const struct plan *p, struct workspace *w)
{
	struct plan *pool = (struct plan *)p;
	size_t at = first_slot();
	for (size_t i = 0; i < PLAN_POOL; i++, at = (at + 1) % PLAN_POOL) {
		struct workspace *none = NULL;
		if (atomic_compare_exchange_strong_explicit(&pool->pool[at], &none, w, memory_order_release,
							    memory_order_relaxed))
			return;
	}
	workspace_free(p, w);
}

void plan_pool_release(struct plan *p)
{
	for (size_t i = 0; i < PLAN_POOL; i++)
		workspace_free(p, atomic_load_explicit(&p->pool[i], memory_order_acquire));
}

static int run_block(const struct plan *p, struct run *r, struct tensor *out)
{
	for (uint32_t v = 0; v < p->values_n; v++)
		r->values[v].data = r->values[v].place;
	for (uint32_t i = 0; i < p->outputs_n; i++) {
		const struct graph_type *t = &p->types[p->outputs[i]];
		size_t row = (size_t)t->columns * dtype_bytes(t->dtype);
		r->values[p->outputs[i]].data = (uint8_t *)out[i].data + r->first * row;
	}
	for (uint32_t i = 0; i < p->steps_n; i++) {
		if (p->steps[i].kernel->run(&p->steps[i], r) < 0)
			return -1;
	}
	for (uint32_t i = 0; i < p->outputs_n; i++) {
		/* The answer is the input itself, where it lies. */
		const struct graph_type *t = &p->types[p->outputs[i]];
		size_t row = (size_t)t->columns * dtype_bytes(t->dtype);
		uint8_t *at = (uint8_t *)out[i].data + r->first * row;
		if (r->values[p->outputs[i]].data != at && row)
			memcpy(at, r->values[p->outputs[i]].data, r->rows * row);
	}
	return 0;
}

int plan_run(const struct plan *p, const struct feed *feed, struct tensor *out, struct err *err)
{
	struct workspace *w = take(p);
	if (!w)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	struct run r = {.feed = feed, .values = w->values, .scratch = w->scratch, .err = err};
	int rc = 0;
	for (; rc == 0 && r.first < feed->rows; r.first += r.rows) {
		r.rows = MIN(p->block_rows, feed->rows - r.first);
		rc = run_block(p, &r, out);
	}
	give_back(p, w);
	return rc;
}
