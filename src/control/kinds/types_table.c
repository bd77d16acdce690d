/* What the field tables share. */
#include "control/kinds/types_table.h"

const struct schema_field field_strings = LIST(1, "", STRING);
