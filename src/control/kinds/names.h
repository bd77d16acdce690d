/* How names are checked, with the API server's texts. */
#ifndef CORACLE_CONTROL_KINDS_NAMES_H
#define CORACLE_CONTROL_KINDS_NAMES_H

#include <stdbool.h>

/* DNS-1123 label: lower case letters, digits and "-", 63 at most. */
bool name_is_label(const char *name);
/* DNS-1123 subdomain: labels joined by dots, 253 at most. */
bool name_is_subdomain(const char *name);

#define NAME_LABEL_REFUSAL \
	"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with " \
	"an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is " \
	"'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

#endif
