/*
 * Kernels alone: nanoseconds of CPU a row for one model, without a server around it.
 *
 *   infer_bench [--front MODEL] [--method NAME] [--batch N] [--seconds S] [--plain] MODEL (--texts JSON-LIST |
 * --columns K)
 *
 * --texts: a JSON list of strings, or an object with such a list as "documents"; --columns: random rows. --front: a
 * transformer, fused. Prints one line; --batch 1 is what a server sees.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <jansson.h>

#include "base/check.h"
#include "infer/model.h"

enum { RANDOM_ROWS = 1024 };

struct options {
	const char *front, *method, *texts, *model;
	int64_t columns, batch;
	double seconds;
	bool plain;
};

static double cpu_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
	    {"front", 1, NULL, 'f'}, {"method", 1, NULL, 'm'},  {"texts", 1, NULL, 't'}, {"columns", 1, NULL, 'c'},
	    {"batch", 1, NULL, 'b'}, {"seconds", 1, NULL, 's'}, {"plain", 0, NULL, 'p'}, {0},
	};
	*o = (struct options){.method = "default", .batch = 1, .seconds = 2};
	for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
		switch (c) {
		case 'f':
			o->front = optarg;
			break;
		case 'm':
			o->method = optarg;
			break;
		case 't':
			o->texts = optarg;
			break;
		case 'c':
			o->columns = strtoll(optarg, NULL, 10);
			break;
		case 'b':
			o->batch = strtoll(optarg, NULL, 10);
			break;
		case 's':
			o->seconds = strtod(optarg, NULL);
			break;
		case 'p':
			o->plain = true;
			break;
		default:
			return -1;
		}
	}
	o->model = optind + 1 == argc ? argv[optind] : NULL;
	return o->model && o->batch > 0 && (o->texts || o->columns > 0) ? 0 : -1;
}

static int make_input(const struct options *o, struct arena *a, struct tensor *t, struct err *err)
{
	if (!o->texts) {
		int64_t shape[] = {RANDOM_ROWS, o->columns};
		if (tensor_alloc(t, DTYPE_F64, 2, shape, a, err) < 0)
			return -1;
		srand(1);
		for (int64_t i = 0; i < tensor_count(t); i++)
			((double *)t->data)[i] = 6.0 * rand() / RAND_MAX;
		return 0;
	}
	json_error_t error;
	json_t *root = json_load_file(o->texts, JSON_ALLOW_NUL, &error);
	const json_t *list = json_is_object(root) ? json_object_get(root, "documents") : root;
	int64_t shape[] = {(int64_t)json_array_size(list)};
	if (shape[0] == 0)
		return err_set(err, ERR_INVALID, "%s: no texts: %s", o->texts, error.text);
	if (tensor_alloc(t, DTYPE_STRING, 1, shape, a, err) < 0)
		return -1;
	for (int64_t i = 0; i < shape[0]; i++) {
		const json_t *item = json_array_get(list, (size_t)i);
		((struct slice *)t->data)[i] =
		    arena_dup(a, slice_of(json_string_value(item), json_string_length(item)));
	}
	json_decref(root);
	return 0;
}

static int open_all(const struct options *o, struct model **out, struct err *err)
{
	struct model_options how = {.plain = o->plain};
	struct model *front, *model;
	if (model_open(o->model, &how, &model, err) < 0)
		return -1;
	*out = model;
	if (!o->front)
		return 0;
	if (model_open(o->front, &how, &front, err) < 0)
		return -1;
	int rc = model_fuse(front, MODEL_DEFAULT, model, out, err);
	model_unref(front);
	model_unref(model);
	return rc;
}

static int measure(const struct options *o, const struct model *m, const struct tensor *all, struct err *err)
{
	struct arena arena;
	size_t row = dtype_bytes(all->dtype) * (all->rank > 1 ? (size_t)all->shape[1] : 1);
	int64_t rows = 0, calls = 0, at = 0, batch = MIN(o->batch, all->shape[0]);
	arena_init(&arena, 1 << 20, 0);
	double begin = 0, now;
	for (int warm = 1;; warm = 0) {
		begin = cpu_seconds();
		rows = calls = 0;
		double limit = begin + (warm ? 0.2 : o->seconds);
		do {
			struct tensor in = *all, out[4];
			size_t n;
			if (at + batch > all->shape[0])
				at = 0;
			in.shape[0] = batch;
			in.data = (char *)all->data + (size_t)at * row;
			at += batch;
			arena_reset(&arena);
			if (model_run(m, model_method_parse(slice_str(o->method)), &in, 1, out, COUNT_OF(out), &n,
				      &arena, err) < 0)
				return -1;
			rows += batch;
			calls++;
			now = calls % 16 ? begin : cpu_seconds();
		} while (now < limit);
		if (!warm)
			break;
	}
	printf("%s: %.0f ns a row, batch %lld, %s kernels (%lld rows in %.2f s of CPU)\n", model_class(m),
	       (now - begin) * 1e9 / (double)rows, (long long)batch, o->plain ? "plain" : "best", (long long)rows,
	       now - begin);
	arena_release(&arena);
	return 0;
}

int main(int argc, char **argv)
{
	struct options o;
	struct err err;
	struct arena arena;
	struct tensor in;
	struct model *m = NULL;
	if (parse(argc, argv, &o) < 0) {
		fprintf(stderr,
			"usage: infer_bench [--front MODEL] [--method NAME] [--batch N] [--seconds S] [--plain] MODEL "
			"(--texts JSON | --columns K)\n");
		return 2;
	}
	err_clear(&err);
	arena_init(&arena, 1 << 20, (size_t)4 << 30);
	int rc = open_all(&o, &m, &err);
	if (rc == 0)
		rc = make_input(&o, &arena, &in, &err);
	if (rc == 0)
		rc = measure(&o, m, &in, &err);
	if (rc < 0)
		fprintf(stderr, "infer_bench: %s\n", err.message);
	if (m)
		model_unref(m);
	arena_release(&arena);
	return rc < 0;
}
