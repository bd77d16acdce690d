/* The table of isvc_state.h: one entry a key, found under a lock, used by its key's pass only. */
#include "control/isvc_state.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/map.h"
#include "codec/json.h"

struct isvc_table {
	pthread_mutex_t lock;
	struct map states;
};

int isvc_table_new(struct isvc_table **out, struct err *err)
{
	struct isvc_table *t = calloc(1, sizeof *t);
	if (!t)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	pthread_mutex_init(&t->lock, NULL);
	map_init(&t->states);
	*out = t;
	return 0;
}

void isvc_loaded_clear(struct isvc_loaded *at)
{
	if (at->model)
		model_unref(at->model);
	*at = (struct isvc_loaded){0};
}

void isvc_loaded_set(struct isvc_loaded *at, const struct isvc_loaded *from)
{
	struct isvc_loaded next = *from;
	if (next.model)
		model_ref(next.model);
	isvc_loaded_clear(at);
	*at = next;
}

static void state_free(struct isvc_state *s)
{
	for (size_t i = 0; i < COMPONENTS; i++) {
		isvc_loaded_clear(&s->fresh[i]);
		isvc_loaded_clear(&s->serving[i]);
	}
	free(s);
}

void isvc_table_free(struct isvc_table *t)
{
	size_t i = 0;
	struct slice key;
	void *state;
	if (!t)
		return;
	while (map_next(&t->states, &i, &key, &state))
		state_free(state);
	map_release(&t->states);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

struct isvc_state *isvc_state_get(struct control *c, const char *key)
{
	struct isvc_table *t = c->isvcs;
	pthread_mutex_lock(&t->lock);
	struct isvc_state *s = map_get(&t->states, slice_str(key));
	if (!s) {
		s = calloc(1, sizeof *s);
		if (!s)
			abort();
		map_put(&t->states, slice_str(key), s);
	}
	pthread_mutex_unlock(&t->lock);
	return s;
}

void isvc_state_drop(struct control *c, const char *key)
{
	struct isvc_table *t = c->isvcs;
	char ns[CONTROL_NAME_BYTES], name[CONTROL_NAME_BYTES], path[PATH_MAX];
	if (!control_key_split(key, ns, name))
		return;
	serving_remove(c->o.serving, ns, name);
	pthread_mutex_lock(&t->lock);
	struct isvc_state *s = map_remove(&t->states, slice_str(key));
	pthread_mutex_unlock(&t->lock);
	if (s)
		state_free(s);
	if (control_path(c, path, sizeof path, "models/%s/%s", ns, name))
		fs_remove_tree(path, NULL);
	if (control_path(c, path, sizeof path, "models/%s", ns))
		(void)rmdir(path); /* unless others are in it */
}

void isvc_retry_now(struct control *c, const json_t *isvc)
{
	struct isvc_table *t = c->isvcs;
	char key[2 * CONTROL_NAME_BYTES];
	snprintf(key, sizeof key, "%s/%s", json_str_at(isvc, "metadata.namespace"), json_str_at(isvc, "metadata.name"));
	pthread_mutex_lock(&t->lock);
	struct isvc_state *s = map_get(&t->states, slice_str(key));
	if (s)
		atomic_store(&s->retry, true);
	pthread_mutex_unlock(&t->lock);
	queue_add(c->queues[CONTROLLER_ISVC], key);
}

int64_t isvc_retry_ms(struct control *c, struct isvc_state *s)
{
	int64_t now = clock_mono_ns(c->o.clock), least = 0;
	for (size_t i = 0; i < COMPONENTS; i++) {
		if (!s->failed[i].failures)
			continue;
		int64_t ms = (s->failed[i].next_ns - now) / 1000000;
		ms = ms < 1 ? 1 : ms;
		least = !least || ms < least ? ms : least;
	}
	return least;
}

const char *isvc_serving_revision(const struct isvc_state *s, enum component_id id)
{
	return s->serving[id].revision;
}

bool isvc_files_path(struct control *c, const struct isvc_plan *p, const char *revision, const char *suffix, char *out,
		     size_t n)
{
	return control_path(c, out, n, "models/%s/%s/%s%s", p->namespace_, p->name, revision, suffix);
}
