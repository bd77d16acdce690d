/* serving.kserve.io: InferenceService, its runtimes, and two kinds that are only kept. */
#include "codec/json.h"
#include "control/kinds/cells.h"
#include "control/kinds/inferenceservice.h"
#include "control/kinds/tables.h"
#include "control/kinds/types_serving.h"

#define GROUP "serving.kserve.io"
#define COLUMN_CREATED COLUMN_PATH("Age", "date", 0, ".metadata.creationTimestamp")

enum { CUSTOM = KIND_STATUS | KIND_GENERATION | KIND_CUSTOM };

static const struct kind_column columns_inferenceservice[] = {
	COLUMN_NAME,
	COLUMN_PATH("URL", "string", 0, ".status.url"),
	COLUMN_PATH("Ready", "string", 0, ".status.conditions[?(@.type=='Ready')].status"),
	COLUMN_PATH("Prev", "integer", 0, ".status.components.predictor.traffic[?(@.tag=='prev')].percent"),
	COLUMN_PATH("Latest", "integer", 0, ".status.components.predictor.traffic[?(@.latestRevision==true)].percent"),
	COLUMN_PATH("PrevRolledoutRevision", "string", 0,
		    ".status.components.predictor.traffic[?(@.tag=='prev')].revisionName"),
	COLUMN_PATH("LatestReadyRevision", "string", 0,
		    ".status.components.predictor.traffic[?(@.latestRevision==true)].revisionName"),
	COLUMN_CREATED,
};

const struct kind kind_inferenceservice = {
	.group = GROUP, .version = "v1beta1", .kind = "InferenceService", .plural = "inferenceservices",
	.singular = "inferenceservice", .short_names = NAMES("isvc"), .flags = KIND_NAMESPACED | CUSTOM,
	COLUMNS(inferenceservice), .type = &type_kserve_InferenceService,
	.hooks = { .defaults = inferenceservice_defaults, .prepare = inferenceservice_prepare,
		   .validate = inferenceservice_validate },
};

static const struct kind_column columns_runtime[] = {
	COLUMN_NAME,
	COLUMN_PATH("Disabled", "boolean", 0, ".spec.disabled"),
	COLUMN_PATH("ModelType", "string", 0, ".spec.supportedModelFormats[*].name"),
	COLUMN_PATH("Containers", "string", 0, ".spec.containers[*].name"),
	COLUMN_CREATED,
};

static const struct kind servingruntimes = {
	.group = GROUP, .version = "v1alpha1", .kind = "ServingRuntime", .plural = "servingruntimes",
	.singular = "servingruntime", .flags = KIND_NAMESPACED | CUSTOM, COLUMNS(runtime),
	.type = &type_kserve_ServingRuntime,
};

static const struct kind clusterservingruntimes = {
	.group = GROUP, .version = "v1alpha1", .kind = "ClusterServingRuntime", .plural = "clusterservingruntimes",
	.singular = "clusterservingruntime", .flags = CUSTOM, COLUMNS(runtime), .type = &type_kserve_ClusterServingRuntime,
};

static const struct kind_column columns_stored[] = {
	COLUMN_NAME,
	COLUMN_PATH("URL", "string", 0, ".status.url"),
	COLUMN_PATH("Ready", "string", 0, ".status.conditions[?(@.type=='Ready')].status"),
	COLUMN_CREATED,
};

static const struct kind inferencegraphs = {
	.group = GROUP, .version = "v1alpha1", .kind = "InferenceGraph", .plural = "inferencegraphs",
	.singular = "inferencegraph", .short_names = NAMES("ig"), .flags = KIND_NAMESPACED | CUSTOM, COLUMNS(stored),
	.type = &type_kserve_InferenceGraph, .without_effect = "nothing is served by it",
};

static const struct kind trainedmodels = {
	.group = GROUP, .version = "v1alpha1", .kind = "TrainedModel", .plural = "trainedmodels",
	.singular = "trainedmodel", .short_names = NAMES("tm"), .flags = KIND_NAMESPACED | CUSTOM, COLUMNS(stored),
	.type = &type_kserve_TrainedModel, .without_effect = "nothing is served by it",
};

KIND_TABLE(kserve, &kind_inferenceservice, &clusterservingruntimes, &inferencegraphs, &servingruntimes, &trainedmodels)
