/*
 * numpy's dtypes by what the file says of them: kind, bytes, byte order, fields and their offsets. Never by version: the
 * nodes of scikit-learn's trees grew from 56 to 64 bytes once, and whoever reads them looks fields up by name.
 *
 * Fields must lie inside the item and beside each other. numpy allows overlaps; no model has them.
 * Source of the facts: numpy's arraydescr_reduce and arraydescr_setstate.
 */
#include <string.h>

#include "base/check.h"
#include "infer/load/make.h"

enum { ITEM_BYTES_MAX = 1 << 24, RECORD_BYTES_MAX = 4096, NESTING_MAX = 4, FIELDS_MAX = 64 };

static bool one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

/* The widths that a kind may have, as a set of powers of two; 0: any. */
static uint32_t widths_of(char kind)
{
	switch (kind) {
	case 'b':
		return 1;
	case 'i':
	case 'u':
		return 1 | 2 | 4 | 8;
	case 'f':
		return 2 | 4 | 8 | 16;
	case 'c':
		return 8 | 16 | 32;
	case 'O':
	case 'M':
	case 'm':
		return 8;
	default:
		return 0;
	}
}

int make_dtype(struct pickle *p, struct slice text, const struct py_dtype **out)
{
	struct slice s = text;
	bool swapped = false;
	uint64_t n;
	if (s.len && one_of(s.ptr[0], "<>=|")) {
		swapped = s.ptr[0] == '>';
		s = slice_from(s, 1);
	}
	if (slice_is(s, "O"))
		s = SLICE_LIT("O8");
	if (s.len < 2 || !one_of(s.ptr[0], "biufcOMmSUV") || !slice_u64(slice_from(s, 1), &n) || n > ITEM_BYTES_MAX)
		return pickle_lacks(p, "numpy dtype \"%.*s\"", (int)MIN(text.len, (size_t)32), text.ptr);
	char kind = s.ptr[0];
	uint32_t widths = widths_of(kind);
	if (kind == 'O')
		n = 8;
	if (widths && ((n & (n - 1)) != 0 || !(widths & n)))
		return pickle_lacks(p, "numpy dtype \"%.*s\"", (int)MIN(text.len, (size_t)32), text.ptr);
	struct py_dtype *d = pickle_alloc(p, 1, sizeof *d);
	if (!d)
		return -1;
	*d = (struct py_dtype){ .kind = kind, .swapped = swapped && n > 1, .bytes = (uint32_t)(kind == 'U' ? n * 4 : n) };
	*out = d;
	return 0;
}

MAKER(make_dtype_object)
{
	const struct py_dtype *d;
	if (args->seq.n == 0 || args->seq.n > 3)
		return pickle_bad(p, "numpy.dtype with arguments that it does not have");
	const struct py *text = args->seq.items[0];
	if (text->kind != PY_STR && text->kind != PY_BYTES)
		return pickle_lacks(p, "numpy.dtype of %s", py_describe(text, p->arena));
	if (make_dtype(p, text->bytes, &d) < 0)
		return -1;
	struct py *v = pickle_value(p, PY_DTYPE);
	if (!v)
		return -1;
	v->dtype = d;
	(void)what;
	*out = v;
	return 0;
}

static int nesting(const struct py_dtype *d)
{
	int most = 0;
	for (uint32_t i = 0; i < d->fields_n; i++) {
		int n = nesting(d->fields[i].dtype);
		most = MAX(most, n);
	}
	return most + 1;
}

/* fields: { name: (dtype, offset[, title]) } */
static int read_field(struct pickle *p, const struct py *name, const struct py *fields, struct py_dtype_field *out,
		      uint32_t item_bytes)
{
	const struct py *f = NULL;
	if (name->kind != PY_STR && name->kind != PY_BYTES)
		return pickle_bad(p, "a dtype's field whose name is not a string");
	for (size_t i = 0; i < fields->dict.n && !f; i++) {
		const struct py *k = fields->dict.pairs[i].key;
		if ((k->kind == PY_STR || k->kind == PY_BYTES) && slice_eq(k->bytes, name->bytes))
			f = fields->dict.pairs[i].value;
	}
	int64_t offset;
	if (!f || f->kind != PY_TUPLE || f->seq.n < 2 || f->seq.items[0]->kind != PY_DTYPE ||
	    !py_as_i64(f->seq.items[1], &offset))
		return pickle_bad(p, "a dtype's field without its dtype and offset");
	const struct py_dtype *d = f->seq.items[0]->dtype;
	if (offset < 0 || offset > item_bytes || d->bytes > item_bytes - (uint64_t)offset)
		return pickle_bad(p, "a dtype's field at offset %lld of an item of %u bytes", (long long)offset, item_bytes);
	if (d->bytes == 0)
		return pickle_bad(p, "a dtype's field of no bytes");
	if (d->kind == 'O')
		return pickle_lacks(p, "a record dtype with objects in it");
	if (nesting(d) >= NESTING_MAX)
		return pickle_lacks(p, "record dtypes nested deeper than %d", NESTING_MAX);
	*out = (struct py_dtype_field){ .name = arena_cstr(p->arena, name->bytes), .offset = (uint32_t)offset, .dtype = d };
	return out->name ? 0 : err_set(p->err, ERR_TOO_LARGE, "out of memory");
}

static int check_overlap(struct pickle *p, const struct py_dtype_field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++) {
			uint32_t a = fields[i].offset, b = fields[k].offset;
			if (a < b + fields[k].dtype->bytes && b < a + fields[i].dtype->bytes)
				return pickle_bad(p, "the fields %s and %s of a dtype overlap", fields[k].name, fields[i].name);
			if (strcmp(fields[i].name, fields[k].name) == 0)
				return pickle_bad(p, "a dtype has the field %s twice", fields[i].name);
		}
	return 0;
}

static int read_fields(struct pickle *p, const struct py *names, const struct py *fields, struct py_dtype *d)
{
	if (d->kind != 'V' || names->kind != PY_TUPLE || fields->kind != PY_DICT || fields->dict.n > 2 * names->seq.n)
		return pickle_bad(p, "a dtype with fields that are none");
	if (names->seq.n > FIELDS_MAX || d->bytes > RECORD_BYTES_MAX)
		return pickle_lacks(p, "a record dtype of %zu fields and %u bytes, of at most %d and %d", names->seq.n, d->bytes,
				    FIELDS_MAX, RECORD_BYTES_MAX);
	struct py_dtype_field *to = pickle_alloc(p, names->seq.n, sizeof *to);
	if (!to)
		return -1;
	for (size_t i = 0; i < names->seq.n; i++)
		if (read_field(p, names->seq.items[i], fields, &to[i], d->bytes) < 0)
			return -1;
	if (check_overlap(p, to, names->seq.n) < 0)
		return -1;
	d->fields = to;
	d->fields_n = (uint32_t)names->seq.n;
	return 0;
}

/* state: (version, byte order, sub-array, names, fields, item bytes, alignment, flags[, metadata]) */
int build_dtype(struct pickle *p, struct py *dtype, struct py *state)
{
	int64_t version, bytes;
	struct py **s = state->seq.items;
	if (state->kind != PY_TUPLE || state->seq.n < 8 || !py_as_i64(s[0], &version) || !py_as_i64(s[5], &bytes))
		return pickle_bad(p, "a dtype's state that is none");
	if (version < 3 || version > 4)
		return pickle_lacks(p, "a dtype's state of version %lld", (long long)version);
	if (s[1]->kind != PY_STR || s[1]->bytes.len != 1 || !one_of(s[1]->bytes.ptr[0], "<>=|"))
		return pickle_bad(p, "a dtype's byte order");
	if (s[2]->kind != PY_NONE)
		return pickle_lacks(p, "a dtype with sub-arrays");
	struct py_dtype *d = pickle_alloc(p, 1, sizeof *d);
	if (!d)
		return -1;
	*d = *dtype->dtype;
	d->swapped = s[1]->bytes.ptr[0] == '>' && d->bytes > 1 && d->kind != 'S';
	if (bytes != -1) {
		bool sized = d->kind == 'V' || d->kind == 'S' || d->kind == 'U';
		if (bytes < 0 || bytes > ITEM_BYTES_MAX || (!sized && bytes != d->bytes) || (d->kind == 'U' && bytes % 4))
			return pickle_bad(p, "a dtype of %lld bytes", (long long)bytes);
		d->bytes = (uint32_t)bytes;
	}
	if (s[3]->kind != PY_NONE && read_fields(p, s[3], s[4], d) < 0)
		return -1;
	/* A new struct: arrays and records that have the dtype as it was keep it. */
	dtype->dtype = d;
	return 0;
}
