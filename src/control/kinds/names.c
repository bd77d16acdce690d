/* Names: see names.h. */
#include "control/kinds/names.h"

#include <string.h>

static bool alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_label(const char *s, size_t n)
{
	if (n == 0 || n > 63 || !alphanumeric(s[0]) || !alphanumeric(s[n - 1]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!alphanumeric(s[i]) && s[i] != '-')
			return false;
	return true;
}

bool name_is_label(const char *name)
{
	return is_label(name, strlen(name));
}

bool name_is_subdomain(const char *name)
{
	size_t n = strlen(name);
	if (n == 0 || n > 253)
		return false;
	for (;;) {
		size_t part = strcspn(name, ".");
		if (part > 0 && part < 64 ? !is_label(name, part) : part == 0)
			return false;
		if (!name[part])
			return true;
		name += part + 1;
	}
}
