/* Models: an image with a graph and a plan a method, or two models run as one. See model.h. */
#include "infer/model.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/limits.h"
#include "infer/bind.h"
#include "infer/load/load.h"
#include "infer/load/sandbox.h"
#include "infer/model_priv.h"
#include "infer/plan.h"

static const char *const method_names[MODEL_METHODS] = {
    [MODEL_DEFAULT] = "default",
    [MODEL_PREDICT] = "predict",
    [MODEL_PREDICT_PROBA] = "predict_proba",
    [MODEL_PREDICT_LOG_PROBA] = "predict_log_proba",
    [MODEL_DECISION_FUNCTION] = "decision_function",
    [MODEL_TRANSFORM] = "transform",
    [MODEL_SCORE_SAMPLES] = "score_samples",
};

const char *model_method_name(enum model_method method)
{
	return (unsigned)method < MODEL_METHODS ? method_names[method] : "?";
}

enum model_method model_method_parse(struct slice name)
{
	for (int m = 0; m < MODEL_METHODS; m++) {
		if (slice_is(name, method_names[m]))
			return (enum model_method)m;
	}
	return MODEL_METHODS;
}

static void model_free(struct model *m)
{
	for (int i = 1; i < MODEL_METHODS; i++)
		plan_free(m->plans[i]);
	for (size_t i = 0; i < COUNT_OF(m->parts); i++) {
		if (m->parts[i])
			model_unref(m->parts[i]);
	}
	graph_release(&m->graph);
	if (m->image.base)
		image_release(&m->image);
	map_release(&m->places);
	arena_release(&m->arena);
	free(m);
}

void model_ref(struct model *m)
{
	atomic_fetch_add_explicit(&m->refs, 1, memory_order_relaxed);
}

void model_unref(struct model *m)
{
	if (m && atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) == 1)
		model_free(m);
}

static struct model *model_new(void)
{
	struct model *m = calloc(1, sizeof *m);
	if (!m)
		return NULL;
	atomic_init(&m->refs, 1);
	arena_init(&m->arena, 0, (size_t)1 << 30);
	map_init(&m->places);
	return m;
}

/* --- descriptions --- */

static const char *copy_text(struct model *m, struct span s)
{
	char *p = arena_cstr(&m->arena, graph_text(&m->graph, s));
	return p ? p : "";
}

static int describe_input(struct model *m, struct err *err)
{
	const struct graph *g = &m->graph;
	uint32_t n = g->root->columns_n;
	m->input = (struct model_input){.columns = n};
	if (!g->columns)
		return 0;
	static const unsigned char kind_of[COLUMN_KINDS] = {
	    [COLUMN_ANY] = MODEL_COLUMN_UNREAD, [COLUMN_NUMBER] = MODEL_COLUMN_NUMBER, [COLUMN_TEXT] = MODEL_COLUMN_TEXT};
	unsigned char *kinds = arena_alloc(&m->arena, n);
	if (!kinds)
		return err_set(err, ERR_TOO_LARGE, "the model has too many columns");
	for (uint32_t i = 0; i < n; i++) {
		kinds[i] = kind_of[g->columns[i].kind];
		m->input.mixed |= n > 1 && kinds[i] != MODEL_COLUMN_NUMBER;
	}
	m->input.kinds = kinds;
	m->input.text = n == 1 && kinds[0] == MODEL_COLUMN_TEXT;
	if (g->columns[0].name.n == 0)
		return 0;
	const char **names = arena_array(&m->arena, n, sizeof *names);
	if (!names)
		return err_set(err, ERR_TOO_LARGE, "the model has too many feature names");
	for (uint32_t i = 0; i < n; i++) {
		names[i] = copy_text(m, g->columns[i].name);
		map_put(&m->places, slice_str(names[i]), (void *)(uintptr_t)(i + 1));
	}
	m->input.names = names;
	m->input.names_n = n;
	m->input.places = &m->places;
	return 0;
}

static enum model_method default_method(const struct model *m)
{
	static const enum model_method order[] = {MODEL_PREDICT, MODEL_TRANSFORM};
	for (size_t i = 0; i < COUNT_OF(order); i++) {
		if (m->plans[order[i]])
			return order[i];
	}
	return MODEL_DEFAULT;
}

/* --- opening --- */

int model_from_image(struct image *image, enum isa isa, struct model **out, struct err *err)
{
	struct model *m = model_new();
	if (!m) {
		image_release(image);
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	}
	m->image = *image;
	m->isa = isa;
	if (graph_check(&m->image, &m->graph, err) < 0 || describe_input(m, err) < 0)
		goto failed;
	m->format = copy_text(m, m->graph.root->format);
	m->version = copy_text(m, m->graph.root->library);
	m->class_name = copy_text(m, m->graph.root->class_name);
	for (int i = 1; i < MODEL_METHODS; i++) {
		struct plan_stage stage = {&m->graph, (enum model_method)i};
		if (m->graph.root->methods[i].n && plan_build(&stage, 1, isa, &m->plans[i], err) < 0)
			goto failed;
	}
	if ((m->fallback = default_method(m)) == MODEL_DEFAULT) {
		err_set(err, ERR_UNSUPPORTED, "%s neither predicts nor transforms", m->class_name);
		goto failed;
	}
	*out = m;
	return 0;
failed:
	model_free(m);
	return -1;
}

static int load_here(const struct load_source *source, struct image *out, struct err *err)
{
	struct image_writer w;
	if (image_writer_init(&w, -1, (size_t)limits.model_file_bytes, err) < 0)
		return -1;
	if (load_file(source, &w, err) < 0 || image_take(&w, out, err) < 0) {
		image_writer_release(&w);
		return -1;
	}
	return 0;
}

static bool model_extension(const char *name)
{
	static const char *const known[] = {".joblib", ".pkl", ".pickle"};
	for (size_t i = 0; i < COUNT_OF(known); i++) {
		if (slice_ends(slice_str(name), known[i]))
			return true;
	}
	return false;
}

/* The folder's only model.*, else its only file with a known extension. */
static int find_in_folder(int folder, const char *path, char *name, size_t name_bytes, struct err *err)
{
	int fd = dup(folder);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		int failed = errno;
		if (fd >= 0)
			close(fd);
		return err_errno(err, failed, "%s", path);
	}
	int called_model = 0, others = 0;
	char other[256] = "";
	for (struct dirent *e; (e = readdir(dir));) {
		if (e->d_name[0] == '.' || !model_extension(e->d_name))
			continue;
		bool is_model = strncmp(e->d_name, "model.", 6) == 0;
		if (is_model ? called_model++ == 0 : others++ == 0)
			(void)snprintf(is_model ? name : other, is_model ? name_bytes : sizeof other, "%s", e->d_name);
	}
	closedir(dir);
	if (called_model == 1)
		return 0;
	if (called_model == 0 && others == 1) {
		(void)snprintf(name, name_bytes, "%s", other);
		return 0;
	}
	if (called_model + others == 0)
		return err_set(err, ERR_NOT_FOUND, "%s: no model file (.joblib, .pkl, .pickle) in this folder", path);
	return err_set(err, ERR_INVALID, "%s: more than one model file in this folder; name one of them", path);
}

static int open_file(const char *path, int *out, char *name, size_t name_bytes, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_errno(err, errno, "%s", path);
	(void)snprintf(name, name_bytes, "%s", path);
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		char inside[256];
		int found = find_in_folder(fd, path, inside, sizeof inside, err);
		int file = found < 0 ? -1 : openat(fd, inside, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		int failed = errno;
		close(fd);
		if (found < 0)
			return -1;
		if (file < 0)
			return err_errno(err, failed, "%s/%s", path, inside);
		fd = file;
		(void)snprintf(name, name_bytes, "%s", inside);
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(err, ERR_INVALID, "%s is not a regular file", path);
	}
	*out = fd;
	return 0;
}

int model_open(const char *path, const struct model_options *options, struct model **out, struct err *err)
{
	struct model_options o = options ? *options : (struct model_options){0};
	char name[1024];
	int fd = -1;
	if (open_file(path, &fd, name, sizeof name, err) < 0)
		return -1;
	struct load_source source = {.fd = fd, .name = name};
	struct image image = {0};
	bool boxed = o.sandbox && sandbox_running();
	int rc = boxed ? sandbox_load(&source, o.deadline_ms, &image, err) : load_here(&source, &image, err);
	close(fd);
	if (rc < 0 || model_from_image(&image, o.plain ? ISA_PLAIN : isa_detect(), out, err) < 0) {
		struct stat st;
		bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
		return err_wrap(err, "%s%s%s", path, folder ? "/" : "", folder ? name : "");
	}
	(*out)->boxed = boxed;
	return 0;
}

int model_fuse(struct model *first, enum model_method method, struct model *second, struct model **out, struct err *err)
{
	if (first->parts[0] || second->parts[0])
		return err_set(err, ERR_UNSUPPORTED, "a fused model cannot be fused again");
	if (method == MODEL_DEFAULT)
		method = first->fallback;
	struct model *m = model_new();
	if (!m)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	model_ref(first);
	model_ref(second);
	m->parts[0] = first;
	m->parts[1] = second;
	m->isa = first->isa;
	m->input = first->input;
	m->format = second->format;
	m->version = second->version;
	m->class_name = second->class_name;
	m->boxed = first->boxed && second->boxed;
	m->first_method = method;
	for (int i = 1; i < MODEL_METHODS; i++) {
		struct plan_stage stages[] = {{&first->graph, method}, {&second->graph, (enum model_method)i}};
		if (second->plans[i] && plan_build(stages, 2, m->isa, &m->plans[i], err) < 0) {
			model_free(m);
			return -1;
		}
	}
	m->fallback = second->fallback;
	*out = m;
	return 0;
}

/* --- asking --- */

bool model_has(const struct model *m, enum model_method method)
{
	return method == MODEL_DEFAULT || ((unsigned)method < MODEL_METHODS && m->plans[method]);
}

const struct model_input *model_input(const struct model *m)
{
	return &m->input;
}

const char *model_format(const struct model *m)
{
	return m->format;
}

const char *model_version(const struct model *m)
{
	return m->version;
}

const char *model_class(const struct model *m)
{
	return m->class_name;
}

int64_t model_cost_ns(const struct model *m)
{
	double ns = plan_cost_ns(m->plans[m->fallback]);
	return ns < 1e15 ? (int64_t)ns : (int64_t)1e15;
}

size_t model_bytes(const struct model *m)
{
	return m->parts[0] ? m->parts[0]->image.len + m->parts[1]->image.len : m->image.len;
}

/* --- running --- */

int model_run(const struct model *m, enum model_method method, const struct tensor *in, size_t in_n, struct tensor *out,
	      size_t out_max, size_t *out_n, struct arena *arena, struct err *err)
{
	if (method == MODEL_DEFAULT)
		method = m->fallback;
	if ((unsigned)method >= MODEL_METHODS || !m->plans[method])
		return err_set(err, ERR_UNSUPPORTED, "%s has no %s", m->class_name, model_method_name(method));
	const struct plan *plan = m->plans[method];
	const struct graph *g = m->parts[0] ? &m->parts[0]->graph : &m->graph;
	struct feed feed;
	if (bind_input(g, in, in_n, arena, &feed, err) < 0)
		return -1;
	size_t n = plan_outputs(plan);
	if (n > out_max)
		return err_set(err, ERR_UNSUPPORTED, "%s.%s has %zu answers, more than can be given here",
			       m->class_name, model_method_name(method), n);
	struct tensor made[MODEL_OUTPUTS_MAX];
	if (n > COUNT_OF(made))
		return err_set(err, ERR_UNSUPPORTED, "%s.%s has more than %d answers", m->class_name,
			       model_method_name(method), MODEL_OUTPUTS_MAX);
	for (size_t i = 0; i < n; i++) {
		struct graph_type t = plan_output_type(plan, i);
		int64_t shape[] = {(int64_t)feed.rows, t.columns};
		if (tensor_alloc(&made[i], t.dtype, t.vector ? 1 : 2, shape, arena, err) < 0)
			return -1;
	}
	if (plan_run(plan, &feed, made, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		out[i] = made[i];
	*out_n = n;
	return 0;
}
