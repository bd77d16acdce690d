/* Host names: see host.h. */
#include "serving/host.h"

#include <stdio.h>

#include "base/check.h"

/* Without ":port"; brackets of an IPv6 literal stay. */
static struct slice without_port(struct slice s)
{
	for (size_t i = s.len; i-- > 0;) {
		if (s.ptr[i] == ':')
			return slice_of(s.ptr, i);
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			break;
	}
	return s;
}

bool host_normal(struct slice sent, char out[HOST_BYTES], size_t *len)
{
	struct slice s = without_port(sent);
	if (s.len && s.ptr[s.len - 1] == '.')
		s.len--;
	if (!s.len || s.len >= HOST_BYTES)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		out[i] = (char)(c | ((unsigned)(c - 'A') < 26 ? 0x20 : 0));
	}
	out[s.len] = 0;
	*len = s.len;
	return true;
}

bool host_is_address(struct slice sent)
{
	struct slice s = without_port(sent);
	bool digit = false, dotted_only = true;
	if (slice_is_nocase(s, "localhost") || (s.len && s.ptr[0] == '['))
		return true;
	for (size_t i = 0; i < s.len; i++) {
		digit |= s.ptr[i] >= '0' && s.ptr[i] <= '9';
		dotted_only &= s.ptr[i] == '.' || (s.ptr[i] >= '0' && s.ptr[i] <= '9');
	}
	return digit && dotted_only;
}

void host_forms_add(struct host_forms *out, const char *service, const char *namespace_, const char *domain,
		    bool external)
{
	const struct {
		const char *between, *after, *domain;
		bool external;
	} forms[] = {
	    {".", ".", domain, true},
	    {"-", ".", domain, true},
	    {".", "", "", false},
	    {".", ".svc", "", false},
	    {".", ".svc.cluster.local", "", false},
	};
	for (size_t i = 0; i < COUNT_OF(forms) && out->n < HOST_FORMS_MAX; i++) {
		char *text = out->text[out->n];
		size_t len;
		if (forms[i].external && (!external || !domain))
			continue;
		int n = snprintf(text, HOST_BYTES, "%s%s%s%s%s", service, forms[i].between, namespace_, forms[i].after,
				 forms[i].domain);
		if (n > 0 && n < HOST_BYTES && host_normal(slice_of(text, (size_t)n), text, &len))
			out->names[out->n++] = text;
	}
}

void host_forms_add_component(struct host_forms *out, const char *name, const char *component, const char *namespace_,
			      const char *domain, bool external)
{
	static const char *const ends[] = {"", "-default"};
	for (size_t i = 0; i < COUNT_OF(ends); i++) {
		char service[HOST_BYTES];
		int n = snprintf(service, sizeof service, "%s-%s%s", name, component, ends[i]);
		if (n > 0 && n < HOST_BYTES)
			host_forms_add(out, service, namespace_, domain, external);
	}
}
