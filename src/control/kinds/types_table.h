/* Macros of the field tables (types.h). Only types_*.c include this. */
#ifndef CORACLE_CONTROL_KINDS_TYPES_TABLE_H
#define CORACLE_CONTROL_KINDS_TYPES_TABLE_H

#include "control/kinds/types.h"

#define FIELDS(t) static const struct schema_field fields_##t[]
#define TYPE(t, openapi_name, ...)                                    \
	const struct schema_type type_##t = { .name = (openapi_name), \
					      .fields = fields_##t,   \
					      .fields_n = sizeof fields_##t / sizeof fields_##t[0], \
					      ##__VA_ARGS__ };
/* A type that server-side apply owns as a whole wherever it stands. */
#define ATOMIC_TYPE(t, openapi_name, ...) TYPE(t, openapi_name, .atomic = true, ##__VA_ARGS__)
#define EMPTY_TYPE(t, openapi_name) const struct schema_type type_##t = { .name = (openapi_name) };

/* (protobuf number, JSON name, type, more members of struct schema_field…) */
#define FIELD(n, j, t, ...) { .number = (n), .name = (j), .type = FIELD_##t, ##__VA_ARGS__ }
#define OBJECT(n, j, t, ...) { .number = (n), .name = (j), .type = FIELD_OBJECT, .of = &type_##t, ##__VA_ARGS__ }
#define LIST(n, j, t, ...) { .number = (n), .name = (j), .type = FIELD_LIST, .item_type = FIELD_##t, ##__VA_ARGS__ }
#define LIST_OF(n, j, t, ...) \
	{ .number = (n), .name = (j), .type = FIELD_LIST, .item_type = FIELD_OBJECT, .of = &type_##t, ##__VA_ARGS__ }
#define MAP(n, j, t, ...) { .number = (n), .name = (j), .type = FIELD_MAP, .item_type = FIELD_##t, ##__VA_ARGS__ }
#define MAP_OF(n, j, t, ...) \
	{ .number = (n), .name = (j), .type = FIELD_MAP, .item_type = FIELD_OBJECT, .of = &type_##t, ##__VA_ARGS__ }
#define MAP_OF_LISTS(n, j, ...) { .number = (n), .name = (j), .type = FIELD_MAP, .item = &field_strings, ##__VA_ARGS__ }

/* A list of strings as the value of a map: in protobuf a message whose field 1 repeats. */
extern const struct schema_field field_strings;

#endif
