/* Decoding: what Go's decoder and encoder make of a built-in object, and a structural schema of a custom one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "cluster/age.h"
#include "cluster/decode.h"
#include "cluster/quantity.h"
#include "codec/json.h"
#include "control/kinds/types.h"

static const struct kind deployment = { .group = "apps", .version = "v1", .kind = "Deployment", .plural = "deployments",
					.type = &type_apps_Deployment };
static const struct kind pod = { .group = "", .version = "v1", .kind = "Pod", .plural = "pods", .type = &type_core_Pod };
static const struct kind secret = { .group = "", .version = "v1", .kind = "Secret", .plural = "secrets",
				    .type = &type_core_Secret };

static json_t *parse(const char *text)
{
	json_t *v;
	struct err err = { 0 };
	if (json_decode(slice_str(text), 0, &v, &err) < 0)
		fail_msg("%s in %s", err.message, text);
	return v;
}

struct result {
	int rc;
	json_t *out, *warnings;
	struct fault_list faults;
	struct err err;
};

static struct result decode(const struct kind *k, const char *text, enum field_validation fields)
{
	struct result r = { 0 };
	json_t *in = parse(text);
	r.rc = decode_object(k, in, fields, &r.out, &r.warnings, &r.faults, &r.err);
	json_decref(in);
	return r;
}

static void release(struct result *r)
{
	json_decref(r->out);
	json_decref(r->warnings);
	fault_release(&r->faults);
}

static void becomes(const struct kind *k, const char *text, const char *want)
{
	struct result r = decode(k, text, FIELDS_STRICT);
	struct buf b;
	json_t *expected = parse(want);
	if (r.rc < 0)
		fail_msg("%s", r.err.message);
	json_object_del(r.out, "apiVersion");
	json_object_del(r.out, "kind");
	buf_init(&b, 1 << 20);
	json_encode(r.out, JSON_ENCODE_COMPACT, &b);
	if (!json_equal(r.out, expected))
		fail_msg("got %s\nnot %s", b.ptr, want);
	buf_release(&b);
	json_decref(expected);
	release(&r);
}

static void refused(const struct kind *k, const char *text, const char *message)
{
	struct result r = decode(k, text, FIELDS_STRICT);
	assert_int_equal(r.rc, -1);
	assert_int_equal(r.err.code, ERR_INVALID);
	assert_string_equal(r.err.message, message);
	release(&r);
}

static void zeros_go_as_gos_encoder_would_have_it(void **state)
{
	(void)state;
	becomes(&pod,
		"{\"metadata\":{\"name\":\"p\",\"labels\":{},\"finalizers\":[]},\"spec\":{\"hostNetwork\":false,\"nodeName\":\"\","
		"\"containers\":[{\"name\":\"a\",\"env\":[{\"name\":\"E\",\"value\":\"\"}],\"tty\":false}],"
		"\"terminationGracePeriodSeconds\":0,\"securityContext\":{},\"hostname\":null}}",
		"{\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":[{\"name\":\"a\",\"env\":[{\"name\":\"E\"}],\"resources\":{}}],"
		"\"terminationGracePeriodSeconds\":0,\"securityContext\":{}},\"status\":{}}");
	becomes(&deployment, "{}",
		"{\"metadata\":{},\"spec\":{\"selector\":null,\"template\":{\"metadata\":{},\"spec\":{\"containers\":null}},"
		"\"strategy\":{}},\"status\":{}}");
	becomes(&secret, "{\"data\":{\"a\":\"\"},\"stringData\":{}}", "{\"metadata\":{},\"data\":{\"a\":\"\"}}");
}

static void quantities_and_times_get_their_canonical_form(void **state)
{
	(void)state;
	becomes(&pod,
		"{\"metadata\":{\"creationTimestamp\":\"2026-01-02T03:04:05.678+01:00\"},\"spec\":{\"containers\":[{\"name\":\"a\","
		"\"resources\":{\"limits\":{\"cpu\":0.5,\"memory\":\"2048Mi\",\"x\":\"1000m\",\"y\":3}}}]}}",
		"{\"metadata\":{\"creationTimestamp\":\"2026-01-02T02:04:05Z\"},\"spec\":{\"containers\":[{\"name\":\"a\","
		"\"resources\":{\"limits\":{\"cpu\":\"500m\",\"memory\":\"2Gi\",\"x\":\"1\",\"y\":\"3\"}}}]},\"status\":{}}");
}

static void quantities_are_read_as_apimachinery_does(void **state)
{
	static const char *const cases[][2] = {
		{ "0", "0" },	      { "0.0", "0" },	    { "-1", "-1" },	  { "1.5Gi", "1536Mi" },    { "1e3", "1e3" },
		{ "1500m", "1500m" }, { "100k", "100k" },   { "1000k", "1M" },	  { "123456", "123456" },   { "1024Ki", "1Mi" },
		{ "0.1Ki", "102400m" }, { "+5", "5" },	    { ".5", "500m" },	  { "5.", "5" },	    { "1E", "1E" },
		{ "12E3", "12e3" },   { "1000Ki", "1000Ki" }, { "512", "512" },	  { "1u", "1u" },	    { "0.1n", "1n" },
		{ "9999999999999999999999", "9223372036854775807" },
	};
	static const char *const bad[] = { "", "x", "1x", "1.2.3", "1 Gi", "1GiB", "--1", "e3", "1e", "1ki", "." };
	char out[QUANTITY_TEXT_BYTES];
	int64_t v;
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_true(quantity_canonical(cases[i][0], out));
		assert_string_equal(out, cases[i][1]);
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (quantity_canonical(bad[i], out))
			fail_msg("\"%s\" is no quantity", bad[i]);
	assert_true(quantity_milli("250m", &v) && v == 250);
	assert_true(quantity_units("1.5Ki", &v) && v == 1536);
	assert_true(quantity_units("1m", &v) && v == 1);
	assert_true(quantity_cmp("1Gi", "1G") > 0 && quantity_cmp("1", "1000m") == 0 && quantity_cmp("-1", "0") < 0);
}

static void a_wrong_type_is_refused_in_gos_words(void **state)
{
	(void)state;
	refused(&deployment, "{\"spec\":{\"replicas\":\"many\"}}",
		"Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct "
		"field DeploymentSpec.spec.replicas of type int32");
	refused(&deployment, "{\"spec\":{\"template\":{\"spec\":{\"containers\":{}}}}}",
		"Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal object into Go struct "
		"field PodSpec.spec.template.spec.containers of type []v1.Container");
	refused(&pod, "{\"spec\":{\"containers\":[{\"args\":[1]}]}}",
		"Pod in version \"v1\" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field "
		"Container.spec.containers.args of type string");
	refused(&pod, "{\"metadata\":{\"labels\":{\"a\":1}}}",
		"Pod in version \"v1\" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field "
		"ObjectMeta.metadata.labels of type string");
	refused(&deployment, "{\"spec\":{\"replicas\":99999999999}}",
		"Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal number 99999999999 into "
		"Go struct field DeploymentSpec.spec.replicas of type int32");
	refused(&secret, "{\"data\":{\"a\":\"???\"}}",
		"Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data at input byte 0");
	refused(&pod, "{\"spec\":{\"containers\":[{\"resources\":{\"limits\":{\"cpu\":\"lots\"}}}]}}",
		"Pod in version \"v1\" cannot be handled as a Pod: " QUANTITY_REFUSAL);
}

static void unknown_fields_are_refused_warned_about_or_dropped(void **state)
{
	const char *text = "{\"metadata\":{\"nmae\":\"x\"},\"spec\":{\"containers\":[{\"imgae\":\"y\"}]},\"wrong\":1}";
	struct result r;
	(void)state;
	refused(&pod, text,
		"Pod in version \"v1\" cannot be handled as a Pod: strict decoding error: unknown field \"metadata.nmae\", "
		"unknown field \"spec.containers[0].imgae\", unknown field \"wrong\"");
	r = decode(&pod, text, FIELDS_WARN);
	assert_int_equal(r.rc, 0);
	assert_int_equal(json_array_size(r.warnings), 3);
	assert_string_equal(json_string_value(json_array_get(r.warnings, 2)), "unknown field \"wrong\"");
	assert_null(json_object_get(r.out, "wrong"));
	release(&r);
	r = decode(&pod, text, FIELDS_IGNORE);
	assert_int_equal(r.rc, 0);
	assert_null(r.warnings);
	release(&r);
}

/* ---- custom kinds ---- */

static const char schema_text[] =
	"{\"type\":\"object\",\"properties\":{\"spec\":{\"type\":\"object\",\"required\":[\"size\"],\"properties\":{"
	"\"size\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":10},"
	"\"mode\":{\"type\":\"string\",\"enum\":[\"fast\",\"slow\"],\"default\":\"slow\"},"
	"\"name\":{\"type\":\"string\",\"pattern\":\"^[a-z]+$\",\"maxLength\":5},"
	"\"when\":{\"type\":\"string\",\"format\":\"date-time\"},"
	"\"port\":{\"x-kubernetes-int-or-string\":true},"
	"\"tags\":{\"type\":\"array\",\"maxItems\":2,\"items\":{\"type\":\"string\"},\"x-kubernetes-list-type\":\"set\"},"
	"\"parts\":{\"type\":\"array\",\"x-kubernetes-list-type\":\"map\",\"x-kubernetes-list-map-keys\":[\"id\"],"
	"\"items\":{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"},\"n\":{\"type\":\"integer\",\"default\":7}}}},"
	"\"free\":{\"type\":\"object\",\"x-kubernetes-preserve-unknown-fields\":true},"
	"\"maybe\":{\"type\":\"string\",\"nullable\":true},"
	"\"labels\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}},"
	"\"one\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{\"type\":\"string\"}},"
	"\"oneOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}}}}}";

struct custom {
	struct arena arena;
	json_t *schema;
	struct kind kind;
};

static void custom_init(struct custom *c)
{
	struct err err = { 0 };
	arena_init(&c->arena, 0, 0);
	c->schema = parse(schema_text);
	c->kind = (struct kind){ .group = "example.com", .version = "v1", .kind = "Thing", .plural = "things",
				 .flags = KIND_CUSTOM };
	c->kind.type = schema_from_openapi(&c->arena, c->schema, &err);
	assert_non_null(c->kind.type);
}

static void custom_release(struct custom *c)
{
	json_decref(c->schema);
	arena_release(&c->arena);
}

static void a_custom_object_is_pruned_and_gets_its_defaults(void **state)
{
	struct custom c;
	(void)state;
	custom_init(&c);
	becomes(&c.kind,
		"{\"metadata\":{\"name\":\"x\",\"labels\":{}},\"spec\":{\"size\":3,\"free\":{\"any\":[1]},\"parts\":[{\"id\":\"a\"}],"
		"\"mode\":null,\"maybe\":null,\"port\":\"http\",\"labels\":{\"a\":\"b\"}}}",
		"{\"metadata\":{\"name\":\"x\"},\"spec\":{\"size\":3,\"free\":{\"any\":[1]},\"parts\":[{\"id\":\"a\",\"n\":7}],"
		"\"mode\":\"slow\",\"maybe\":null,\"port\":\"http\",\"labels\":{\"a\":\"b\"}}}");
	struct result r = decode(&c.kind, "{\"spec\":{\"size\":1,\"odd\":2},\"extra\":1}", FIELDS_WARN);
	assert_int_equal(r.rc, 0);
	assert_int_equal(json_array_size(r.warnings), 2);
	assert_null(json_at(r.out, "spec.odd"));
	release(&r);
	custom_release(&c);
}

static void what_a_schema_forbids_is_named_with_its_path(void **state)
{
	static const char *const cases[][2] = {
		{ "{\"spec\":{}}", "spec.size: Required value" },
		{ "{\"spec\":{\"size\":\"x\"}}",
		  "spec.size: Invalid value: \"string\": spec.size in body must be of type integer: \"string\"" },
		{ "{\"spec\":{\"size\":0}}", "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1" },
		{ "{\"spec\":{\"size\":11}}", "spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10" },
		{ "{\"spec\":{\"size\":1,\"mode\":\"odd\"}}",
		  "spec.mode: Unsupported value: \"odd\": supported values: \"fast\", \"slow\"" },
		{ "{\"spec\":{\"size\":1,\"name\":\"A\"}}",
		  "spec.name: Invalid value: \"A\": spec.name in body should match '^[a-z]+$'" },
		{ "{\"spec\":{\"size\":1,\"name\":\"abcdef\"}}", "spec.name: Too long: may not be more than 5 bytes" },
		{ "{\"spec\":{\"size\":1,\"tags\":[\"a\",\"b\",\"c\"]}}", "spec.tags: Too many: 3: must have at most 2 items" },
		{ "{\"spec\":{\"size\":1,\"tags\":[\"a\",\"a\"]}}", "spec.tags[1]: Duplicate value: \"a\"" },
		{ "{\"spec\":{\"size\":1,\"parts\":[{\"id\":\"a\"},{\"id\":\"a\"}]}}",
		  "spec.parts[1]: Duplicate value: {\"id\":\"a\"}" },
		{ "{\"spec\":{\"size\":1,\"when\":\"noon\"}}",
		  "spec.when: Invalid value: \"noon\": spec.when in body must be of type date-time: \"noon\"" },
		{ "{\"spec\":{\"size\":1,\"labels\":{\"k\":1}}}",
		  "spec.labels.k: Invalid value: \"integer\": spec.labels.k in body must be of type string: \"integer\"" },
		{ "{\"spec\":{\"size\":1,\"one\":{\"a\":\"x\",\"b\":\"y\"}}}",
		  "spec.one: Invalid value: \"spec.one\" must validate one and only one schema (oneOf). Found more than one valid" },
		{ "{\"spec\":5}", "spec: Invalid value: \"integer\": spec in body must be of type object: \"integer\"" },
	};
	struct custom c;
	(void)state;
	custom_init(&c);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct result r = decode(&c.kind, cases[i][0], FIELDS_STRICT);
		char want[512];
		struct err err = { 0 };
		assert_int_equal(r.rc, 0);
		assert_int_equal(fault_refuse(&r.faults, "Thing.example.com \"x\"", &err), -1);
		assert_int_equal(err.code, ERR_UNPROCESSABLE);
		(void)snprintf(want, sizeof want, "Thing.example.com \"x\" is invalid: %s", cases[i][1]);
		assert_string_equal(err.message, want);
		release(&r);
	}
	custom_release(&c);
}

static void ages_are_shown_as_kubectl_does(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} cases[] = { { 0, "0s" }, { 119, "119s" }, { 120, "2m" }, { 190, "3m10s" }, { 599, "9m59s" }, { 600, "10m" },
		      { 10799, "179m" }, { 10800, "3h" }, { 18120, "5h2m" }, { 28800, "8h" }, { 172799, "47h" }, { 172800, "2d" },
		      { 266400, "3d2h" }, { 691200, "8d" }, { 63072000, "2y" }, { 63936000, "2y10d" }, { 252288000, "8y" },
		      { -1, "0s" }, { -5, "<invalid>" } };
	char out[AGE_TEXT_BYTES];
	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		age_format(cases[i].seconds * 1000000000, out);
		assert_string_equal(out, cases[i].text);
	}
	age_since(NULL, 0, out);
	assert_string_equal(out, "<unknown>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeros_go_as_gos_encoder_would_have_it),
		cmocka_unit_test(quantities_and_times_get_their_canonical_form),
		cmocka_unit_test(quantities_are_read_as_apimachinery_does),
		cmocka_unit_test(a_wrong_type_is_refused_in_gos_words),
		cmocka_unit_test(unknown_fields_are_refused_warned_about_or_dropped),
		cmocka_unit_test(a_custom_object_is_pruned_and_gets_its_defaults),
		cmocka_unit_test(what_a_schema_forbids_is_named_with_its_path),
		cmocka_unit_test(ages_are_shown_as_kubectl_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
