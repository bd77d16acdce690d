/* What `coracle status` and `coracle up` print of a running server, from its endpoints.json. */
#ifndef CORACLE_CLI_STATUS_H
#define CORACLE_CLI_STATUS_H

#include <jansson.h>

#include "cli/datadir.h"

void status_print(const struct datadir *d, const json_t *running);

#endif
