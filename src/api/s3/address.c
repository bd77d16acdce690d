/*
 * Which bucket and key a request names: see call.h.
 *
 * The path is cut at '/' while it is still encoded, and each piece is decoded once: "%2F" is part of a key, never a
 * border. The Host used is the header field, since that is what was signed.
 */
#include "api/s3/call.h"
#include "api/s3/fault.h"
#include "codec/url.h"
#include "codec/utf8.h"

/* Without ":port"; the brackets of an IPv6 address stay. */
static struct slice host_name(struct slice host)
{
	size_t n = host.len;
	while (n > 0 && host.ptr[n - 1] >= '0' && host.ptr[n - 1] <= '9')
		n--;
	return n > 0 && n < host.len && host.ptr[n - 1] == ':' ? slice_sub(host, 0, n - 1) : host;
}

/* "bucket" of "bucket.DOMAIN"; empty when it is none of ours. */
static struct slice host_bucket(const struct s3_api *api, struct slice host)
{
	for (size_t i = 0; i < api->domains_n; i++) {
		struct slice domain = api->domains[i];
		if (host.len <= domain.len + 1)
			continue;
		size_t at = host.len - domain.len;
		struct slice name = slice_sub(host, 0, at - 1);
		if (host.ptr[at - 1] == '.' && slice_eq_nocase(slice_from(host, at), domain) &&
		    bucket_name_check(name, NULL) == 0)
			return name;
	}
	return slice_of(NULL, 0);
}

int s3_key_clean(struct slice *key, struct err *err)
{
	while (key->len && key->ptr[0] == '/')
		*key = slice_from(*key, 1);
	return utf8_valid(*key) ? 0 : s3_fault(err, S3_INVALID_URI);
}

int s3_address(const struct s3_api *api, struct http_exchange *x, struct slice *bucket, struct slice *key,
	       bool *virtual_host, struct err *err)
{
	struct slice rest = slice_from(x->path, 1), name = host_bucket(api, host_name(http_field(x, "host")));
	*virtual_host = name.len > 0;
	if (!*virtual_host && !url_decode(slice_cut(&rest, '/'), x->arena, &name))
		return s3_fault(err, S3_INVALID_URI);
	struct slice k = rest.ptr ? rest : SLICE_LIT("");
	if (!utf8_valid(name) || !url_decode(k, x->arena, &k) || s3_key_clean(&k, NULL) < 0)
		return s3_fault(err, S3_INVALID_URI);
	*bucket = name;
	*key = k;
	return 0;
}
