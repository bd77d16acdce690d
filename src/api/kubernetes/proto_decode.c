/*
 * Protobuf to JSON. A reader over slices: every length is checked against what is left before it is used, a varint has
 * at most 10 bytes, groups are refused (Kubernetes has none).
 *
 * Go's encoder writes every field that is not a pointer, empty or not; JSON leaves those out. So "" and 0 and false
 * and empty messages are dropped, unless the table says `keep` (a pointer, whose presence means something).
 */
#include "api/kubernetes/proto.h"

#include "base/limits.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "codec/time.h"

struct field {
	uint32_t number;
	unsigned wire; /* 0 varint, 1 fixed64, 2 bytes, 5 fixed32 */
	uint64_t value;
	struct slice bytes;
};

static bool varint(struct slice *s, uint64_t *out)
{
	uint64_t v = 0;
	for (size_t i = 0; i < s->len && i < 10; i++) {
		unsigned char c = (unsigned char)s->ptr[i];
		if (i == 9 && c > 1)
			return false;
		v |= (uint64_t)(c & 0x7f) << (7 * i);
		if (!(c & 0x80)) {
			*s = slice_from(*s, i + 1);
			*out = v;
			return true;
		}
	}
	return false;
}

static bool fixed(struct slice *s, size_t n, uint64_t *out)
{
	if (s->len < n)
		return false;
	*out = 0;
	for (size_t i = 0; i < n; i++)
		*out |= (uint64_t)(unsigned char)s->ptr[i] << (8 * i);
	*s = slice_from(*s, n);
	return true;
}

/* 1 a field, 0 the end, -1 broken. */
static int next_field(struct slice *s, struct field *f)
{
	uint64_t tag, n;
	if (s->len == 0)
		return 0;
	if (!varint(s, &tag) || tag >> 3 == 0 || tag >> 32)
		return -1;
	*f = (struct field){.number = (uint32_t)(tag >> 3), .wire = tag & 7};
	switch (f->wire) {
	case 0:
		return varint(s, &f->value) ? 1 : -1;
	case 1:
		return fixed(s, 8, &f->value) ? 1 : -1;
	case 5:
		return fixed(s, 4, &f->value) ? 1 : -1;
	case 2:
		if (!varint(s, &n) || n > s->len)
			return -1;
		f->bytes = slice_sub(*s, 0, n);
		*s = slice_from(*s, n);
		return 1;
	default:
		return -1;
	}
}

static int broken(struct err *err)
{
	return err_set(err, ERR_INVALID, "the object provided is unrecognized: broken protobuf");
}

static json_t *text(struct slice s, struct err *err)
{
	json_t *j = json_stringn(s.ptr ? s.ptr : "", s.len);
	if (!j)
		err_set(err, ERR_INVALID, "the object provided is unrecognized: text is not UTF-8");
	return j;
}

/* Field 1 of a small wrapper message (Quantity, RawExtension, FieldsV1). */
static int only_bytes(struct slice s, struct slice *out, struct err *err)
{
	struct field f;
	int rc;
	*out = slice_of("", 0);
	while ((rc = next_field(&s, &f)) > 0)
		if (f.number == 1 && f.wire == 2)
			*out = f.bytes;
	return rc < 0 ? broken(err) : 0;
}

static json_t *from_time(struct slice s, bool micro, struct err *err)
{
	struct field f;
	int rc;
	int64_t seconds = 0, nanos = 0;
	if (s.len == 0)
		return json_null();
	while ((rc = next_field(&s, &f)) > 0) {
		if (f.number == 1)
			seconds = (int64_t)f.value;
		else if (f.number == 2)
			nanos = (int64_t)f.value;
	}
	if (rc < 0 || nanos < 0 || nanos > 999999999 || seconds < -62135596800 || seconds > 253402300799 ||
	    seconds > INT64_MAX / 1000000000 - 1 || seconds < INT64_MIN / 1000000000 + 1) {
		broken(err);
		return NULL;
	}
	char out[TIME_TEXT_BYTES];
	if (micro)
		time_format_fraction(seconds * 1000000000 + nanos, 6, out, sizeof out);
	else
		time_format_rfc3339(seconds * 1000000000, out, sizeof out);
	return json_string(out);
}

static json_t *from_int_or_string(struct slice s, struct err *err)
{
	struct field f;
	int rc;
	uint64_t type = 0, number = 0;
	struct slice string = slice_of("", 0);
	while ((rc = next_field(&s, &f)) > 0) {
		if (f.number == 1)
			type = f.value;
		else if (f.number == 2)
			number = f.value;
		else if (f.number == 3 && f.wire == 2)
			string = f.bytes;
	}
	if (rc < 0) {
		broken(err);
		return NULL;
	}
	return type ? text(string, err) : json_integer((int32_t)(uint32_t)number);
}

static int message(struct slice s, const struct schema_type *type, unsigned inside, json_t *into, int depth,
		   struct err *err);

static json_t *from_raw(struct slice s, struct err *err)
{
	struct slice raw;
	json_t *j = NULL;
	if (only_bytes(s, &raw, err) < 0)
		return NULL;
	if (raw.len == 0)
		return json_null();
	return json_decode(raw, 0, &j, err) < 0 ? NULL : j;
}

static json_t *from_base64(struct slice s)
{
	struct buf b;
	buf_init(&b, (size_t)1 << 30);
	base64_encode(s, BASE64_STANDARD, &b);
	json_t *j = json_stringn(b.ptr ? b.ptr : "", b.len);
	buf_release(&b);
	return j;
}

static json_t *from_object(struct slice s, const struct schema_type *type, int depth, struct err *err)
{
	json_t *o = json_object();
	if (message(s, type, 0, o, depth + 1, err) == 0)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *from_string_list(struct slice s, struct err *err)
{
	json_t *list = json_array();
	struct field f;
	int rc;
	while ((rc = next_field(&s, &f)) > 0) {
		json_t *item = f.number == 1 && f.wire == 2 ? text(f.bytes, err) : NULL;
		if (!item || json_array_append_new(list, item) < 0) {
			rc = -1;
			break;
		}
	}
	if (rc == 0)
		return list;
	broken(err);
	json_decref(list);
	return NULL;
}

/* One value of a field, list item or map value. New reference; NULL with err. */
static json_t *value(const struct field *f, enum field_type type, const struct schema_type *of, int depth,
		     struct err *err)
{
	bool bytes = f->wire == 2;
	double d;
	switch (type) {
	case FIELD_INTEGER:
	case FIELD_INTEGER32:
	case FIELD_BOOLEAN:
		if (f->wire != 0)
			break;
		if (type == FIELD_BOOLEAN)
			return json_boolean(f->value != 0);
		return json_integer(type == FIELD_INTEGER ? (int64_t)f->value : (int32_t)(uint32_t)f->value);
	case FIELD_NUMBER:
		if (f->wire != 1)
			break;
		memcpy(&d, &f->value, sizeof d);
		return json_real(d) ?: json_null();
	case FIELD_STRING:
		return bytes ? text(f->bytes, err) : (broken(err), NULL);
	case FIELD_BYTES:
		return bytes ? from_base64(f->bytes) : (broken(err), NULL);
	case FIELD_TIME:
	case FIELD_MICROTIME:
		return bytes ? from_time(f->bytes, type == FIELD_MICROTIME, err) : (broken(err), NULL);
	case FIELD_QUANTITY: {
		struct slice s;
		return bytes && only_bytes(f->bytes, &s, err) == 0 ? text(s, err) : (broken(err), NULL);
	}
	case FIELD_INT_OR_STRING:
		return bytes ? from_int_or_string(f->bytes, err) : (broken(err), NULL);
	case FIELD_ANY:
		return bytes ? from_raw(f->bytes, err) : (broken(err), NULL);
	case FIELD_OBJECT:
		return bytes ? from_object(f->bytes, of, depth, err) : (broken(err), NULL);
	case FIELD_LIST:
		return bytes ? from_string_list(f->bytes, err) : (broken(err), NULL);
	default:
		break;
	}
	broken(err);
	return NULL;
}

static int map_entry(const struct field *f, const struct schema_field *sf, json_t *map, int depth, struct err *err)
{
	struct slice s = f->bytes, key = slice_of("", 0);
	struct field in, v = {.wire = 2};
	int rc;
	if (f->wire != 2)
		return broken(err);
	while ((rc = next_field(&s, &in)) > 0) {
		if (in.number == 1 && in.wire == 2)
			key = in.bytes;
		else if (in.number == 2)
			v = in;
	}
	if (rc < 0)
		return broken(err);
	json_t *j = sf->item ? value(&v, sf->item->type, sf->item->of, depth, err)
			     : value(&v, sf->item_type, sf->of, depth, err);
	if (!j)
		return -1;
	char small[256], *name = key.len < sizeof small ? small : malloc(key.len + 1);
	memcpy(name, key.ptr, key.len);
	name[key.len] = 0;
	rc = memchr(name, 0, key.len) ? (json_decref(j), -1) : json_object_set_new(map, name, j);
	if (name != small)
		free(name);
	return rc < 0 ? broken(err) : 0;
}

static bool is_zero(const json_t *j)
{
	switch (json_typeof(j)) {
	case JSON_STRING:
		return json_string_length(j) == 0;
	case JSON_INTEGER:
		return json_integer_value(j) == 0;
	case JSON_FALSE:
	case JSON_NULL:
		return true;
	default:
		return false;
	}
}

static json_t *member(json_t *into, const char *name, bool list)
{
	json_t *have = json_object_get(into, name);
	if (!have) {
		have = list ? json_array() : json_object();
		json_object_set_new(into, name, have);
	}
	return have;
}

static int put(const struct field *f, const struct schema_field *sf, json_t *into, int depth, struct err *err)
{
	if (sf->type == FIELD_MAP)
		return map_entry(f, sf, member(into, sf->name, false), depth, err);
	if (sf->type == FIELD_LIST) {
		json_t *j = value(f, sf->item_type, sf->of, depth, err);
		return j ? json_array_append_new(member(into, sf->name, true), j) : -1;
	}
	json_t *j = value(f, sf->type, sf->of, depth, err);
	if (!j)
		return -1;
	if (is_zero(j) && (!sf->keep || json_is_null(j))) {
		json_decref(j);
		return 0;
	}
	return json_object_set_new(into, sf->name, j);
}

/* Fields of `s` into the object; `inside`: the number of the embedded message that is read, 0 for the outer one. */
static int message(struct slice s, const struct schema_type *type, unsigned inside, json_t *into, int depth,
		   struct err *err)
{
	struct field f;
	int rc;
	if (depth > limits.json_depth)
		return err_set(err, ERR_INVALID, "the object provided is nested deeper than %lld levels",
			       (long long)limits.json_depth);
	while ((rc = next_field(&s, &f)) > 0) {
		const struct schema_field *found = NULL;
		bool embedded = false;
		for (size_t i = 0; i < type->fields_n && !found; i++) {
			const struct schema_field *sf = &type->fields[i];
			if (sf->number == f.number && sf->inside == inside)
				found = sf;
			embedded |= inside == 0 && sf->inside == f.number;
		}
		if (found && put(&f, found, into, depth, err) < 0)
			return -1;
		if (!found && embedded && (f.wire != 2 || message(f.bytes, type, f.number, into, depth + 1, err) < 0))
			return err && err->code ? -1 : broken(err);
	}
	return rc < 0 ? broken(err) : 0;
}

int kube_proto_open(struct slice body, struct kube_envelope *out, struct err *err)
{
	struct kube_envelope e = {0};
	struct field f, in;
	int rc;
	if (body.len < 4 || memcmp(body.ptr, "k8s", 4) != 0)
		return err_set(err, ERR_INVALID,
			       "provided data does not appear to be a protobuf message, expected prefix "
			       "[107 56 115 0]");
	struct slice s = slice_from(body, 4);
	while ((rc = next_field(&s, &f)) > 0) {
		if (f.number == 2 && f.wire == 2)
			e.raw = f.bytes;
		if (f.number != 1 || f.wire != 2)
			continue;
		struct slice meta = f.bytes;
		while ((rc = next_field(&meta, &in)) > 0) {
			if (in.number == 1 && in.wire == 2)
				e.api_version = in.bytes;
			else if (in.number == 2 && in.wire == 2)
				e.kind = in.bytes;
		}
		if (rc < 0)
			break;
	}
	if (rc < 0)
		return broken(err);
	*out = e;
	return 0;
}

int kube_proto_decode(struct slice raw, const struct schema_type *type, json_t **out, struct err *err)
{
	struct err e = {0};
	json_t *o = json_object();
	if (message(raw, type, 0, o, 0, &e) < 0) {
		*err = e;
		json_decref(o);
		return -1;
	}
	*out = o;
	return 0;
}
