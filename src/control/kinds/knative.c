/* serving.knative.dev/v1: what an InferenceService is made of. They are written by controllers and shown. */
#include <string.h>

#include "codec/json.h"
#include "control/kinds/cells.h"
#include "control/kinds/tables.h"
#include "control/kinds/types_serving.h"

#define GROUP "serving.knative.dev"
#define READY COLUMN_PATH("Ready", "string", 0, ".status.conditions[?(@.type=='Ready')].status")
#define REASON COLUMN_PATH("Reason", "string", 0, ".status.conditions[?(@.type=='Ready')].reason")

enum { CUSTOM = KIND_NAMESPACED | KIND_STATUS | KIND_GENERATION | KIND_CUSTOM };

static json_t *label(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(json_at(o, "metadata.labels"), name));
	return s ? json_string(s) : json_null();
}

static json_t *revision_configuration(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return label(o, "serving.knative.dev/configuration");
}

static json_t *revision_generation(const json_t *o, int64_t now_ns)
{
	(void)now_ns;
	return label(o, "serving.knative.dev/configurationGeneration");
}

static const struct kind_column columns_service[] = {
	COLUMN_NAME,
	COLUMN_PATH("URL", "string", 0, ".status.url"),
	COLUMN_PATH("LatestCreated", "string", 0, ".status.latestCreatedRevisionName"),
	COLUMN_PATH("LatestReady", "string", 0, ".status.latestReadyRevisionName"),
	READY,
	REASON,
};

static const struct kind services = {
	.group = GROUP, .version = "v1", .kind = "Service", .plural = "services", .singular = "service",
	.short_names = NAMES("kservice", "ksvc"), .categories = NAMES("all", "knative", "serving"), .flags = CUSTOM,
	.names = NAMES_LABEL, COLUMNS(service), .type = &type_knative_Service,
};

static const struct kind_column columns_configuration[] = {
	COLUMN_NAME,
	COLUMN_PATH("LatestCreated", "string", 0, ".status.latestCreatedRevisionName"),
	COLUMN_PATH("LatestReady", "string", 0, ".status.latestReadyRevisionName"),
	READY,
	REASON,
};

static const struct kind configurations = {
	.group = GROUP, .version = "v1", .kind = "Configuration", .plural = "configurations", .singular = "configuration",
	.short_names = NAMES("config", "cfg"), .categories = NAMES("all", "knative", "serving"), .flags = CUSTOM,
	COLUMNS(configuration), .type = &type_knative_Configuration,
};

static const struct kind_column columns_revision[] = {
	COLUMN_NAME,
	COLUMN("Config Name", "string", 0, revision_configuration, "The configuration it was made from."),
	COLUMN_PATH("K8s Service Name", "string", 0, ".status.serviceName"),
	COLUMN("Generation", "string", 0, revision_generation, "The generation of that configuration."),
	READY,
	REASON,
};

static const struct kind revisions = {
	.group = GROUP, .version = "v1", .kind = "Revision", .plural = "revisions", .singular = "revision",
	.short_names = NAMES("rev"), .categories = NAMES("all", "knative", "serving"), .flags = CUSTOM, COLUMNS(revision),
	.type = &type_knative_Revision,
};

static const struct kind_column columns_route[] = {
	COLUMN_NAME,
	COLUMN_PATH("URL", "string", 0, ".status.url"),
	READY,
	REASON,
};

static const struct kind routes = {
	.group = GROUP, .version = "v1", .kind = "Route", .plural = "routes", .singular = "route",
	.short_names = NAMES("rt"), .categories = NAMES("all", "knative", "serving"), .flags = CUSTOM, COLUMNS(route),
	.type = &type_knative_Route,
};

KIND_TABLE(knative, &configurations, &revisions, &routes, &services)
