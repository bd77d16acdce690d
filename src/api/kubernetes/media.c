/*
 * Accept as RFC 9110 section 12.5.1 has it, reduced to what Kubernetes' clients send: media ranges with q, and the
 * parameters as, g, v that ask for a transformed object. A range that we cannot serve is passed over, so that
 * "application/vnd.kubernetes.protobuf,application/json" falls back to JSON where a kind has no protobuf form.
 */
#include "api/kubernetes/media.h"

static struct slice unquote(struct slice s)
{
	if (s.len >= 2 && s.ptr[0] == '"' && s.ptr[s.len - 1] == '"')
		return slice_sub(s, 1, s.len - 2);
	return s;
}

struct slice kube_media_type(struct slice header)
{
	return slice_trim(slice_cut(&header, ';'));
}

/* q in thousandths: "0.9" is 900; what is not a q counts as 1. */
static int quality(struct slice s)
{
	if (s.len == 0 || (s.ptr[0] != '0' && s.ptr[0] != '1'))
		return 1000;
	int q = (s.ptr[0] - '0') * 1000, unit = 100;
	for (size_t i = 2; i < s.len && i < 5 && s.ptr[1] == '.'; i++, unit /= 10) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return 1000;
		q += (s.ptr[i] - '0') * unit;
	}
	return q > 1000 ? 1000 : q;
}

static bool encoding_of(struct slice type, unsigned flags, enum kube_encoding *out)
{
	if (slice_is_nocase(type, "application/json") || slice_is(type, "*/*") || slice_is(type, "application/*"))
		*out = KUBE_JSON;
	else if (slice_is_nocase(type, "application/yaml"))
		*out = KUBE_YAML;
	else if (slice_is_nocase(type, "application/vnd.kubernetes.protobuf") && (flags & KUBE_ACCEPT_PROTOBUF))
		*out = KUBE_PROTOBUF;
	else
		return false;
	return true;
}

static const char *static_version(struct slice v)
{
	static const char *const known[] = {"v1", "v1beta1", "v2", "v2beta1"};
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (slice_is(v, known[i]))
			return known[i];
	return NULL;
}

static bool transform_of(struct slice as, struct slice group, struct slice version, unsigned flags,
			 struct kube_media *m)
{
	m->version = static_version(version);
	if (!m->version)
		return false;
	bool v1 = m->version[1] == '1';
	if (slice_is(as, "APIGroupDiscoveryList")) {
		m->as = KUBE_AS_DISCOVERY;
		return (flags & KUBE_ACCEPT_DISCOVERY) && slice_is(group, "apidiscovery.k8s.io") && !v1;
	}
	if (!(flags & KUBE_ACCEPT_TABLE) || !slice_is(group, "meta.k8s.io") || !v1 || m->encoding == KUBE_PROTOBUF)
		return false;
	m->as = slice_is(as, "Table") ? KUBE_AS_TABLE : KUBE_AS_PARTIAL;
	return m->as == KUBE_AS_TABLE || slice_is(as, "PartialObjectMetadata") ||
	       slice_is(as, "PartialObjectMetadataList");
}

/* One media range; its q, or -1 when it cannot be served. */
static int range(struct slice text, unsigned flags, struct kube_media *out)
{
	struct slice type = slice_trim(slice_cut(&text, ';')), as = {0}, group = {0}, version = {0}, p;
	int q = 1000;
	while ((p = slice_cut(&text, ';')).ptr) {
		struct slice name = slice_trim(slice_cut(&p, '=')), value = unquote(slice_trim(p));
		if (slice_is_nocase(name, "q"))
			q = quality(value);
		else if (slice_is(name, "as"))
			as = value;
		else if (slice_is(name, "g"))
			group = value;
		else if (slice_is(name, "v"))
			version = value;
	}
	struct kube_media m = {.as = KUBE_AS_OBJECT};
	if (!encoding_of(type, flags, &m.encoding) || (as.len > 0 && !transform_of(as, group, version, flags, &m)))
		return -1;
	*out = m;
	return q;
}

int kube_accept(struct slice header, unsigned flags, struct kube_media *out, struct err *err)
{
	struct kube_media best = {.encoding = KUBE_JSON, .as = KUBE_AS_OBJECT}, m;
	int best_q = 0;
	struct slice one;
	if (slice_trim(header).len == 0) {
		*out = best;
		return 0;
	}
	while ((one = slice_cut(&header, ',')).ptr) {
		int q = range(one, flags, &m);
		if (q > best_q) {
			best_q = q;
			best = m;
		}
	}
	if (best_q == 0)
		return err_set(err, ERR_NOT_ACCEPTABLE,
			       "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml%s"
			       ", application/json;stream=watch%s",
			       flags & KUBE_ACCEPT_PROTOBUF ? ", application/vnd.kubernetes.protobuf" : "",
			       flags & KUBE_ACCEPT_PROTOBUF ? ", application/vnd.kubernetes.protobuf;stream=watch"
							    : "");
	*out = best;
	return 0;
}

int kube_content_type(struct slice header, enum kube_encoding *out, struct err *err)
{
	struct slice type = kube_media_type(header);
	if (type.len == 0)
		*out = KUBE_JSON;
	else if (slice_is(type, "*/*") || slice_is(type, "application/*") ||
		 !encoding_of(type, KUBE_ACCEPT_PROTOBUF, out))
		return err_set(err, ERR_MEDIA_TYPE,
			       "the body of the request was in an unknown format - accepted media types include: "
			       "application/json, application/yaml, application/vnd.kubernetes.protobuf");
	return 0;
}

const char *kube_media_name(enum kube_encoding e)
{
	static const char *const names[] = {
	    [KUBE_JSON] = "application/json",
	    [KUBE_YAML] = "application/yaml",
	    [KUBE_PROTOBUF] = "application/vnd.kubernetes.protobuf",
	};
	return names[e];
}
