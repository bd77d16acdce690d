/* Revisions: see revision.h. */
#include "serving/revision.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

struct model_metrics {
	struct model_metrics *next;
	char *name;
	size_t users;
	struct metric_series *seconds[SERVING_PHASES];
};

/* Metric families are the process's, and so is this list of who uses their series. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct model_metrics *all;

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

static struct model_metrics *metrics_hold(const char *name)
{
	static const struct {
		const char *name, *help;
	} rows[SERVING_PHASES] = {
	    [SERVING_PREPROCESS] = {"request_preprocess_seconds", "Time from a request's bytes to tensors."},
	    [SERVING_PREDICT] = {"request_predict_seconds", "Time of running the model."},
	    [SERVING_POSTPROCESS] = {"request_postprocess_seconds", "Time from tensors to the answer's bytes."},
	    [SERVING_EXPLAIN] = {"request_explain_seconds", "Time of explaining."},
	};
	pthread_mutex_lock(&lock);
	struct model_metrics *m = all;
	while (m && strcmp(m->name, name) != 0)
		m = m->next;
	if (!m) {
		m = must(calloc(1, sizeof *m));
		m->name = must(strdup(name));
		for (size_t i = 0; i < COUNT_OF(rows); i++)
			m->seconds[i] =
			    metric_series(metric_family(rows[i].name, METRIC_HISTOGRAM, "model_name", rows[i].help),
					  (const char *const[]){name});
		m->next = all;
		all = m;
	}
	m->users++;
	pthread_mutex_unlock(&lock);
	return m;
}

static void metrics_release(struct model_metrics *m)
{
	pthread_mutex_lock(&lock);
	bool last = --m->users == 0;
	if (last) {
		struct model_metrics **at = &all;
		while (*at != m)
			at = &(*at)->next;
		*at = m->next;
	}
	for (size_t i = 0; last && i < SERVING_PHASES; i++)
		metric_series_drop(m->seconds[i]);
	pthread_mutex_unlock(&lock);
	if (last) {
		free(m->name);
		free(m);
	}
}

struct revision *revision_new(const struct endpoint_spec *spec, const char *reason)
{
	struct revision *r = must(calloc(1, sizeof *r));
	char **hosts = must(calloc(spec->hosts_n + 1, sizeof *hosts));
	for (size_t i = 0; i < spec->hosts_n; i++)
		hosts[i] = must(strdup(spec->hosts[i]));
	r->held = 1;
	r->spec = *spec;
	r->spec.namespace_ = must(strdup(spec->namespace_ ? spec->namespace_ : ""));
	r->spec.name = must(strdup(spec->name));
	r->spec.component = must(strdup(spec->component ? spec->component : ""));
	r->spec.revision = must(strdup(spec->revision ? spec->revision : ""));
	r->spec.hosts = (const char *const *)hosts;
	if (reason) {
		r->reason = must(strdup(reason));
		r->spec.model = r->spec.transformer = r->spec.predictor = NULL;
		return r;
	}
	model_ref(r->spec.model);
	if (r->spec.transformer)
		model_ref(r->spec.transformer);
	if (r->spec.predictor)
		model_ref(r->spec.predictor);
	r->metrics = metrics_hold(spec->name);
	return r;
}

static void revision_free(struct revision *r)
{
	struct model *models[] = {r->spec.model, r->spec.transformer, r->spec.predictor};
	for (size_t i = 0; i < COUNT_OF(models); i++)
		if (models[i])
			model_unref(models[i]);
	if (r->metrics)
		metrics_release(r->metrics);
	for (size_t i = 0; i < r->spec.hosts_n; i++)
		free((char *)r->spec.hosts[i]);
	free((void *)r->spec.hosts);
	free((char *)r->spec.namespace_);
	free((char *)r->spec.name);
	free((char *)r->spec.component);
	free((char *)r->spec.revision);
	free(r->reason);
	free(r);
}

void revision_release(struct revision *r)
{
	if (atomic_fetch_sub_explicit(&r->held, 1, memory_order_acq_rel) == 1)
		revision_free(r);
}

const struct model *revision_model(const struct revision *r)
{
	return r->spec.model;
}

const struct endpoint_spec *revision_spec(const struct revision *r)
{
	return &r->spec;
}

struct metric_series *revision_seconds(const struct revision *r, enum serving_phase phase)
{
	return r->metrics->seconds[phase];
}
