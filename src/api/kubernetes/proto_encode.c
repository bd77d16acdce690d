/*
 * JSON to protobuf. Each message is written into its own buffer first, because its length stands before it: objects of
 * the control plane are small and shallow. Fields that the table does not know are left out.
 */
#include "api/kubernetes/proto.h"

#include "base/arena.h"
#include "base/limits.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "codec/time.h"

enum { MESSAGE_BYTES_MAX = 256 << 20 };

static void put_varint(struct buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		buf_char(b, (char)(v | 0x80));
	buf_char(b, (char)v);
}

static void put_tag(struct buf *b, unsigned number, unsigned wire)
{
	put_varint(b, number << 3 | wire);
}

static void put_bytes(struct buf *b, unsigned number, struct slice s)
{
	put_tag(b, number, 2);
	put_varint(b, s.len);
	buf_slice(b, s);
}

static void put_int(struct buf *b, unsigned number, int64_t v)
{
	put_tag(b, number, 0);
	put_varint(b, (uint64_t)v);
}

static struct slice text_of(const json_t *j)
{
	return slice_of(json_string_value(j), json_string_length(j));
}

static int message(const json_t *o, const struct schema_type *type, unsigned inside, struct buf *out, int depth);

static void time_message(const json_t *j, struct buf *out)
{
	int64_t ns;
	if (!json_is_string(j) || !time_parse_rfc3339(text_of(j), &ns))
		return;
	int64_t s = ns / 1000000000, rest = ns % 1000000000;
	if (rest < 0) {
		rest += 1000000000;
		s--;
	}
	put_int(out, 1, s);
	put_int(out, 2, rest);
}

static void int_or_string(const json_t *j, struct buf *out)
{
	put_int(out, 1, json_is_string(j));
	put_int(out, 2, json_is_integer(j) ? json_integer_value(j) : 0);
	put_bytes(out, 3, json_is_string(j) ? text_of(j) : SLICE_LIT(""));
}

static int put_base64(struct buf *out, unsigned number, struct slice text)
{
	struct arena a;
	struct slice bytes;
	arena_init(&a, 0, 0);
	bool ok = base64_decode(text, BASE64_STANDARD, &a, &bytes);
	if (ok)
		put_bytes(out, number, bytes);
	arena_release(&a);
	return ok ? 0 : -1;
}

/* One value under `number`: a field, a list item or a map's value (number 2). */
static int value(const json_t *j, unsigned number, enum field_type type, const struct schema_type *of, struct buf *out,
		 int depth)
{
	struct buf m;
	int rc = 0;
	size_t i;
	json_t *item;
	double d;
	switch (type) {
	case FIELD_INTEGER:
	case FIELD_INTEGER32:
		put_int(out, number, json_integer_value(j));
		return 0;
	case FIELD_BOOLEAN:
		put_int(out, number, json_is_true(j));
		return 0;
	case FIELD_NUMBER:
		d = json_number_value(j);
		put_tag(out, number, 1);
		buf_append(out, &d, sizeof d);
		return 0;
	case FIELD_STRING:
		put_bytes(out, number, text_of(j));
		return 0;
	case FIELD_BYTES:
		return put_base64(out, number, text_of(j));
	default:
		break;
	}
	buf_init(&m, MESSAGE_BYTES_MAX);
	if (type == FIELD_TIME || type == FIELD_MICROTIME) {
		time_message(j, &m);
	} else if (type == FIELD_QUANTITY) {
		put_bytes(&m, 1, text_of(j));
	} else if (type == FIELD_INT_OR_STRING) {
		int_or_string(j, &m);
	} else if (type == FIELD_LIST) { /* a list of strings as a map's value */
		json_array_foreach(j, i, item) put_bytes(&m, 1, text_of(item));
	} else if (type == FIELD_OBJECT) {
		rc = message(j, of, 0, &m, depth + 1);
	} else { /* any JSON, as text in a wrapper */
		struct buf text;
		buf_init(&text, MESSAGE_BYTES_MAX);
		json_encode(j, JSON_ENCODE_COMPACT, &text);
		put_bytes(&m, 1, buf_view(&text));
		buf_release(&text);
	}
	put_bytes(out, number, buf_view(&m));
	if (m.failed)
		rc = -1;
	buf_release(&m);
	return rc;
}

static int map(const json_t *o, const struct schema_field *f, struct buf *out, int depth)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)o, key, v)
	{
		struct buf entry;
		buf_init(&entry, MESSAGE_BYTES_MAX);
		put_bytes(&entry, 1, slice_str(key));
		int rc =
		    value(v, 2, f->item ? f->item->type : f->item_type, f->item ? f->item->of : f->of, &entry, depth);
		put_bytes(out, f->number, buf_view(&entry));
		rc = entry.failed ? -1 : rc;
		buf_release(&entry);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int field(const json_t *o, const struct schema_field *f, struct buf *out, int depth)
{
	const json_t *j = json_object_get(o, f->name);
	size_t i;
	json_t *item;
	if (!j || json_is_null(j))
		return 0;
	if (f->type == FIELD_MAP)
		return map(j, f, out, depth);
	if (f->type != FIELD_LIST)
		return value(j, f->number, f->type, f->of, out, depth);
	json_array_foreach(j, i, item) if (value(item, f->number, f->item_type, f->of, out, depth) < 0) return -1;
	return 0;
}

/* An embedded message: the fields that lie inside `number`, written together. */
static int embedded(const json_t *o, const struct schema_type *type, unsigned number, struct buf *out, int depth)
{
	struct buf m;
	buf_init(&m, MESSAGE_BYTES_MAX);
	int rc = message(o, type, number, &m, depth + 1);
	put_bytes(out, number, buf_view(&m));
	rc = m.failed ? -1 : rc;
	buf_release(&m);
	return rc;
}

static int message(const json_t *o, const struct schema_type *type, unsigned inside, struct buf *out, int depth)
{
	unsigned last = 0;
	if (depth > limits.json_depth)
		return -1;
	for (size_t i = 0; i < type->fields_n; i++) {
		const struct schema_field *f = &type->fields[i];
		if (f->inside == inside && f->number > 0 && field(o, f, out, depth) < 0)
			return -1;
		if (inside == 0 && f->inside > 0 && f->inside != last) {
			last = f->inside;
			if (embedded(o, type, f->inside, out, depth) < 0)
				return -1;
		}
	}
	return out->failed ? -1 : 0;
}

static void envelope(const char *api_version, const char *kind, struct slice raw, struct buf *out)
{
	struct buf meta;
	buf_init(&meta, 4096);
	put_bytes(&meta, 1, slice_str(api_version));
	put_bytes(&meta, 2, slice_str(kind));
	buf_append(out, "k8s", 4);
	put_bytes(out, 1, buf_view(&meta));
	put_bytes(out, 2, raw);
	put_bytes(out, 3, SLICE_LIT(""));
	put_bytes(out, 4, SLICE_LIT(""));
	buf_release(&meta);
}

bool kube_proto_known(const struct schema_type *type)
{
	for (size_t i = 0; i < type->fields_n; i++)
		if (type->fields[i].number > 0)
			return true;
	return false;
}

int kube_proto_encode(const json_t *object, const struct schema_type *type, struct buf *out, struct err *err)
{
	struct buf raw;
	buf_init(&raw, MESSAGE_BYTES_MAX);
	int rc = message(object, type, 0, &raw, 0);
	if (rc == 0)
		envelope(json_str_at(object, "apiVersion") ?: "", json_str_at(object, "kind") ?: "", buf_view(&raw),
			 out);
	buf_release(&raw);
	return rc < 0 ? err_set(err, ERR_INTERNAL, "the object cannot be written as protobuf") : 0;
}

int kube_proto_encode_list(const char *api_version, const char *kind, const json_t *metadata, const json_t *items,
			   const struct schema_type *type, struct buf *out, struct err *err)
{
	struct buf raw, meta;
	size_t i;
	json_t *item;
	int rc = 0;
	buf_init(&raw, MESSAGE_BYTES_MAX);
	buf_init(&meta, 4096);
	const json_t *version = json_object_get(metadata, "resourceVersion"),
		     *more = json_object_get(metadata, "continue"),
		     *left = json_object_get(metadata, "remainingItemCount");
	put_bytes(&meta, 2, text_of(version));
	put_bytes(&meta, 3, more ? text_of(more) : SLICE_LIT(""));
	if (left)
		put_int(&meta, 4, json_integer_value(left));
	put_bytes(&raw, 1, buf_view(&meta));
	json_array_foreach(items, i, item) if (rc == 0) rc = value(item, 2, FIELD_OBJECT, type, &raw, 0);
	if (rc == 0 && !raw.failed)
		envelope(api_version, kind, buf_view(&raw), out);
	rc = raw.failed ? -1 : rc;
	buf_release(&raw);
	buf_release(&meta);
	return rc < 0 ? err_set(err, ERR_INTERNAL, "the list cannot be written as protobuf") : 0;
}
