/* Policies of forms: see policy.h. */
#include "api/s3/policy.h"

#include "base/check.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "codec/time.h"

struct check {
	const struct form *form;
	struct slice bucket;
	bool covered[FORM_FIELDS_MAX];
	struct s3_policy *out;
};

static int denied(struct err *err, const char *what, struct slice name)
{
	return err_set(err, ERR_FORBIDDEN, "Invalid according to Policy: %s: %.*s", what, SLICE_ARG(name));
}

static struct slice text_of(const json_t *v)
{
	return json_is_string(v) ? slice_of(json_string_value(v), json_string_length(v)) : slice_of(NULL, 0);
}

/* Value of a field by its name in the policy; the bucket's is the one of the request, whatever a field says. */
static struct slice value_of(struct check *c, struct slice name)
{
	struct slice value = slice_is_nocase(name, "bucket") ? c->bucket : SLICE_LIT("");
	for (size_t i = 0; i < c->form->fields_n; i++)
		if (slice_eq_nocase(c->form->fields[i].name, name)) {
			c->covered[i] = true;
			return value.len ? value : c->form->fields[i].value;
		}
	return value;
}

static int condition(struct check *c, struct slice name, struct slice wanted, bool prefix, struct err *err)
{
	struct slice value = value_of(c, name);
	if (!wanted.ptr)
		return denied(err, "Policy Condition is broken", name);
	if (prefix ? !slice_eq(slice_sub(value, 0, wanted.len), wanted) : !slice_eq(value, wanted))
		return denied(err, "Policy Condition failed", name);
	return 0;
}

static int array_condition(struct check *c, const json_t *a, struct err *err)
{
	struct slice kind = text_of(json_array_get(a, 0)), name = text_of(json_array_get(a, 1));
	const json_t *last = json_array_get(a, 2);
	if (json_array_size(a) == 3 && slice_is_nocase(kind, "content-length-range") &&
	    json_is_integer(json_array_get(a, 1)) && json_is_integer(last)) {
		c->out->size_least = json_integer_value(json_array_get(a, 1));
		c->out->size_most = json_integer_value(last);
		return 0;
	}
	bool prefix = slice_is_nocase(kind, "starts-with");
	if (json_array_size(a) != 3 || !slice_starts(name, "$") || (!prefix && !slice_is_nocase(kind, "eq")))
		return denied(err, "Policy Condition is broken", kind);
	return condition(c, slice_from(name, 1), text_of(last), prefix, err);
}

static int conditions(struct check *c, const json_t *policy, struct err *err)
{
	const json_t *list = json_object_get(policy, "conditions"), *one;
	size_t i;
	if (!json_is_array(list))
		return denied(err, "Policy Condition is broken", SLICE_LIT("conditions"));
	json_array_foreach(list, i, one)
	{
		if (json_is_array(one)) {
			if (array_condition(c, one, err) < 0)
				return -1;
			continue;
		}
		const char *name;
		json_t *value;
		if (!json_is_object(one))
			return denied(err, "Policy Condition is broken", SLICE_LIT("conditions"));
		json_object_foreach((json_t *)one, name,
				    value) if (condition(c, slice_str(name), text_of(value), false, err) < 0) return -1;
	}
	return 0;
}

/* Fields that sign the policy cannot stand in it. */
static bool is_exempt(struct slice name)
{
	static const char *const exempt[] = {"policy", "x-amz-signature", "signature", "awsaccesskeyid"};
	for (size_t i = 0; i < COUNT_OF(exempt); i++)
		if (slice_is_nocase(name, exempt[i]))
			return true;
	return name.len > 9 && slice_is_nocase(slice_sub(name, 0, 9), "x-ignore-");
}

int s3_policy_check(const struct form *f, struct slice bucket, int64_t now_ns, struct s3_policy *out, struct err *err)
{
	struct check c = {.form = f, .bucket = bucket, .out = out};
	struct slice text;
	json_t *policy = NULL;
	int64_t until_ns;
	*out = (struct s3_policy){.size_most = -1};
	if (!base64_decode(form_field_value(f, "policy"), BASE64_STANDARD, f->arena, &text) ||
	    json_decode(text, 0, &policy, NULL) < 0)
		return denied(err, "not base64 of a JSON document", SLICE_LIT("policy"));
	int rc = 0;
	if (!time_parse_rfc3339(text_of(json_object_get(policy, "expiration")), &until_ns) || until_ns < now_ns)
		rc = denied(err, "Policy expired", SLICE_LIT("expiration"));
	if (rc == 0)
		rc = conditions(&c, policy, err);
	for (size_t i = 0; rc == 0 && i < f->fields_n; i++)
		if (!c.covered[i] && !is_exempt(f->fields[i].name))
			rc = denied(err, "Extra input fields", f->fields[i].name);
	json_decref(policy);
	return rc;
}
