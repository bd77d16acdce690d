/*
 * OpenAPI v2 as gnostic's protobuf, for kubectl: the JSON document walked once, field numbers of openapi.v2.Document in
 * a table a message. Each message goes into its own buffer, because its length stands before it.
 */
#include "api/kubernetes/openapi.h"
#include "codec/json.h"

enum { MESSAGE_BYTES_MAX = 64 << 20 };

enum shape {
	TEXT,          /* a string */
	TEXTS,         /* an array of strings, or one */
	FLAG,          /* a boolean */
	MESSAGE,       /* an object */
	WRAPPED,       /* an object inside a message of one field */
	WRAPPED_TEXT,  /* a string inside a message of one field */
	WRAPPED_NAMED, /* an object of objects: repeated {1: name, 2: message} inside a message; `inner`: number in it
			*/
	PARAMETERS,    /* an array of parameters, each in two or three wrappers */
	ANY_YAML,      /* any value as YAML text */
};

struct member {
	const char *name;
	unsigned number;
	enum shape shape;
	const struct message *of;
	unsigned inner;
};

struct message {
	const struct member *members;
	size_t n;
	unsigned extension; /* number of vendor_extension, 0: none */
};

static const struct message schema_message;

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const struct member schema_members[] = {
    {"$ref", 1, TEXT},
    {"format", 2, TEXT},
    {"title", 3, TEXT},
    {"description", 4, TEXT},
    {"default", 5, ANY_YAML},
    {"pattern", 13, TEXT},
    {"required", 19, TEXTS},
    {"additionalProperties", 21, WRAPPED, &schema_message, 1},
    {"type", 22, WRAPPED_TEXT, NULL, 1},
    {"items", 23, WRAPPED, &schema_message, 1},
    {"properties", 25, WRAPPED_NAMED, &schema_message, 1},
};
static const struct message schema_message = {schema_members, N(schema_members), 31};

static const struct member response_members[] = {
    {"description", 1, TEXT},
    {"schema", 2, WRAPPED, &schema_message, 1},
};
static const struct message response_message = {response_members, N(response_members), 5};

/* Stands for {1: Response}; put_named writes it. */
static const struct message response_value_message = {NULL, 0, 0};

static const struct member operation_members[] = {
    {"description", 3, TEXT},
    {"operationId", 5, TEXT},
    {"parameters", 8, PARAMETERS},
    {"responses", 9, WRAPPED_NAMED, &response_value_message, 1},
};
static const struct message operation_message = {operation_members, N(operation_members), 13};

static const struct member path_members[] = {
    {"get", 2, MESSAGE, &operation_message},   {"put", 3, MESSAGE, &operation_message},
    {"post", 4, MESSAGE, &operation_message},  {"delete", 5, MESSAGE, &operation_message},
    {"patch", 8, MESSAGE, &operation_message}, {"parameters", 9, PARAMETERS},
};
static const struct message path_message = {path_members, N(path_members), 10};

static const struct member info_members[] = {{"title", 1, TEXT}, {"version", 2, TEXT}};
static const struct message info_message = {info_members, N(info_members), 7};

static const struct member document_members[] = {
    {"swagger", 1, TEXT},
    {"info", 2, MESSAGE, &info_message},
    {"paths", 8, WRAPPED_NAMED, &path_message, 2},
    {"definitions", 9, WRAPPED_NAMED, &schema_message, 1},
};
static const struct message document_message = {document_members, N(document_members), 16};

static const struct member body_members[] = {
    {"description", 1, TEXT},
    {"name", 2, TEXT},
    {"in", 3, TEXT},
    {"required", 4, FLAG},
    {"schema", 5, MESSAGE, &schema_message},
};
static const struct message body_message = {body_members, N(body_members), 6};
static const struct member query_members[] = {
    {"required", 1, FLAG}, {"in", 2, TEXT},   {"description", 3, TEXT},
    {"name", 4, TEXT},     {"type", 6, TEXT}, {"uniqueItems", 20, FLAG},
};
static const struct message query_message = {query_members, N(query_members), 23};
static const struct member in_path_members[] = {
    {"required", 1, FLAG}, {"in", 2, TEXT},   {"description", 3, TEXT},
    {"name", 4, TEXT},     {"type", 5, TEXT}, {"uniqueItems", 19, FLAG},
};
static const struct message in_path_message = {in_path_members, N(in_path_members), 22};

static void put_varint(struct buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		buf_char(b, (char)(v | 0x80));
	buf_char(b, (char)v);
}

static void put_bytes(struct buf *b, unsigned number, struct slice s)
{
	put_varint(b, number << 3 | 2);
	put_varint(b, s.len);
	buf_slice(b, s);
}

static void put_text(struct buf *b, unsigned number, const json_t *j)
{
	if (json_is_string(j))
		put_bytes(b, number, slice_of(json_string_value(j), json_string_length(j)));
}

static void write_message(struct buf *b, const struct message *m, const json_t *j);

static void put_message(struct buf *b, unsigned number, const struct message *m, const json_t *j)
{
	struct buf inner;
	buf_init(&inner, MESSAGE_BYTES_MAX);
	write_message(&inner, m, j);
	put_bytes(b, number, buf_view(&inner));
	buf_release(&inner);
}

static void put_named(struct buf *b, unsigned number, const struct message *m, const json_t *object)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)object, name, value)
	{
		struct buf entry;
		buf_init(&entry, MESSAGE_BYTES_MAX);
		put_bytes(&entry, 1, slice_str(name));
		if (m == &response_value_message) { /* a wrapper of the one kind of response there is */
			struct buf inner;
			buf_init(&inner, MESSAGE_BYTES_MAX);
			put_message(&inner, 1, &response_message, value);
			put_bytes(&entry, 2, buf_view(&inner));
			buf_release(&inner);
		} else {
			put_message(&entry, 2, m, value);
		}
		put_bytes(b, number, buf_view(&entry));
		buf_release(&entry);
	}
}

static void put_yaml(struct buf *b, unsigned number, const json_t *value)
{
	struct buf any, text;
	buf_init(&any, MESSAGE_BYTES_MAX);
	buf_init(&text, MESSAGE_BYTES_MAX);
	json_encode(value, JSON_ENCODE_COMPACT, &text);
	buf_char(&text, '\n');
	put_bytes(&any, 2, buf_view(&text));
	put_bytes(b, number, buf_view(&any));
	buf_release(&text);
	buf_release(&any);
}

/* ParametersItem{1: Parameter{1: Body | 2: NonBody{3: Query | 4: Path}}} */
static void put_parameter(struct buf *b, unsigned number, const json_t *p)
{
	const char *in = json_string_value(json_object_get(p, "in"));
	struct buf a, c, d;
	buf_init(&a, MESSAGE_BYTES_MAX);
	buf_init(&c, MESSAGE_BYTES_MAX);
	buf_init(&d, MESSAGE_BYTES_MAX);
	if (!strcmp(in, "body")) {
		put_message(&a, 1, &body_message, p);
	} else {
		bool path = !strcmp(in, "path");
		put_message(&c, path ? 4 : 3, path ? &in_path_message : &query_message, p);
		put_bytes(&a, 2, buf_view(&c));
	}
	put_bytes(&d, 1, buf_view(&a));
	put_bytes(b, number, buf_view(&d));
	buf_release(&a);
	buf_release(&c);
	buf_release(&d);
}

static void put_member(struct buf *b, const struct member *f, const json_t *j)
{
	struct buf inner;
	size_t i;
	json_t *one;
	switch (f->shape) {
	case TEXT:
		put_text(b, f->number, j);
		return;
	case TEXTS:
		json_array_foreach(j, i, one) put_text(b, f->number, one);
		return;
	case FLAG:
		put_varint(b, f->number << 3);
		put_varint(b, json_is_true(j));
		return;
	case MESSAGE:
		put_message(b, f->number, f->of, j);
		return;
	case PARAMETERS:
		json_array_foreach(j, i, one) put_parameter(b, f->number, one);
		return;
	case ANY_YAML:
		put_yaml(b, f->number, j);
		return;
	case WRAPPED:
	case WRAPPED_TEXT:
	case WRAPPED_NAMED:
		break;
	}
	buf_init(&inner, MESSAGE_BYTES_MAX);
	if (f->shape == WRAPPED_TEXT) {
		put_text(&inner, f->inner, j);
	} else if (f->shape == WRAPPED_NAMED) {
		put_named(&inner, f->inner, f->of, j);
	} else if (json_is_boolean(j)) { /* additionalProperties: true */
		put_varint(&inner, 2 << 3);
		put_varint(&inner, json_is_true(j));
	} else {
		put_message(&inner, f->inner, f->of, j);
	}
	put_bytes(b, f->number, buf_view(&inner));
	buf_release(&inner);
}

static void put_extensions(struct buf *b, unsigned number, const json_t *j)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)j, name, value)
	{
		struct buf entry;
		if (strncmp(name, "x-", 2) != 0)
			continue;
		buf_init(&entry, MESSAGE_BYTES_MAX);
		put_bytes(&entry, 1, slice_str(name));
		put_yaml(&entry, 2, value);
		put_bytes(b, number, buf_view(&entry));
		buf_release(&entry);
	}
}

static void write_message(struct buf *b, const struct message *m, const json_t *j)
{
	for (size_t i = 0; i < m->n; i++) {
		const json_t *v = json_object_get(j, m->members[i].name);
		if (v)
			put_member(b, &m->members[i], v);
	}
	if (m->extension)
		put_extensions(b, m->extension, j);
}

void openapi_v2_protobuf(const json_t *document, struct buf *out)
{
	write_message(out, &document_message, document);
}
