/*
 * What KServe's validating webhook refuses, in its words. The API server puts the webhook's name before them and answers
 * 403. Refused here is what cannot mean anything; what Coracle does not serve yet is the controller's to say in status.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "codec/json.h"
#include "control/kinds/inferenceservice.h"

#define NAME_PATTERN "[a-z]([-a-z0-9]*[a-z0-9])?"

static int deny(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int deny(struct err *err, const char *fmt, ...)
{
	char text[768];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return err_set(err, ERR_FORBIDDEN,
		       "admission webhook \"inferenceservice.kserve-webhook-server.validator\" denied the request: %s", text);
}

static bool good_name(const char *s)
{
	size_t n = strlen(s);
	bool first = n && s[0] >= 'a' && s[0] <= 'z', last = n && s[n - 1] != '-';
	return first && last && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

/* ---- components ---- */

static int check_replicas(const json_t *c, struct err *err)
{
	json_int_t least = json_int_at(c, "minReplicas", 0), most = json_int_at(c, "maxReplicas", 0);
	if (least < 0)
		return deny(err, "MinReplicas cannot be less than 0");
	if (most < 0)
		return deny(err, "MaxReplicas cannot be less than 0");
	if (most != 0 && least > most)
		return deny(err, "MinReplicas cannot be greater than MaxReplicas");
	if (json_int_at(c, "containerConcurrency", 0) < 0)
		return deny(err, "Parallelism cannot be less than 0");
	return 0;
}

static int check_canary(const json_t *c, struct err *err)
{
	json_int_t percent = json_int_at(c, "canaryTrafficPercent", 0);
	if (percent < 0 || percent > 100)
		return deny(err, "canaryTrafficPercent must be between 0 and 100");
	return 0;
}

static int check_logger(const json_t *c, struct err *err)
{
	const char *mode = json_str_at(c, "logger.mode");
	if (mode && *mode && strcmp(mode, "all") != 0 && strcmp(mode, "request") != 0 && strcmp(mode, "response") != 0)
		return deny(err, "Invalid logger type");
	return 0;
}

static bool starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* A scheme of the list, or no scheme at all: a path. */
static int check_uri(const char *uri, struct err *err)
{
	static const char *const schemes[] = { "gs://",	  "s3://",   "pvc://", "file://", "https://", "http://",
					       "hdfs://", "webhdfs://", "oci://", "hf://", "modelscope://" };
	if (!uri || !*uri || !strstr(uri, "://"))
		return 0;
	for (size_t i = 0; i < COUNT_OF(schemes); i++)
		if (starts(uri, schemes[i]))
			return 0;
	return deny(err,
		    "storageUri, must be one of: [gs://, s3://, pvc://, file://, https://, http://, hdfs://, webhdfs://, oci://, "
		    "hf://, modelscope://] or match https://{}.blob.core.windows.net/{}/{} or be an absolute or relative local "
		    "path. StorageUri [%.300s] is not supported", uri);
}

static int check_storage(const json_t *f, struct err *err)
{
	const json_t *storage = json_object_get(f, "storage");
	const char *uri = json_str_at(f, "storageUri");
	if (storage && uri)
		return deny(err, "storage.spec and storageUri cannot be specified at the same time");
	return check_uri(uri, err);
}

static int check_component(const json_t *c, struct err *err)
{
	if (!json_is_object(c))
		return 0;
	if (check_replicas(c, err) < 0 || check_canary(c, err) < 0 || check_logger(c, err) < 0)
		return -1;
	return 0;
}

/* One framework, or containers, and not two. */
static int check_predictor(const json_t *p, struct err *err)
{
	size_t n = 0;
	for (const char *const *name = inferenceservice_frameworks; *name; name++) {
		const json_t *f = json_object_get(p, *name);
		if (!json_is_object(f))
			continue;
		n++;
		if (check_storage(f, err) < 0)
			return -1;
	}
	if (n > 1 || (n == 0 && json_array_size(json_object_get(p, "containers")) == 0))
		return deny(err, "Exactly one of [Custom, SKLearn, XGBoost, Tensorflow, PyTorch, Triton, ONNX, HuggingFace, "
				 "PMML, LightGBM, Paddle, Model] must be specified in PredictorSpec");
	return check_component(p, err);
}

static int check_explainer(const json_t *e, struct err *err)
{
	static const char *const names[] = { "alibi", "aix", "art" };
	size_t n = json_array_size(json_object_get(e, "containers")) > 0;
	if (!json_is_object(e))
		return 0;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		n += json_is_object(json_object_get(e, names[i]));
	if (n != 1)
		return deny(err, "Exactly one of [Custom, Alibi, AIX, ART] must be specified in ExplainerSpec");
	return check_component(e, err);
}

int inferenceservice_validate(struct admission *a, void *ctx, struct err *err)
{
	const json_t *spec = json_object_get(a->object, "spec"), *transformer = json_object_get(spec, "transformer");
	const char *name = json_str_at(a->object, "metadata.name");
	(void)ctx;
	if (a->subresource || fault_count(a->faults))
		return 0;
	if (name && !good_name(name))
		return deny(err,
			    "the InferenceService \"%.253s\" is invalid: a InferenceService name must consist of lower case "
			    "alphanumeric characters or '-', and must start with alphabetical character. (e.g. \"my-name\" or "
			    "\"abc-123\", regex used for validation is '%s')", name, NAME_PATTERN);
	if (check_predictor(json_object_get(spec, "predictor"), err) < 0)
		return -1;
	if (json_is_object(transformer) && json_array_size(json_object_get(transformer, "containers")) == 0)
		return deny(err, "Exactly one of [Custom] must be specified in TransformerSpec");
	if (check_component(transformer, err) < 0)
		return -1;
	return check_explainer(json_object_get(spec, "explainer"), err);
}
