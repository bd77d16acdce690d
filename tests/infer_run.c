/*
 * Runs models for the conformance tests: commands as JSON lines on stdin, one answer line each on stdout. Numbers travel as
 * raw files in machine order, so that no printing or parsing stands between the library's digits and ours.
 *
 *   {"model": PATH, "method": "predict", "plain": false, "fuse": [PATH, "transform"],   fuse: a transformer in front
 *    "batch": 0, "input": [{"name": "", "dtype": "FP64", "shape": [3, 4], "path": RAW} | {"texts": PATH of a JSON list}],
 *    "output": PATH}                                        batch: rows a call, 0 all
 *   -> {"answers": [{"dtype": "INT64", "shape": [3], "path": RAW or "texts": […]}]} or {"error": TEXT, "code": NAME}
 *   {"model": PATH, "image": FILE}   writes what the loader made of it, the seeds of tests/fuzz/fuzz_graph.c
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/check.h"
#include "base/fs.h"
#include "infer/model_priv.h"

enum { INPUTS_MAX = 256, OUTPUTS_MAX = 16 };

struct job {
	struct arena arena;
	struct tensor in[INPUTS_MAX], out[OUTPUTS_MAX];
	size_t in_n, out_n;
};

static enum dtype dtype_parse(const char *name)
{
	for (int d = DTYPE_BOOL; d <= DTYPE_STRING; d++) {
		if (strcmp(dtype_v2_name((enum dtype)d), name) == 0)
			return (enum dtype)d;
	}
	return DTYPE_NONE;
}

static int read_texts(struct job *job, const char *path, struct tensor *t, struct err *err)
{
	json_error_t error;
	json_t *list = json_load_file(path, JSON_ALLOW_NUL, &error);
	int64_t shape[] = { (int64_t)json_array_size(list) };
	if (!list || tensor_alloc(t, DTYPE_STRING, 1, shape, &job->arena, err) < 0)
		return err_set(err, ERR_INVALID, "%s: %s", path, error.text);
	struct slice *s = t->data;
	for (int64_t i = 0; i < shape[0]; i++) {
		const json_t *item = json_array_get(list, (size_t)i);
		s[i] = arena_dup(&job->arena, slice_of(json_string_value(item), json_string_length(item)));
	}
	json_decref(list);
	return 0;
}

static int read_input(struct job *job, const json_t *spec, struct tensor *t, struct err *err)
{
	const char *name = json_string_value(json_object_get(spec, "name"));
	const char *texts = json_string_value(json_object_get(spec, "texts"));
	if (texts) {
		if (read_texts(job, texts, t, err) < 0)
			return -1;
	} else {
		const json_t *dims = json_object_get(spec, "shape");
		int64_t shape[TENSOR_RANK_MAX] = { 0 };
		for (size_t i = 0; i < json_array_size(dims) && i < TENSOR_RANK_MAX; i++)
			shape[i] = json_integer_value(json_array_get(dims, i));
		const char *dtype = json_string_value(json_object_get(spec, "dtype"));
		const char *path = json_string_value(json_object_get(spec, "path"));
		if (tensor_alloc(t, dtype_parse(dtype ? dtype : ""), (int)json_array_size(dims), shape, &job->arena, err) < 0)
			return -1;
		FILE *f = fopen(path ? path : "", "rb");
		size_t n = (size_t)tensor_count(t), got = f ? fread(t->data, dtype_bytes(t->dtype), n, f) : 0;
		if (f)
			fclose(f);
		if (got != n)
			return err_set(err, ERR_IO, "%s: %zu of %zu numbers", path ? path : "?", got, n);
	}
	if (name)
		t->name = arena_dup(&job->arena, slice_str(name));
	return 0;
}

static int open_model(const json_t *cmd, struct model **out, struct err *err)
{
	struct model_options o = { .plain = json_is_true(json_object_get(cmd, "plain")) };
	const char *path = json_string_value(json_object_get(cmd, "model"));
	const json_t *fuse = json_object_get(cmd, "fuse");
	struct model *second, *first;
	if (model_open(path ? path : "", &o, &second, err) < 0)
		return -1;
	if (!fuse) {
		*out = second;
		return 0;
	}
	const char *front = json_string_value(json_array_get(fuse, 0)), *method = json_string_value(json_array_get(fuse, 1));
	int rc = model_open(front ? front : "", &o, &first, err);
	if (rc == 0) {
		rc = model_fuse(first, model_method_parse(slice_str(method)), second, out, err);
		model_unref(first);
	}
	model_unref(second);
	return rc;
}

static size_t row_bytes(const struct tensor *t)
{
	size_t n = dtype_bytes(t->dtype);
	for (int i = 1; i < t->rank; i++)
		n *= (size_t)t->shape[i];
	return n;
}

/* Runs `batch` rows at a time and joins the answers. */
static int run(struct job *job, const struct model *m, enum model_method method, int64_t batch, struct err *err)
{
	int64_t rows = job->in[0].rank ? job->in[0].shape[0] : 0;
	if (batch <= 0 || batch >= rows)
		return model_run(m, method, job->in, job->in_n, job->out, OUTPUTS_MAX, &job->out_n, &job->arena, err);
	for (int64_t at = 0; at < rows; at += batch) {
		struct tensor in[INPUTS_MAX], out[OUTPUTS_MAX];
		size_t n;
		int64_t some = MIN(batch, rows - at);
		for (size_t i = 0; i < job->in_n; i++) {
			in[i] = job->in[i];
			in[i].shape[0] = some;
			in[i].data = (char *)in[i].data + (size_t)at * row_bytes(&in[i]);
		}
		if (model_run(m, method, in, job->in_n, out, OUTPUTS_MAX, &n, &job->arena, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			if (at == 0) {
				int64_t shape[TENSOR_RANK_MAX];
				memcpy(shape, out[i].shape, sizeof shape);
				shape[0] = rows;
				if (tensor_alloc(&job->out[i], out[i].dtype, out[i].rank, shape, &job->arena, err) < 0)
					return -1;
			}
			memcpy((char *)job->out[i].data + (size_t)at * row_bytes(&out[i]), out[i].data,
			       (size_t)some * row_bytes(&out[i]));
		}
		job->out_n = n;
	}
	return 0;
}

static json_t *answer(const struct tensor *t, const char *path, size_t i)
{
	json_t *shape = json_array(), *a = json_object();
	for (int d = 0; d < t->rank; d++)
		json_array_append_new(shape, json_integer(t->shape[d]));
	json_object_set_new(a, "shape", shape);
	json_object_set_new(a, "dtype", json_string(dtype_v2_name(t->dtype)));
	size_t n = (size_t)tensor_count(t);
	if (t->dtype == DTYPE_STRING) {
		json_t *texts = json_array();
		const struct slice *s = t->data;
		for (size_t j = 0; j < n; j++)
			json_array_append_new(texts, json_stringn(s[j].ptr ? s[j].ptr : "", s[j].len));
		json_object_set_new(a, "texts", texts);
		return a;
	}
	char name[1024];
	(void)snprintf(name, sizeof name, "%s.%zu", path, i);
	FILE *f = fopen(name, "wb");
	if (f) {
		(void)fwrite(t->data, dtype_bytes(t->dtype), n, f);
		fclose(f);
	}
	json_object_set_new(a, "path", json_string(name));
	return a;
}

static json_t *command(const json_t *cmd)
{
	struct err err;
	err_clear(&err);
	struct job *job = calloc(1, sizeof *job);
	struct model *m = NULL;
	const json_t *inputs = json_object_get(cmd, "input");
	const char *method = json_string_value(json_object_get(cmd, "method"));
	const char *image = json_string_value(json_object_get(cmd, "image"));
	const char *output = json_string_value(json_object_get(cmd, "output"));
	arena_init(&job->arena, 1 << 20, (size_t)4 << 30);
	int rc = open_model(cmd, &m, &err);
	for (size_t i = 0; rc == 0 && i < json_array_size(inputs) && i < INPUTS_MAX; i++, job->in_n++)
		rc = read_input(job, json_array_get(inputs, i), &job->in[i], &err);
	if (rc == 0 && image)
		rc = fs_replace(image, slice_of(m->image.base, m->image.len), 0644, &err);
	else if (rc == 0 && method && strcmp(method, "describe") == 0)
		model_describe(m, stderr);
	else if (rc == 0)
		rc = run(job, m, model_method_parse(slice_str(method)),
			 json_integer_value(json_object_get(cmd, "batch")), &err);
	json_t *reply = json_object();
	if (rc < 0) {
		json_object_set_new(reply, "error", json_string(err.message));
		json_object_set_new(reply, "code", json_string(err_info(err.code)->name));
	} else {
		json_t *answers = json_array();
		for (size_t i = 0; i < job->out_n; i++)
			json_array_append_new(answers, answer(&job->out[i], output ? output : "", i));
		json_object_set_new(reply, "answers", answers);
	}
	if (m)
		model_unref(m);
	arena_release(&job->arena);
	free(job);
	return reply;
}

int main(void)
{
	char *line = NULL;
	size_t cap = 0;
	while (getline(&line, &cap, stdin) > 0) {
		json_error_t error;
		json_t *cmd = json_loads(line, 0, &error);
		json_t *reply = cmd ? command(cmd) : json_pack("{s:s}", "error", error.text);
		json_dumpf(reply, stdout, JSON_COMPACT);
		putchar('\n');
		fflush(stdout);
		json_decref(reply);
		json_decref(cmd);
	}
	free(line);
	return 0;
}
