/* Looking into a type: see schema.h. Tables are short (at most 70 fields), so a scan beats a hash here. */
#include "cluster/schema.h"

#include <string.h>

const struct schema_field *schema_field(const struct schema_type *t, const char *name)
{
	if (!t)
		return NULL;
	for (size_t i = 0; i < t->fields_n; i++)
		if (strcmp(t->fields[i].name, name) == 0)
			return &t->fields[i];
	return NULL;
}

const struct schema_field *schema_item(const struct schema_field *f, struct schema_field *scratch)
{
	if (f->item)
		return f->item;
	*scratch = (struct schema_field){ .name = "", .type = f->item_type, .of = f->of };
	return scratch;
}

const char *schema_type_name(enum field_type t)
{
	switch (t) {
	case FIELD_STRING:
	case FIELD_TIME:
	case FIELD_MICROTIME:
	case FIELD_BYTES: return "string";
	case FIELD_INTEGER:
	case FIELD_INTEGER32: return "integer";
	case FIELD_NUMBER: return "number";
	case FIELD_BOOLEAN: return "boolean";
	case FIELD_OBJECT:
	case FIELD_MAP: return "object";
	case FIELD_LIST: return "array";
	case FIELD_ANY:
	case FIELD_INT_OR_STRING:
	case FIELD_QUANTITY: break;
	}
	return NULL;
}
