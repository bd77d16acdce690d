/* Endpoints: see endpoint.h. `lock` is the writers'; readers use the index and an endpoint's `current` only. */
#include "serving/endpoint.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "serving/grace.h"
#include "serving/host.h"
#include "serving/index.h"
#include "serving/revision.h"

struct serving {
	struct grace grace;
	_Atomic(struct index *) index;
	pthread_mutex_t lock;
	struct endpoint *endpoints;
	char *domain;
};

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

int serving_new(const struct serving_options *options, struct serving **out, struct err *err)
{
	struct serving *s = aligned_alloc(_Alignof(struct serving), sizeof *s);
	struct index *ix = index_new(NULL);
	if (!s || !ix) {
		free(s);
		free(ix);
		return err_set(err, ERR_NO_MEMORY, "no memory for endpoints");
	}
	memset(s, 0, sizeof *s);
	pthread_mutex_init(&s->lock, NULL);
	s->domain = must(strdup(options->domain ? options->domain : "example.com"));
	atomic_store(&s->index, ix);
	*out = s;
	return 0;
}

static void endpoint_free(struct endpoint *e)
{
	for (size_t i = 0; i < e->hosts_n; i++)
		free(e->hosts[i]);
	free(e->hosts);
	free(e->namespace_);
	free(e->name);
	free(e->component);
	free(e);
}

void serving_free(struct serving *s)
{
	if (!s)
		return;
	while (s->endpoints) {
		struct endpoint *e = s->endpoints;
		s->endpoints = e->next;
		revision_release(atomic_load(&e->current));
		endpoint_free(e);
	}
	free(atomic_load(&s->index));
	free(s->domain);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* ---- writing, with the lock held ---- */

static bool is_endpoint(const struct endpoint *e, const char *namespace_, const char *name)
{
	return strcmp(e->name, name) == 0 && strcmp(e->namespace_, namespace_ ? namespace_ : "") == 0;
}

static struct endpoint *find(struct serving *s, const struct endpoint_spec *spec)
{
	struct endpoint *e = s->endpoints;
	while (e && !(is_endpoint(e, spec->namespace_, spec->name) &&
		      strcmp(e->component, spec->component ? spec->component : "") == 0))
		e = e->next;
	return e;
}

/* The new index is visible and no reader has the old one any more when this returns. */
static void reindex(struct serving *s)
{
	struct index *old = atomic_exchange(&s->index, must(index_new(s->endpoints)));
	grace_wait(&s->grace);
	free(old);
}

/* Hosts in normal form and without repetition. */
static int hosts_of(const struct endpoint_spec *spec, char ***out, size_t *out_n, struct err *err)
{
	char **hosts = must(calloc(spec->hosts_n + 1, sizeof *hosts));
	size_t n = 0;
	for (size_t i = 0; i < spec->hosts_n; i++) {
		char text[HOST_BYTES];
		size_t len, same = 0;
		if (!host_normal(slice_str(spec->hosts[i]), text, &len)) {
			while (n)
				free(hosts[--n]);
			free(hosts);
			return err_set(err, ERR_INVALID, "\"%.100s\" is no host name", spec->hosts[i]);
		}
		while (same < n && strcmp(hosts[same], text) != 0)
			same++;
		if (same == n)
			hosts[n++] = must(strdup(text));
	}
	*out = hosts;
	*out_n = n;
	return 0;
}

static bool same_hosts(const struct endpoint *e, char **hosts, size_t n)
{
	if (e->hosts_n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(e->hosts[i], hosts[i]) != 0)
			return false;
	return true;
}

static void free_hosts(char **hosts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(hosts[i]);
	free(hosts);
}

static struct endpoint *endpoint_new(const struct endpoint_spec *spec)
{
	struct endpoint *e = must(calloc(1, sizeof *e));
	e->namespace_ = must(strdup(spec->namespace_ ? spec->namespace_ : ""));
	e->name = must(strdup(spec->name));
	e->component = must(strdup(spec->component ? spec->component : ""));
	e->hosts = must(calloc(1, sizeof *e->hosts));
	return e;
}

/* Puts `fresh` (NULL: what serves stays) behind the spec's name and hosts. Takes fresh. */
static int place(struct serving *s, const struct endpoint_spec *spec, struct revision *fresh, struct err *err)
{
	char **hosts;
	size_t hosts_n;
	if (hosts_of(spec, &hosts, &hosts_n, err) < 0)
		return -1;
	struct endpoint *e = find(s, spec);
	for (size_t i = 0; i < hosts_n; i++) {
		struct endpoint *other = index_by_host(atomic_load(&s->index), slice_str(hosts[i]));
		if (other && other != e) {
			err_set(err, ERR_EXISTS, "host %s belongs to %s/%s already", hosts[i], other->namespace_,
				other->name);
			free_hosts(hosts, hosts_n);
			return -1;
		}
	}
	bool added = !e;
	if (added) {
		e = endpoint_new(spec);
		e->next = s->endpoints;
		s->endpoints = e;
	}
	struct revision *old = fresh ? atomic_exchange(&e->current, fresh) : NULL;
	char **old_hosts = hosts;
	size_t old_hosts_n = hosts_n;
	bool indexed = added || !same_hosts(e, hosts, hosts_n);
	if (indexed) {
		old_hosts = e->hosts;
		old_hosts_n = e->hosts_n;
		e->hosts = hosts;
		e->hosts_n = hosts_n;
		reindex(s);
	} else if (old) {
		grace_wait(&s->grace);
	}
	free_hosts(old_hosts, old_hosts_n);
	if (old)
		revision_release(old);
	return 0;
}

int serving_publish(struct serving *s, const struct endpoint_spec *spec, struct err *err)
{
	assert(spec->model && spec->name);
	if (spec->method != MODEL_DEFAULT && !model_has(spec->model, spec->method))
		return err_set(err, ERR_UNSUPPORTED, "%s has no method %s", model_class(spec->model),
			       model_method_name(spec->method));
	struct revision *fresh = revision_new(spec, NULL);
	pthread_mutex_lock(&s->lock);
	int rc = place(s, spec, fresh, err);
	pthread_mutex_unlock(&s->lock);
	if (rc < 0)
		revision_release(fresh);
	return rc;
}

int serving_unready(struct serving *s, const struct endpoint_spec *spec, const char *reason, struct err *err)
{
	assert(spec->name);
	struct revision *fresh = revision_new(spec, reason ? reason : "");
	pthread_mutex_lock(&s->lock);
	struct endpoint *e = find(s, spec);
	bool keeps = e && !atomic_load(&e->current)->reason;
	int rc = place(s, spec, keeps ? NULL : fresh, err);
	pthread_mutex_unlock(&s->lock);
	if (rc < 0 || keeps)
		revision_release(fresh);
	return rc;
}

void serving_remove(struct serving *s, const char *namespace_, const char *name)
{
	struct endpoint *gone = NULL, **at = &s->endpoints;
	pthread_mutex_lock(&s->lock);
	while (*at) {
		struct endpoint *e = *at;
		if (!is_endpoint(e, namespace_, name)) {
			at = &e->next;
			continue;
		}
		*at = e->next;
		e->next = gone;
		gone = e;
	}
	if (gone)
		reindex(s);
	pthread_mutex_unlock(&s->lock);
	while (gone) {
		struct endpoint *e = gone;
		gone = e->next;
		revision_release(atomic_load(&e->current));
		endpoint_free(e);
	}
}

/* ---- reading ---- */

static int no_model(struct slice name, struct err *err)
{
	err_set(err, ERR_NOT_FOUND, "Model with name %.*s does not exist.", SLICE_ARG(slice_sub(name, 0, 256)));
	return err_sub(err, SERVING_NO_MODEL);
}

static struct endpoint *locate(struct serving *s, const struct serving_address *who, struct err *err)
{
	const struct index *ix = atomic_load(&s->index);
	char host[HOST_BYTES];
	size_t len;
	if (!who->host.len)
		return index_by_name(ix, who->namespace_, who->name, err);
	struct endpoint *e = host_normal(who->host, host, &len) ? index_by_host(ix, slice_of(host, len)) : NULL;
	if (!e) {
		err_set(err, ERR_NOT_FOUND, "nothing is served at host %.*s; hosts here are NAME.NAMESPACE.%s",
			SLICE_ARG(slice_sub(who->host, 0, 256)), s->domain);
		err_sub(err, SERVING_NO_HOST);
		return NULL;
	}
	if (who->name.len && !slice_is(who->name, e->name)) {
		(void)no_model(who->name, err);
		return NULL;
	}
	return e;
}

int serving_hold(struct serving *s, const struct serving_address *who, struct revision **out, struct err *err)
{
	atomic_uint *ticket = grace_enter(&s->grace);
	struct endpoint *e = locate(s, who, err);
	struct revision *r = e ? atomic_load(&e->current) : NULL;
	int rc = -1;
	if (r && r->reason) {
		err_set(err, ERR_UNAVAILABLE, "Model with name %s is not ready.%s%s", r->spec.name,
			*r->reason ? " " : "", r->reason);
	} else if (r && who->version.len && !slice_is(who->version, r->spec.revision)) {
		err_set(err, ERR_NOT_FOUND, "Model with name %s and version %.*s does not exist.", r->spec.name,
			SLICE_ARG(slice_sub(who->version, 0, 256)));
		err_sub(err, SERVING_NO_MODEL);
	} else if (r) {
		revision_hold(r);
		*out = r;
		rc = 0;
	}
	grace_leave(ticket);
	return rc;
}

static int by_name(const void *a, const void *b)
{
	const struct endpoint *const *x = a, *const *y = b;
	int d = strcmp((*x)->name, (*y)->name);
	return d ? d : strcmp((*x)->namespace_, (*y)->namespace_);
}

static bool may_mean(const struct serving_address *who, const struct endpoint *e)
{
	return !*e->component && (!who->namespace_.len || slice_is(who->namespace_, e->namespace_)) &&
	       (!who->name.len || slice_is(who->name, e->name));
}

size_t serving_each(struct serving *s, const struct serving_address *who,
		    void (*fn)(void *ctx, const struct serving_item *item), void *ctx)
{
	static const struct serving_address anybody;
	char text[HOST_BYTES];
	size_t len, n = 0, room = 0;
	if (!who)
		who = &anybody;
	pthread_mutex_lock(&s->lock);
	for (struct endpoint *e = s->endpoints; e; e = e->next)
		room++;
	struct endpoint **list = must(calloc(room + 1, sizeof(struct endpoint *)));
	if (who->host.len) {
		if (host_normal(who->host, text, &len))
			list[0] = index_by_host(atomic_load(&s->index), slice_of(text, len));
		n = list[0] != NULL;
	} else {
		for (struct endpoint *e = s->endpoints; e; e = e->next)
			if (may_mean(who, e))
				list[n++] = e;
		qsort(list, n, sizeof *list, by_name);
	}
	for (size_t i = 0; i < n; i++) {
		const struct revision *r = atomic_load(&list[i]->current); /* stays while the lock is held */
		const struct serving_item item = {list[i]->namespace_, list[i]->name, r->spec.revision, r->reason};
		fn(ctx, &item);
	}
	free(list);
	pthread_mutex_unlock(&s->lock);
	return n;
}
