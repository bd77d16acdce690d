/* The pickle machine on files that Python and joblib wrote (tests/fixtures/make_pickles.py), and on bytes that nobody
 * would write but an attacker. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/fs.h"
#include "base/limits.h"
#include "infer/load/load.h"

#define PICKLES TEST_DATA_DIR "/fixtures/pickles/"

static const char *const values_files[] = {
	"values.p0.pkl",      "values.p1.pkl",	    "values.p2.pkl",	  "values.p3.pkl",     "values.p4.pkl",
	"values.p5.pkl",      "values.p0.joblib",   "values.p1.joblib",	  "values.p2.joblib",  "values.p3.joblib",
	"values.p4.joblib",   "values.p5.joblib",   "values.zlib.joblib", "values.gzip.joblib", "values.bz2.joblib",
	"values.lzma.joblib", "values.xz.joblib",   "values.lz4.joblib",
};
static const char *const model_files[] = {
	"kmeans.p0.pkl",      "kmeans.p1.pkl",	    "kmeans.p2.pkl",	 "kmeans.p3.pkl",      "kmeans.p4.pkl",
	"kmeans.p5.pkl",      "kmeans.zlib.joblib", "kmeans.gzip.joblib", "kmeans.bz2.joblib", "kmeans.lzma.joblib",
	"kmeans.xz.joblib",   "kmeans.lz4.joblib",
};

struct file {
	char *text;
	size_t len;
	struct arena arena;
	struct py *root;
};

static void file_read(struct file *f, const char *name)
{
	char path[512];
	struct err err = { 0 };
	(void)snprintf(path, sizeof path, PICKLES "%s", name);
	if (fs_slurp(path, 1 << 20, &f->text, &f->len, &err) < 0)
		fail_msg("%s", err.message);
	arena_init(&f->arena, 0, (size_t)1 << 30);
	f->root = NULL;
}

static void file_load(struct file *f, const char *name)
{
	struct err err = { 0 };
	file_read(f, name);
	if (load_pickle(slice_of(f->text, f->len), &f->arena, &f->root, &err) < 0)
		fail_msg("%s: %s", name, err.message);
}

static void file_release(struct file *f)
{
	arena_release(&f->arena);
	free(f->text);
}

/* --- what is in the files --- */

static void check_plain(const struct py *v)
{
	int64_t n;
	double x;
	struct slice s;
	assert_int_equal(py_get(v, "none")->kind, PY_NONE);
	assert_true(py_get(v, "true")->kind == PY_BOOL && py_get(v, "true")->num == 1);
	assert_true(py_get(v, "false")->kind == PY_BOOL && py_get(v, "false")->num == 0);
	assert_true(py_i64(v, "int", &n, NULL) == 0 && n == 7);
	assert_true(py_i64(v, "negative", &n, NULL) == 0 && n == -70000);
	assert_true(py_i64(v, "int64", &n, NULL) == 0 && n == (int64_t)1 << 62);
	const struct py *big = py_get(v, "big"), *small = py_get(v, "big_negative");
	assert_true(big->kind == PY_BIGINT && big->bytes.len == 13 && big->bytes.ptr[12] == 16 && big->bytes.ptr[0] == 0);
	assert_true(small->kind == PY_BIGINT && small->bytes.len == 9 && (uint8_t)small->bytes.ptr[8] == 0xc0);
	assert_true(py_f64(v, "float", &x, NULL) == 0 && x == 1.5);
	assert_true(py_f64(v, "inf", &x, NULL) == 0 && isinf(x) && x > 0);
	assert_true(py_str(v, "text", &s, NULL) == 0 && slice_is(s, "h\u00e9llo \u4e16 \U0001f600\n\\"));
	assert_true(py_get(v, "bytes")->kind == PY_BYTES);
	assert_true(slice_eq(py_get(v, "bytes")->bytes, slice_of("\x00\xff'\"\n", 5)));
	assert_true(py_get(v, "bytearray")->kind == PY_BYTES && slice_is(py_get(v, "bytearray")->bytes, "abc"));
}

static void check_containers(const struct py *v)
{
	const struct py *list = py_get(v, "list"), *shared = py_get(v, "shared"), *empty = py_get(v, "empty");
	assert_true(list->kind == PY_LIST && list->seq.n == 2 && list->seq.items[1]->num == 2);
	assert_true(shared->kind == PY_TUPLE && shared->seq.items[0] == list && shared->seq.items[1] == list);
	static const enum py_kind kinds[] = { PY_LIST, PY_TUPLE, PY_DICT, PY_SET };
	for (size_t i = 0; i < 4; i++)
		assert_true(empty->seq.items[i]->kind == kinds[i]);
	assert_true(py_get(v, "set")->kind == PY_SET && py_get(v, "set")->seq.items[0]->num == 5);
	assert_true(py_get(v, "frozenset")->kind == PY_SET && py_get(v, "frozenset")->seq.items[0]->num == 6);
	const struct py *ordered = py_get(v, "ordered");
	assert_true(ordered->kind == PY_DICT && ordered->dict.n == 2 && py_is_str(ordered->dict.pairs[0].key, "b"));
	assert_int_equal(py_get(py_get(v, "default"), "k")->num, 3);
	assert_int_equal(py_get(py_get(v, "bunch"), "x")->num, 4);
	const struct py *slice = py_get(v, "slice");
	assert_true(slice->kind == PY_OBJECT && slice->object.args->seq.n == 3 && slice->object.args->seq.items[1]->num == 9);
	assert_true(py_get(v, "complex")->kind == PY_OBJECT && py_get(v, "range")->kind == PY_OBJECT);
	assert_true(py_is(py_get(v, "type"), "numpy", "float64") && py_get(v, "type")->kind == PY_GLOBAL);
	assert_true(py_is(py_get(v, "sparse"), "scipy.sparse", "csr_matrix"));
	assert_int_equal(py_get(py_get(v, "sparse"), "indptr")->array->count, 4);
	assert_int_equal(py_get(v, "random")->kind, PY_OBJECT);
	assert_int_equal(py_get(v, "generator")->kind, PY_OBJECT);
}

static void check_f64(struct file *f, const char *name, const double *want, int64_t n, int64_t rows)
{
	const struct py *v = py_get(f->root, name);
	const double *got;
	int64_t count = 0;
	assert_true(v->kind == PY_ARRAY && py_array_f64(v, &f->arena, &got, &count));
	assert_int_equal(count, n);
	assert_int_equal(v->array->shape[0], rows);
	assert_false(v->array->dtype->swapped);
	for (int64_t i = 0; i < n; i++)
		if (got[i] != want[i])
			fail_msg("%s[%lld] is %g, not %g", name, (long long)i, got[i], want[i]);
}

static void check_strings(struct file *f, const char *name, const char *first, const char *second)
{
	struct slice *s;
	size_t n;
	assert_true(py_strings(py_get(f->root, name), &f->arena, &s, &n));
	assert_int_equal(n, 2);
	assert_true(slice_is(s[0], first) && slice_is(s[1], second));
}

static void check_arrays(struct file *f)
{
	static const double six[] = { 0, 1, 2, 3, 4, 5 }, half[] = { 0.5, -2, 65504, 0x1p-24 }, two[] = { 1, 0 },
			    signs[] = { -1, 2 }, large[] = { 0x1p63, 1 };
	check_f64(f, "f8", six, 6, 2);
	check_f64(f, "big_endian", six, 4, 4);
	check_f64(f, "column_major", six, 6, 2);
	check_f64(f, "f2", half, 4, 4);
	check_f64(f, "bool", two, 2, 2);
	check_f64(f, "i1", signs, 2, 2);
	check_f64(f, "u8", large, 2, 2);
	check_f64(f, "empty_array", six, 0, 0);
	assert_int_equal(py_get(f->root, "rank0")->array->rank, 0);
	check_strings(f, "strings", "\u00e9", "bb");
	check_strings(f, "strings_big_endian", "\u00e9", "bb");
	check_strings(f, "fixed_bytes", "a", "bcd");
	const struct py *objects = py_get(f->root, "objects"), *columns = py_get(f->root, "objects_column_major");
	assert_true(objects->array->count == 3 && py_is_str(objects->array->items[0], "a") &&
		    py_is_none(objects->array->items[1]) && objects->array->items[2]->real == 2.5);
	for (int i = 0; i < 6; i++)
		assert_true(columns->array->items[i]->bytes.ptr[0] == 'a' + i);
	double x;
	int64_t n;
	assert_true(py_get(f->root, "scalar_f4")->kind == PY_SCALAR && py_f64(f->root, "scalar_f4", &x, NULL) == 0 && x == 3.5);
	assert_true(py_i64(f->root, "scalar_i8", &n, NULL) == 0 && n == -9);
	bool b;
	assert_true(py_bool(f->root, "scalar_bool", &b, NULL) == 0 && b);
	assert_true(py_get(f->root, "dtype")->dtype->kind == 'f' && py_get(f->root, "dtype")->dtype->bytes == 4);
}

static void check_record(const struct py *v)
{
	const struct py_array *a = py_get(v, "record")->array;
	assert_true(a->dtype->kind == 'V' && a->dtype->bytes == 16 && a->dtype->fields_n == 2 && a->count == 1);
	assert_string_equal(a->dtype->fields[0].name, "left");
	int64_t left;
	double value;
	memcpy(&left, a->data.ptr + a->dtype->fields[0].offset, 8);
	memcpy(&value, a->data.ptr + a->dtype->fields[1].offset, 8);
	assert_true(left == 1 && value == 2.5);
}

static void every_protocol_and_codec_gives_the_same_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(values_files); i++) {
		struct file f;
		file_load(&f, values_files[i]);
		check_plain(f.root);
		check_containers(f.root);
		check_arrays(&f);
		check_record(f.root);
		file_release(&f);
	}
}

static void a_model_is_an_object_with_attributes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(model_files); i++) {
		struct file f;
		struct slice version;
		file_load(&f, model_files[i]);
		assert_true(py_is(f.root, "sklearn.cluster", "KMeans"));
		assert_false(py_is(f.root, "sklearn.clust", "KMeans"));
		assert_true(py_str(f.root, "_sklearn_version", &version, NULL) == 0 && slice_is(version, "1.7.2"));
		assert_string_equal(py_describe(py_get(f.root, "cluster_centers_"), &f.arena),
				    "numpy.ndarray of float64 [2, 2]");
		file_release(&f);
	}
}

static void absent_and_wrong_attributes_are_named(void **state)
{
	(void)state;
	struct file f;
	struct err err = { 0 };
	int64_t n = 5;
	file_load(&f, model_files[0]);
	assert_int_equal(py_i64(f.root, "nothing_", &n, &err), -1);
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	assert_non_null(strstr(err.message, "KMeans has no attribute nothing_"));
	assert_int_equal(py_i64(f.root, "cluster_centers_", &n, &err), -1);
	assert_non_null(strstr(err.message, "KMeans.cluster_centers_ is numpy.ndarray of float64 [2, 2], not an integer"));
	assert_int_equal(n, 5);
	file_release(&f);
}

/* --- cut off and damaged --- */

static void a_file_cut_at_any_byte_is_an_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(model_files); i++) {
		struct file f;
		file_read(&f, model_files[i]);
		for (size_t n = 0; n < f.len; n++) {
			struct err err = { 0 };
			/* A copy of exactly n bytes, so that a sanitizer sees a read past the end. */
			char *cut = malloc(n ? n : 1);
			memcpy(cut, f.text, n);
			int rc = load_pickle(slice_of(cut, n), &f.arena, &f.root, &err);
			free(cut);
			if (rc == 0 || err.code != ERR_MALFORMED || !err.message[0])
				fail_msg("%s cut at %zu: %s", model_files[i], n, err.message);
			arena_reset(&f.arena);
		}
		file_release(&f);
	}
}

static void a_damaged_file_is_no_crash(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(model_files); i++) {
		struct file f;
		file_read(&f, model_files[i]);
		for (size_t at = 0; at < f.len; at++) {
			struct err err = { 0 };
			char before = f.text[at];
			f.text[at] = (char)(before ^ (1 << (at % 8)));
			int rc = load_pickle(slice_of(f.text, f.len), &f.arena, &f.root, &err);
			assert_true(rc == 0 || err.message[0]);
			f.text[at] = before;
			arena_reset(&f.arena);
		}
		file_release(&f);
	}
}

/* --- refusals --- */

struct hostile {
	const char *name;
	struct slice bytes;
	enum err_code code;
	const char *says;
};

#define BYTES(s) { .ptr = (s), .len = sizeof(s) - 1 }

static const struct hostile hostile[] = {
	{ "GLOBAL", BYTES("cos\nsystem\n(S'x'\ntR."), ERR_FORBIDDEN, "os.system" },
	{ "STACK_GLOBAL", BYTES("\x80\x04\x8c\x05posix\x8c\x06system\x93."), ERR_FORBIDDEN, "posix.system" },
	{ "INST", BYTES("(S'x'\nios\nsystem\n."), ERR_FORBIDDEN, "os.system" },
	{ "dotted name", BYTES("\x80\x04\x8c\x05numpy\x8c\x0f" "f2py.os.system_\x93."), ERR_FORBIDDEN, "numpy.f2py.os" },
	{ "function of an allowed package", BYTES("csklearn.utils\ncheck_array\n."), ERR_FORBIDDEN, "sklearn.utils.check_array" },
	{ "calling a metric", BYTES("csklearn.metrics._classification\nf1_score\n(tR."), ERR_FORBIDDEN, "f1_score may be mentioned but not called" },
	{ "instance of a metric", BYTES("\x80\x02" "csklearn.metrics\nf1_score\n)\x81."), ERR_FORBIDDEN, "may not have instances" },
	{ "dotted name of a metric", BYTES("\x80\x04\x8c\x0fsklearn.metrics\x8c\x0d" "f1_score.call\x93."), ERR_FORBIDDEN, "f1_score.call" },
	{ "metrics' look-alike", BYTES("csklearn.metrics_evil\nf1_score\n."), ERR_FORBIDDEN, "sklearn.metrics_evil.f1_score" },
	{ "look-alike package", BYTES("csklearn.utils_evil\nThing\n."), ERR_FORBIDDEN, "sklearn.utils_evil.Thing" },
	{ "custom class", BYTES("c__main__\nMine\n."), ERR_FORBIDDEN, "__main__.Mine" },
	{ "getattr", BYTES("cbuiltins\ngetattr\n."), ERR_FORBIDDEN, "builtins.getattr" },
	{ "calling a type", BYTES("cnumpy\nfloat64\n(tR."), ERR_FORBIDDEN, "numpy.float64 may be mentioned but not called" },
	{ "calling a value", BYTES("S'os.system'\n(tR."), ERR_FORBIDDEN, "str is no name" },
	{ "instance of a type", BYTES("\x80\x02" "cbuiltins\nint\n)\x81."), ERR_FORBIDDEN, "builtins.int may not have instances" },
	{ "persistent id", BYTES("Pabc\n."), ERR_FORBIDDEN, "persistent id" },
	{ "persistent id of the stack", BYTES("\x80\x02NQ."), ERR_FORBIDDEN, "persistent id" },
	{ "extension", BYTES("\x80\x02\x82\x01."), ERR_FORBIDDEN, "extension code 1" },
	{ "extension of four bytes", BYTES("\x80\x02\x84\x01\x02\x03\x04."), ERR_FORBIDDEN, "extension code 67305985" },
	{ "out-of-band buffer", BYTES("\x80\x05\x97."), ERR_FORBIDDEN, "out-of-band" },
	{ "state of a class", BYTES("cbuiltins\nint\n}b."), ERR_FORBIDDEN, "no state" },
	{ "state of a list", BYTES("]}b."), ERR_FORBIDDEN, "no state" },
	{ "another codec", BYTES("c_codecs\nencode\n(Vx\nVrot13\ntR."), ERR_FORBIDDEN, "latin1" },
	{ "reconstructor on a type", BYTES("ccopy_reg\n_reconstructor\n(cbuiltins\nint\ncbuiltins\nint\nI1\ntR."), ERR_FORBIDDEN,
	  "built on" },
	{ "keywords", BYTES("\x80\x04" "csklearn.base\nBaseEstimator\n)}S'a'\nI1\ns\x92."), ERR_FORBIDDEN, "keyword" },
	{ "protocol 6", BYTES("\x80\x06N."), ERR_UNSUPPORTED, "protocol 6" },
	{ "protocol in the middle", BYTES("N\x80\x02."), ERR_MALFORMED, "middle" },
	{ "no opcode", BYTES("\xff."), ERR_MALFORMED, "0xff" },
	{ "empty stack", BYTES("a."), ERR_MALFORMED, "empty" },
	{ "no mark", BYTES("t."), ERR_MALFORMED, "no mark" },
	{ "below the mark", BYTES("N(s."), ERR_MALFORMED, "empty" },
	{ "tuple over the mark", BYTES("N(N\x86."), ERR_MALFORMED, "fewer than 2" },
	{ "values left", BYTES("NN."), ERR_MALFORMED, "left on the stack" },
	{ "mark left", BYTES("(N."), ERR_MALFORMED, "left on the stack" },
	{ "trailing data", BYTES("N.N"), ERR_MALFORMED, "more data follows" },
	{ "append to a dict", BYTES("}Na."), ERR_MALFORMED, "items for dict" },
	{ "keys for a list", BYTES("]NNs."), ERR_MALFORMED, "keys for list" },
	{ "list as a key", BYTES("}]Ns."), ERR_MALFORMED, "key of a dict" },
	{ "odd keys", BYTES("(N(d."), ERR_MALFORMED, NULL },
	{ "key without value", BYTES("(Nd."), ERR_MALFORMED, "without a value" },
	{ "memo never written", BYTES("g5\n."), ERR_MALFORMED, "never written" },
	{ "memo far away", BYTES("Nr\xff\xff\xff\x7f."), ERR_MALFORMED, "memo entry 2147483647" },
	{ "memo beyond the limit", BYTES("Nr\xff\xff\xff\xff."), ERR_MALFORMED, "memo entry 4294967295" },
	{ "frame too long", BYTES("\x80\x04\x95\xff\x00\x00\x00\x00\x00\x00\x00N."), ERR_MALFORMED, "longer than the file" },
	{ "frame of 2^63", BYTES("\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xffN."), ERR_MALFORMED, "longer than the file" },
	{ "frame in a frame", BYTES("\x80\x04\x95\x0c\x00\x00\x00\x00\x00\x00\x00\x95\x02\x00\x00\x00\x00\x00\x00\x00NNN0."),
	  ERR_MALFORMED, "frame" },
	{ "frame that cuts a string", BYTES("\x80\x04\x95\x03\x00\x00\x00\x00\x00\x00\x00\x8c\x04" "abcd."), ERR_MALFORMED,
	  "crosses the end of a frame" },
	{ "bytes of 2^64-1", BYTES("\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xffx."), ERR_MALFORMED, NULL },
	{ "bytes of 2^62", BYTES("\x80\x04\x8e\x00\x00\x00\x00\x00\x00\x00\x40x."), ERR_MALFORMED, "ends" },
	{ "text of 4 GiB", BYTES("X\xff\xff\xff\xffx."), ERR_MALFORMED, "ends" },
	{ "string of negative length", BYTES("T\xff\xff\xff\xffx."), ERR_MALFORMED, "below zero" },
	{ "long of negative length", BYTES("\x80\x02\x8b\xff\xff\xff\xffx."), ERR_MALFORMED, "below zero" },
	{ "surrogate", BYTES("X\x03\x00\x00\x00\xed\xa0\x80."), ERR_MALFORMED, "UTF-8" },
	{ "escaped surrogate", BYTES("V\\ud800\n."), ERR_MALFORMED, "Unicode" },
	{ "broken escape", BYTES("V\\u12\n."), ERR_MALFORMED, "escape" },
	{ "string without quotes", BYTES("Sabc\n."), ERR_MALFORMED, "quotes" },
	{ "text as a number", BYTES("Iabc\n."), ERR_MALFORMED, "integer" },
	{ "hexadecimal float", BYTES("F0x1p3\n."), ERR_MALFORMED, "number" },
	{ "list in itself", BYTES("]q\x00h\x00" "a."), ERR_MALFORMED, "contains itself" },
	{ "dict in itself", BYTES("}q\x00N\x68\x00s."), ERR_MALFORMED, "contains itself" },
	{ "dtype unknown", BYTES("cnumpy\ndtype\n(S'q9'\ntR."), ERR_UNSUPPORTED, "dtype" },
	{ "dtype of a NUL", BYTES("\x80\x02" "cnumpy\ndtype\n(X\x02\x00\x00\x00\x00" "8tR."), ERR_UNSUPPORTED, "dtype" },
	{ "zip", BYTES("PK\x03\x04zip"), ERR_UNSUPPORTED, "zip archive" },
	{ "npy", BYTES("\x93NUMPY\x01"), ERR_UNSUPPORTED, "npy" },
	{ "joblib before 0.10", BYTES("ZF0x1"), ERR_UNSUPPORTED, "before 0.10" },
	{ "empty", BYTES(""), ERR_MALFORMED, "empty" },
	{ "html", BYTES("<html>"), ERR_MALFORMED, "0x3c" },
};

static void what_an_attacker_writes_is_refused_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(hostile); i++) {
		const struct hostile *h = &hostile[i];
		struct err err = { 0 };
		struct arena a;
		struct py *root = NULL;
		char *copy = malloc(h->bytes.len ? h->bytes.len : 1);
		memcpy(copy, h->bytes.ptr, h->bytes.len);
		arena_init(&a, 0, 1 << 24);
		int rc = load_pickle(slice_of(copy, h->bytes.len), &a, &root, &err);
		if (rc == 0 || root)
			fail_msg("%s was accepted", h->name);
		if (err.code != h->code || (h->says && !strstr(err.message, h->says)))
			fail_msg("%s: %s %s", h->name, err_info(err.code)->name, err.message);
		arena_release(&a);
		free(copy);
	}
}

static int load_bytes(const struct buf *b, size_t arena_max, struct err *err)
{
	struct arena a;
	struct py *root;
	arena_init(&a, 0, arena_max);
	int rc = load_pickle(buf_view(b), &a, &root, err);
	arena_release(&a);
	return rc;
}

static void nesting_is_bounded(void **state)
{
	(void)state;
	static const struct {
		const char *open, *close;
		int n;
		enum err_code code;
	} cases[] = {
		{ "]", "a", 500, ERR_OK },	   { "]", "a", 100000, ERR_TOO_LARGE },
		{ "(", "t", 400, ERR_OK },	   { "(", "t", 100000, ERR_TOO_LARGE },
		{ "", "\x85", 100000, ERR_TOO_LARGE },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct buf b;
		struct err err = { 0 };
		buf_init(&b, 1 << 20);
		for (int k = 0; k < cases[i].n; k++)
			buf_str(&b, cases[i].open);
		buf_str(&b, cases[i].close[0] == 'a' ? "" : "N");
		for (int k = cases[i].close[0] == 'a' ? 1 : 0; k < cases[i].n; k++)
			buf_str(&b, cases[i].close);
		buf_str(&b, ".");
		(void)load_bytes(&b, 64 << 20, &err);
		if (err.code != cases[i].code)
			fail_msg("case %zu: %s", i, err.message);
		buf_release(&b);
	}
}

static void values_shared_into_a_huge_tree_are_refused(void **state)
{
	(void)state;
	struct buf b;
	struct err err = { 0 };
	buf_init(&b, 1 << 20);
	buf_str(&b, "N");
	for (int i = 0; i < 60; i++)
		buf_str(&b, "2\x86"); /* (x, x) of the x before */
	buf_str(&b, ".");
	assert_int_equal(load_bytes(&b, 64 << 20, &err), -1);
	assert_int_equal(err.code, ERR_TOO_LARGE);
	assert_non_null(strstr(err.message, "written out"));
	buf_release(&b);
}

/* What a byte of file costs in memory is bounded whatever the opcodes: 16 MiB of them come out of a few KiB here. */
static void bombs_of_structure_are_refused(void **state)
{
	(void)state;
	static const char *const units[] = { "]", "}", "\x8f", ")\x85", "N2\x86", "N\x94", "N", "G12345678", "](e" };
	for (size_t i = 0; i < COUNT_OF(units); i++) {
		struct buf b, packed;
		struct err err = { 0 };
		buf_init(&b, 32 << 20);
		buf_init(&packed, 1 << 20);
		buf_str(&b, "\x80\x04");
		while (b.len < 16 << 20)
			buf_str(&b, units[i]);
		uLongf n = 1 << 19;
		assert_int_equal(compress2((Bytef *)buf_reserve(&packed, n), &n, (const Bytef *)b.ptr, b.len, 9), Z_OK);
		packed.len = n;
		assert_int_equal(load_bytes(&packed, (size_t)1 << 30, &err), -1);
		if (err.code != ERR_TOO_LARGE || !strstr(err.message, "structure"))
			fail_msg("unit %zu: %s", i, err.message);
		buf_release(&b);
		buf_release(&packed);
	}
}

static void copying_the_same_bytes_again_and_again_is_refused(void **state)
{
	(void)state;
	struct buf b;
	struct err err = { 0 };
	buf_init(&b, 8 << 20);
	buf_str(&b, "c_codecs\nencode\np0\n0V");
	for (int i = 0; i < 1 << 20; i++)
		buf_char(&b, 'x');
	buf_str(&b, "\np1\n0Vlatin1\np2\n0]");
	for (int i = 0; i < 1000; i++)
		buf_str(&b, "g0\n(g1\ng2\ntRa");
	buf_str(&b, ".");
	assert_int_equal(load_bytes(&b, (size_t)1 << 32, &err), -1);
	assert_int_equal(err.code, ERR_TOO_LARGE);
	assert_non_null(strstr(err.message, "copies the same bytes"));
	buf_release(&b);
}

/* --- arrays that lie --- */

/* numpy's array of `shape` (a pickle fragment that leaves a tuple) and dtype `text`, of the bytes given. */
static int load_array(const char *shape, const char *dtype, const char *dtype_state, const char *data, struct err *err)
{
	struct buf b;
	buf_init(&b, 1 << 16);
	buf_printf(&b, "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n%scnumpy\ndtype\n(S'%s'\n"
		       "I0\nI1\ntR%sI00\n%stb.",
		   shape, dtype, dtype_state, data);
	int rc = load_bytes(&b, 1 << 24, err);
	buf_release(&b);
	return rc;
}

#define PLAIN "(I3\nS'<'\nNNNI-1\nI-1\nI0\ntb"
#define FIELD(name, kind, offset) "S'" name "'\n(cnumpy\ndtype\n(S'" kind "'\nI0\nI1\ntRI" offset "\nts"

static void shape_dtype_and_data_must_agree(void **state)
{
	(void)state;
	static const struct {
		const char *shape, *dtype, *state, *data, *says; /* says NULL: fine */
	} cases[] = {
		{ "(I1\nt", "f8", PLAIN, "S'12345678'\n", NULL },
		{ "(I2\nt", "f8", PLAIN, "S'12345678'\n", "another length" },
		{ "(I-1\nt", "f8", PLAIN, "S'12345678'\n", "no size" },
		{ "(I-1\nI-1\nt", "f8", PLAIN, "S'12345678'\n", "no size" },
		{ "(I4294967296\nI4294967296\nt", "f8", PLAIN, "S''\n", "more items" },
		{ "(I2305843009213693952\nt", "f8", PLAIN, "S''\n", "more bytes" },
		{ "(I4611686018427387904\nI0\nt", "f8", PLAIN, "S''\n", NULL },
		{ "(I9223372036854775807\nt", "S0", PLAIN, "S''\n", "no bytes" },
		{ "(I1\nI1\nI1\nI1\nI1\nI1\nI1\nI1\nI1\nt", "f8", PLAIN, "S'12345678'\n", "dimensions" },
		{ "N", "f8", PLAIN, "S'12345678'\n", "shape" },
		{ "(S'a'\nt", "f8", PLAIN, "S'12345678'\n", "no size" },
		{ "(I1\nt", "O8", PLAIN, "S'12345678'\n", "another length" },
		{ "(I2\nt", "O8", PLAIN, "(I1\nl", "another length" },
		{ "(I2\nt", "O8", PLAIN, "(I1\nS'a'\nl", NULL },
		{ "(I1\nt", "f3", PLAIN, "S'123'\n", "dtype" },
		{ "(I1\nt", "f8", "(I3\nS'<'\nNNNI4\nI-1\nI0\ntb", "S'1234'\n", "4 bytes" },
		{ "(I1\nt", "f8", "(I9\nS'<'\nNNNI-1\nI-1\nI0\ntb", "S'12345678'\n", "version 9" },
		{ "(I1\nt", "f8", "(I3\nS'<'\n(Nt(I1\ntNI-1\nI-1\nI0\ntb", "S'12345678'\n", "sub-arrays" },
		{ "(I1\nt", "V16", "(I3\nS'|'\nN(S'a'\nS'b'\nt(d" FIELD("a", "f8", "0") FIELD("b", "f8", "8") "I16\nI1\nI0\ntb",
		  "S'1234567812345678'\n", NULL },
		{ "(I1\nt", "V16", "(I3\nS'|'\nN(S'a'\nS'b'\nt(d" FIELD("a", "f8", "0") FIELD("b", "f8", "4") "I16\nI1\nI0\ntb",
		  "S'1234567812345678'\n", "overlap" },
		{ "(I1\nt", "V16", "(I3\nS'|'\nN(S'a'\nt(d" FIELD("a", "f8", "12") "I16\nI1\nI0\ntb", "S'1234567812345678'\n",
		  "offset 12" },
		{ "(I1\nt", "V16", "(I3\nS'|'\nN(S'a'\nt(d" FIELD("a", "f8", "-8") "I16\nI1\nI0\ntb", "S'1234567812345678'\n",
		  "offset -8" },
		{ "(I1\nt", "V16", "(I3\nS'|'\nN(S'a'\nt(d" FIELD("a", "O8", "0") "I16\nI1\nI0\ntb", "S'1234567812345678'\n",
		  "objects in it" },
		{ "(I1\nt", "V16", "(I3\nS'|'\nN(S'a'\nS'z'\nt(d" FIELD("a", "f8", "0") "I16\nI1\nI0\ntb",
		  "S'1234567812345678'\n", "field" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct err err = { 0 };
		int rc = load_array(cases[i].shape, cases[i].dtype, cases[i].state, cases[i].data, &err);
		if ((rc == 0) != !cases[i].says)
			fail_msg("case %zu: %s", i, rc ? err.message : "accepted");
		if (cases[i].says && !strstr(err.message, cases[i].says))
			fail_msg("case %zu: %s", i, err.message);
	}
}

static void a_pandas_index_is_its_array(void **state)
{
	(void)state;
	static const struct {
		struct slice bytes;
		const char *says;
	} cases[] = {
#define INDEX(data) "cpandas.core.indexes.base\n_new_Index\n(cpandas.core.indexes.base\nIndex\n(dS'data'\n" data "stR."
		{ BYTES(INDEX("cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I1\ntcnumpy\ndtype\n"
			      "(S'O8'\nI0\nI1\ntRI00\n(S'a'\nltb")),
		  NULL },
		{ BYTES(INDEX("I5\n")), "a pandas index of int" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct err err = { 0 };
		struct arena a;
		struct py *root = NULL;
		struct slice *names;
		size_t n;
		arena_init(&a, 0, 1 << 24);
		int rc = load_pickle(cases[i].bytes, &a, &root, &err);
		if ((rc == 0) != !cases[i].says || (cases[i].says && !strstr(err.message, cases[i].says)))
			fail_msg("case %zu: %s", i, rc ? err.message : "accepted");
		if (rc == 0)
			assert_true(py_strings(root, &a, &names, &n) && n == 1 && slice_is(names[0], "a"));
		arena_release(&a);
	}
}

static void a_joblib_array_is_read_after_its_place_holder(void **state)
{
	(void)state;
#define WRAPPER(shape, more)                                                                                          \
	"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(S'shape'\n" shape "S'order'\nS'C'\nS'dtype'\ncnumpy\ndtype\n" \
	"(S'f8'\nI0\nI1\ntR" more "ub"
	static const struct {
		struct slice bytes;
		const char *says;
	} cases[] = {
		{ BYTES("\x80\x02" WRAPPER("(I1\nt", "") "12345678."), NULL },
		{ BYTES("\x80\x02" WRAPPER("(I1\nt", "S'numpy_array_alignment_bytes'\nI16\n") "\x02xx12345678."), NULL },
		{ BYTES("\x80\x02" WRAPPER("(I1\nt", "S'numpy_array_alignment_bytes'\nI16\n") "\xffxx12345678."), "padding" },
		{ BYTES("\x80\x02" WRAPPER("(I2\nt", "") "12345678."), "array of 16 bytes" },
		{ BYTES("\x80\x02" WRAPPER("(I1\nt", "") "1234567."), "ends" },
		{ BYTES("\x80\x02" WRAPPER("(I1000000000000\nt", "") "12345678."), "ends" },
		{ BYTES("\x80\x02" WRAPPER("N", "") "12345678."), "shape" },
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct err err = { 0 };
		struct arena a;
		struct py *root = NULL;
		arena_init(&a, 0, 1 << 24);
		int rc = load_pickle(cases[i].bytes, &a, &root, &err);
		if ((rc == 0) != !cases[i].says || (cases[i].says && !strstr(err.message, cases[i].says)))
			fail_msg("case %zu: %s", i, rc ? err.message : "accepted");
		if (rc == 0)
			assert_true(root->kind == PY_ARRAY && memcmp(root->array->data.ptr, "12345678", 8) == 0 &&
				    ((uintptr_t)root->array->data.ptr & 15) == 0);
		arena_release(&a);
	}
}

static void a_matrix_is_transposed_in_tiles_and_rests(void **state)
{
	(void)state;
	enum { MOST = 19, STRIDE = 24 };
	double from[MOST * MOST], to[MOST * STRIDE];
	for (size_t rows = 1; rows <= MOST; rows++) {
		for (size_t columns = 1; columns <= MOST; columns++) {
			for (size_t i = 0; i < rows * columns; i++)
				from[i] = (double)i;
			for (size_t i = 0; i < COUNT_OF(to); i++)
				to[i] = -1;
			py_transpose(from, rows, columns, to, STRIDE);
			for (size_t y = 0; y < MOST; y++)
				for (size_t x = 0; x < STRIDE; x++)
					assert_true(to[y * STRIDE + x] ==
						    (y < columns && x < rows ? (double)(x * columns + y) : -1));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_protocol_and_codec_gives_the_same_values),
		cmocka_unit_test(a_model_is_an_object_with_attributes),
		cmocka_unit_test(absent_and_wrong_attributes_are_named),
		cmocka_unit_test(a_file_cut_at_any_byte_is_an_error),
		cmocka_unit_test(a_damaged_file_is_no_crash),
		cmocka_unit_test(what_an_attacker_writes_is_refused_by_name),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(values_shared_into_a_huge_tree_are_refused),
		cmocka_unit_test(bombs_of_structure_are_refused),
		cmocka_unit_test(copying_the_same_bytes_again_and_again_is_refused),
		cmocka_unit_test(shape_dtype_and_data_must_agree),
		cmocka_unit_test(a_pandas_index_is_its_array),
		cmocka_unit_test(a_joblib_array_is_read_after_its_place_holder),
		cmocka_unit_test(a_matrix_is_transposed_in_tiles_and_rests),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
