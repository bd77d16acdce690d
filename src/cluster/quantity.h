/*
 * Amounts as Kubernetes writes them: "500m", "2Gi", "1e3", "0.5". Kept to a billionth, rounded away from zero, and no
 * larger than 2^63-1, as apimachinery's resource.Quantity does.
 */
#ifndef CORACLE_CLUSTER_QUANTITY_H
#define CORACLE_CLUSTER_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QUANTITY_TEXT_BYTES = 48 };

/* What ParseQuantity says about a text that is none. */
#define QUANTITY_REFUSAL \
	"quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

/* The form the API server writes: "1000m" is "1", "2048Mi" is "2Gi", "0.5" is "500m". False when it is no quantity. */
bool quantity_canonical(const char *text, char out[QUANTITY_TEXT_BYTES]);
/* In thousandths, rounded up; INT64_MAX when it is more. */
bool quantity_milli(const char *text, int64_t *out);
/* In units, rounded up: bytes of memory, count of processors. */
bool quantity_units(const char *text, int64_t *out);
/* <0, 0 or >0; texts that are no quantity count as 0. */
int quantity_cmp(const char *a, const char *b);

#endif
