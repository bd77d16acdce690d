/*
 * joblib's files: a pickle, compressed as a whole or not, in which the bytes of each array follow the BUILD of its
 * place-holder (NumpyArrayWrapper). Since joblib 1.2 a byte that says how many bytes of padding follow, and the padding,
 * come first, so that the array is aligned. An array of objects is a pickle of its own instead.
 *
 * Codecs are told by their magic bytes. Files of joblib before 0.10 (arrays in files beside, or the "ZF" container) are
 * refused with what to do.
 *
 * Source of the facts: joblib/numpy_pickle.py and joblib/compressor.py of joblib 1.5.
 */
#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "infer/load/load.h"
#include "infer/load/pickle.h"

enum {
	STRUCTURE_GRACE_BYTES = 64 << 20, /* structure that any file may have */
	STRUCTURE_RATIO = 64,		  /* and per byte of the file above it */
	INFLATE_GRACE_BYTES = 64 << 20,
};

static bool from_joblib(const struct py *v, const char *name)
{
	return py_is(v, "joblib", name) || py_is(v, "sklearn.externals.joblib", name);
}

bool joblib_is_wrapper(const struct py *object)
{
	return from_joblib(object, "NumpyArrayWrapper") || from_joblib(object, "NDArrayWrapper") ||
	       from_joblib(object, "ZNDArrayWrapper");
}

/* A pickle inside the pickle, with a stack and memo of its own. Place-holders are not allowed there, so this nests once. */
static int read_nested(struct pickle *p, struct py **out)
{
	struct pickle inner = { .src = p->src, .arena = p->arena, .err = p->err, .charge_max = p->charge_max,
				.charged = p->charged, .objects = p->objects, .derived = p->derived,
				.cpu_start_ms = p->cpu_start_ms };
	int rc = pickle_run(&inner);
	if (rc == 0) {
		*out = inner.result;
		p->charged = inner.charged;
		p->objects = inner.objects;
		p->derived = inner.derived;
	}
	pickle_release(&inner);
	return rc;
}

static int read_objects(struct pickle *p, struct py *wrapper)
{
	struct py *v;
	if (read_nested(p, &v) < 0)
		return err_wrap(p->err, "an array of objects");
	if (v->kind != PY_ARRAY || v->array->dtype->kind != 'O')
		return pickle_bad(p, "an array of objects that is %s", py_describe(v, p->arena));
	wrapper->kind = PY_ARRAY;
	wrapper->array = v->array;
	return 0;
}

static int skip_padding(struct pickle *p)
{
	const char *at;
	if (source_take(p->src, 1, &at, p->err) < 0)
		return -1;
	return source_take(p->src, (uint8_t)*at, &at, p->err);
}

int joblib_read(struct pickle *p, struct py *wrapper)
{
	if (!from_joblib(wrapper, "NumpyArrayWrapper"))
		return pickle_lacks(p, "the file was written by joblib before 0.10 and keeps its arrays in other files: load it "
				       "in Python and save it with a current joblib");
	if (!p->joblib)
		return pickle_bad(p, "a joblib array inside a plain pickle");
	if (p->frame_end && source_tell(p->src) != p->frame_end)
		return pickle_bad(p, "a joblib array inside a frame");
	const struct py *shape = py_get(wrapper, "shape"), *dtype = py_get(wrapper, "dtype"),
			*order = py_get(wrapper, "order"), *align = py_get(wrapper, "numpy_array_alignment_bytes");
	if (!shape || !dtype || dtype->kind != PY_DTYPE || (!py_is_str(order, "C") && !py_is_str(order, "F")))
		return pickle_bad(p, "a joblib array without shape, dtype or order");
	p->frame_end = 0;
	if (dtype->dtype->kind == 'O')
		return read_objects(p, wrapper);
	struct py_array *a = pickle_alloc(p, 1, sizeof *a);
	size_t bytes;
	struct slice data;
	if (!a || array_shape(p, dtype->dtype, shape, a, &bytes) < 0)
		return -1;
	if (!py_is_none(align) && skip_padding(p) < 0)
		return err_wrap(p->err, "a joblib array's padding");
	if (source_keep(p->src, bytes, 1, p->arena, &data, p->err) < 0)
		return err_wrap(p->err, "a joblib array of %zu bytes", bytes);
	a->fortran = a->rank > 1 && py_is_str(order, "F");
	if (array_data(p, a, data) < 0)
		return -1;
	wrapper->kind = PY_ARRAY;
	wrapper->array = a;
	return 0;
}

/* --- the file --- */

static int open_source(struct slice file, struct source *src, struct err *err)
{
	if (slice_starts(file, "ZF"))
		return err_set(err, ERR_UNSUPPORTED, "a file of joblib before 0.10: load it in Python and save it with a current "
						     "joblib");
	if (slice_starts(file, "PK\x03\x04"))
		return err_set(err, ERR_UNSUPPORTED, "a zip archive (of torch, skops or Keras?), not a pickle or joblib file");
	if (slice_starts(file, "\x93NUMPY"))
		return err_set(err, ERR_UNSUPPORTED, "a single numpy array (.npy), not a model");
	enum compress_format format = compress_sniff(slice_sub(file, 0, COMPRESS_SNIFF_BYTES));
	if (format == COMPRESS_NONE) {
		source_init_memory(src, file);
		return 0;
	}
	const struct decoder_caps caps = { .bytes_max = (uint64_t)limits.model_file_bytes, .grace_bytes = INFLATE_GRACE_BYTES,
					   .ratio = (uint64_t)limits.model_inflate_ratio };
	struct decoder *d;
	if (decoder_new_memory(format, file, &caps, &d, err) < 0)
		return -1;
	return source_init_decoder(src, d, err);
}

/* Nothing may follow: other readers would see another file than we do. */
static int check_end(struct source *src, struct err *err)
{
	bool ended;
	if (source_ended(src, &ended, err) < 0)
		return -1;
	return ended ? 0 : err_set(err, ERR_MALFORMED, "more data follows the end of the pickle at byte %llu",
				   (unsigned long long)source_tell(src));
}

int load_pickle(struct slice file, struct arena *arena, struct py **out, struct err *err)
{
	struct source src;
	if (file.len == 0)
		return err_set(err, ERR_MALFORMED, "the file is empty");
	if (open_source(file, &src, err) < 0)
		return -1;
	uint64_t structure = MIN(STRUCTURE_GRACE_BYTES + STRUCTURE_RATIO * (uint64_t)file.len, (uint64_t)limits.pickle_bytes);
	struct pickle p = { .src = &src, .arena = arena, .err = err, .charge_max = structure, .joblib = true };
	int rc = pickle_run(&p);
	if (rc == 0)
		rc = check_end(&src, err);
	if (rc == 0)
		rc = pickle_check(&p, p.result);
	if (rc == 0)
		*out = p.result;
	pickle_release(&p);
	source_release(&src);
	return rc;
}
