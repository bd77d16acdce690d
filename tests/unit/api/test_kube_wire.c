/* Tests of api/kubernetes: paths, negotiation, Status documents, protobuf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/kubernetes/kubeconfig.h"
#include "api/kubernetes/media.h"
#include "api/kubernetes/path.h"
#include "api/kubernetes/proto.h"
#include "api/kubernetes/status.h"
#include "base/arena.h"
#include "codec/json.h"
#include "codec/yaml.h"
#include "control/kinds/types.h"

static void path_is(const char *path, const char *group, const char *version, const char *ns, const char *plural,
		    const char *name, const char *sub, const char *rest)
{
	struct arena a;
	struct kube_path p;
	struct err err = {0};
	arena_init(&a, 0, 0);
	if (kube_path_parse(slice_str(path), &a, &p, &err) < 0)
		fail_msg("%s: %s", path, err.message);
	assert_string_equal(p.group, group);
	assert_string_equal(p.version, version);
	assert_string_equal(p.namespace_, ns);
	assert_string_equal(p.plural ? p.plural : "-", plural);
	assert_string_equal(p.name ? p.name : "-", name);
	assert_string_equal(p.subresource ? p.subresource : "-", sub);
	assert_true(slice_is(p.rest, rest));
	arena_release(&a);
}

static void path_fails(const char *path, enum err_code code)
{
	struct arena a;
	struct kube_path p;
	struct err err = {0};
	arena_init(&a, 0, 0);
	assert_int_equal(kube_path_parse(slice_str(path), &a, &p, &err), -1);
	assert_int_equal(err.code, code);
	arena_release(&a);
}

static void paths_are_understood(void **state)
{
	(void)state;
	path_is("/api/v1/namespaces", "", "v1", "", "namespaces", "-", "-", "");
	path_is("/api/v1/namespaces/a", "", "v1", "", "namespaces", "a", "-", "");
	path_is("/api/v1/namespaces/a/status", "", "v1", "", "namespaces", "a", "status", "");
	path_is("/api/v1/namespaces/a/finalize", "", "v1", "", "namespaces", "a", "finalize", "");
	path_is("/api/v1/namespaces/a/pods", "", "v1", "a", "pods", "-", "-", "");
	path_is("/api/v1/namespaces/a/pods/", "", "v1", "a", "pods", "-", "-", "/");
	path_is("/api/v1/namespaces/a/pods/p/log", "", "v1", "a", "pods", "p", "log", "");
	path_is("/api/v1/namespaces/a/services/http:s:80/proxy/v1/models/x:predict", "", "v1", "a", "services",
		"http:s:80", "proxy", "/v1/models/x:predict");
	path_is("/api/v1/namespaces/a/services/s/proxy/", "", "v1", "a", "services", "s", "proxy", "/");
	path_is("/apis/apps/v1/deployments", "apps", "v1", "", "deployments", "-", "-", "");
	path_is("/apis/apps/v1/namespaces/a/deployments/d/scale", "apps", "v1", "a", "deployments", "d", "scale", "");
	path_is("/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode", "rbac.authorization.k8s.io", "v1", "",
		"clusterroles", "system:node", "-", "");
	path_fails("/apis/apps/v1/namespaces/a", ERR_NOT_FOUND);
	path_fails("/metrics", ERR_NOT_FOUND);
	path_fails("/api/v1/namespaces/..", ERR_NOT_FOUND);
	path_fails("/api/v1/namespaces/%2e%2e", ERR_NOT_FOUND);
	path_fails("/api/v1/namespaces/a%2Fb", ERR_INVALID);
	path_fails("/api/v1/namespaces/a%00", ERR_INVALID);
	path_fails("/api/v1/namespaces/a%zz", ERR_INVALID);
	path_fails("/api/v1//pods", ERR_NOT_FOUND);
}

static struct kube_media accept(const char *header, unsigned flags)
{
	struct kube_media m = {0};
	struct err err = {0};
	if (kube_accept(slice_str(header), flags, &m, &err) < 0)
		fail_msg("%s: %s", header, err.message);
	return m;
}

static void forms_are_negotiated(void **state)
{
	(void)state;
	struct kube_media m;
	struct err err = {0};
	unsigned all = KUBE_ACCEPT_PROTOBUF | KUBE_ACCEPT_TABLE;
	assert_int_equal(accept("", all).encoding, KUBE_JSON);
	assert_int_equal(accept("*/*", all).encoding, KUBE_JSON);
	assert_int_equal(accept("application/vnd.kubernetes.protobuf,application/json", all).encoding, KUBE_PROTOBUF);
	assert_int_equal(accept("application/vnd.kubernetes.protobuf,application/json", 0).encoding, KUBE_JSON);
	assert_int_equal(accept("application/yaml", all).encoding, KUBE_YAML);
	assert_int_equal(accept("application/json;q=0.5, application/yaml", all).encoding, KUBE_YAML);
	m = accept("application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,"
		   "application/json",
		   all);
	assert_int_equal(m.as, KUBE_AS_TABLE);
	assert_string_equal(m.version, "v1");
	m = accept("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", all);
	assert_int_equal(m.as, KUBE_AS_PARTIAL);
	m = accept("application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json",
		   KUBE_ACCEPT_DISCOVERY);
	assert_int_equal(m.as, KUBE_AS_DISCOVERY);
	assert_string_equal(m.version, "v2beta1");
	assert_int_equal(accept("application/json;as=Nothing;g=meta.k8s.io;v=v1,application/json", all).as,
			 KUBE_AS_OBJECT);
	assert_int_equal(kube_accept(SLICE_LIT("text/html"), all, &m, &err), -1);
	assert_int_equal(err.code, ERR_NOT_ACCEPTABLE);
	assert_int_equal(kube_accept(SLICE_LIT("application/json;q=0"), all, &m, &err), -1);
}

static void statuses_name_what_they_are_about(void **state)
{
	(void)state;
	struct err err = {0};
	int http;
	err_set(&err, ERR_NOT_FOUND, "deployments.apps \"web\" not found");
	json_t *s = kube_status(&err, NULL, &http);
	assert_int_equal(http, 404);
	assert_string_equal(json_str_at(s, "details.name"), "web");
	assert_string_equal(json_str_at(s, "details.group"), "apps");
	assert_string_equal(json_str_at(s, "details.kind"), "deployments");
	assert_string_equal(json_str_at(s, "reason"), "NotFound");
	json_decref(s);
	err_set(&err, ERR_CONFLICT,
		"Operation cannot be fulfilled on namespaces \"golden\": the object has been modified");
	s = kube_status(&err, NULL, &http);
	assert_int_equal(http, 409);
	assert_string_equal(json_str_at(s, "details.kind"), "namespaces");
	json_decref(s);
	err_set(&err, ERR_INVALID, "no such thing");
	s = kube_status(&err, NULL, &http);
	assert_null(json_object_get(s, "details"));
	json_decref(s);
}

static const char namespace_body[] = "k8s\0\n\x0f\n\x02v1\x12\tNamespace\x12\x1e\n\x16\n\x06golden\x12\0\x1a\0\"\0*\0"
				     "2\0"
				     "8\0B\0\x12\0\x1a\x02\n\0\x1a\0\"\0";

static void a_namespace_is_read_from_protobuf(void **state)
{
	(void)state;
	struct kube_envelope e;
	struct err err = {0};
	json_t *o;
	struct slice body = slice_of(namespace_body, sizeof namespace_body - 1);
	assert_int_equal(kube_proto_open(body, &e, &err), 0);
	assert_true(slice_is(e.kind, "Namespace"));
	assert_int_equal(kube_proto_decode(e.raw, &type_core_Namespace, &o, &err), 0);
	assert_string_equal(json_str_at(o, "metadata.name"), "golden");
	assert_null(json_at(o, "metadata.uid"));
	json_decref(o);
	for (size_t n = 0; n < body.len; n++) { /* cut anywhere: an error or an object, never more */
		o = NULL;
		if (kube_proto_open(slice_sub(body, 0, n), &e, &err) == 0 &&
		    kube_proto_decode(e.raw, &type_core_Namespace, &o, &err) == 0)
			json_decref(o);
	}
}

static const char pod_text[] =
    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"labels\":{\"a\":\"b\"},"
    "\"creationTimestamp\":"
    "\"2026-01-02T03:04:05Z\",\"generation\":3},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\",\"command\":["
    "\"x\","
    "\"\"],\"ports\":[{\"containerPort\":80}],\"resources\":{\"limits\":{\"cpu\":\"500m\"}},\"livenessProbe\":{"
    "\"httpGet\":"
    "{\"path\":\"/"
    "\",\"port\":\"web\"},\"periodSeconds\":1},\"env\":[{\"name\":\"S\",\"valueFrom\":{\"secretKeyRef\":{\"name\":"
    "\"s\",\"key\":\"k\"}}}]}],\"volumes\":[{\"name\":\"v\",\"secret\":{\"secretName\":\"s\",\"defaultMode\":0}}],"
    "\"terminationGracePeriodSeconds\":0,\"priority\":-5}}";

static void a_pod_survives_protobuf(void **state)
{
	(void)state;
	struct err err = {0};
	struct kube_envelope e;
	struct buf b;
	json_t *pod, *back;
	buf_init(&b, 1 << 20);
	assert_int_equal(json_decode(slice_str(pod_text), 0, &pod, &err), 0);
	assert_int_equal(kube_proto_encode(pod, &type_core_Pod, &b, &err), 0);
	assert_int_equal(kube_proto_open(buf_view(&b), &e, &err), 0);
	if (kube_proto_decode(e.raw, &type_core_Pod, &back, &err) < 0)
		fail_msg("%s", err.message);
	json_object_set_new(back, "apiVersion", json_string("v1"));
	json_object_set_new(back, "kind", json_string("Pod"));
	if (!json_equal(pod, back)) {
		json_dumpf(back, stderr, JSON_INDENT(1));
		fail_msg("not the same");
	}
	json_decref(pod);
	json_decref(back);
	buf_release(&b);
}

static void a_secret_keeps_its_bytes(void **state)
{
	(void)state;
	struct err err = {0};
	struct kube_envelope e;
	struct buf b;
	json_t *back, *secret = json_pack("{s:s,s:s,s:{s:s},s:s}", "apiVersion", "v1", "kind", "Secret", "data", "k",
					  "AP8B", "type", "Opaque");
	buf_init(&b, 1 << 20);
	assert_int_equal(kube_proto_encode(secret, &type_core_Secret, &b, &err), 0);
	assert_int_equal(kube_proto_open(buf_view(&b), &e, &err), 0);
	assert_int_equal(kube_proto_decode(e.raw, &type_core_Secret, &back, &err), 0);
	assert_string_equal(json_str_at(back, "data.k"), "AP8B");
	json_decref(back);
	json_decref(secret);
	buf_release(&b);
}

static void a_kubeconfig_is_yaml(void **state)
{
	(void)state;
	struct kubeconfig k = {.server = "https://127.0.0.1:6443", .ca_pem = SLICE_LIT("pem"), .token = "a\"b"};
	struct buf b;
	struct err err = {0};
	json_t *docs;
	buf_init(&b, 1 << 16);
	kubeconfig_print(&k, &b);
	if (yaml_decode(buf_view(&b), YAML_GOYAML, &docs, &err) < 0)
		fail_msg("%s", err.message);
	json_t *c = json_array_get(docs, 0), *user = json_array_get(json_object_get(c, "users"), 0);
	assert_string_equal(json_str_at(user, "user.token"), "a\"b");
	assert_string_equal(json_str_at(c, "current-context"), "coracle");
	json_decref(docs);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paths_are_understood),
	    cmocka_unit_test(forms_are_negotiated),
	    cmocka_unit_test(statuses_name_what_they_are_about),
	    cmocka_unit_test(a_namespace_is_read_from_protobuf),
	    cmocka_unit_test(a_pod_survives_protobuf),
	    cmocka_unit_test(a_secret_keeps_its_bytes),
	    cmocka_unit_test(a_kubeconfig_is_yaml),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
