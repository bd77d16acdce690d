/* Field tables: serving.kserve.io/v1alpha1. See types_serving.h. */
#include "control/kinds/types_serving.h"
#include "control/kinds/types_table.h"

#define NAME(t) "io.kserve.serving.v1alpha1." t

FIELDS(kserve_SupportedModelFormat) = {
	FIELD(0, "name", STRING, .required = true, .doc = "A format that it can serve."),
	FIELD(0, "version", STRING, .doc = "Version of the format."),
	FIELD(0, "autoSelect", BOOLEAN, .doc = "Whether it may be chosen without being named."),
	FIELD(0, "priority", INTEGER32, .doc = "The higher one is chosen."),
};
static TYPE(kserve_SupportedModelFormat, NAME("SupportedModelFormat"))

FIELDS(kserve_ServingRuntimeSpec) = {
	LIST_OF(0, "supportedModelFormats", kserve_SupportedModelFormat, .doc = "What it can serve."),
	FIELD(0, "multiModel", BOOLEAN, .doc = "Whether one server has many models; not built."),
	FIELD(0, "disabled", BOOLEAN, .doc = "Whether it is out of use."),
	LIST(0, "protocolVersions", STRING, .doc = "Protocols that it speaks."),
	LIST_OF(0, "containers", core_Container, .required = true, .doc = "The server: the container kserve-container."),
	POD_FIELDS_BESIDE_CONTAINERS,
	MAP(0, "labels", STRING, .doc = "Labels of its Pods."),
	MAP(0, "annotations", STRING, .doc = "Annotations of its Pods."),
	FIELD(0, "workerSpec", ANY, .doc = "Pods that a model over several nodes needs; not built."),
	FIELD(0, "grpcEndpoint", STRING, .doc = "ModelMesh: where its management is; not used."),
	FIELD(0, "grpcDataEndpoint", STRING, .doc = "ModelMesh: where gRPC is; not used."),
	FIELD(0, "httpDataEndpoint", STRING, .doc = "ModelMesh: where HTTP is; not used."),
	FIELD(0, "replicas", INTEGER32, .doc = "ModelMesh: how many servers; not used."),
	FIELD(0, "storageHelper", ANY, .doc = "ModelMesh: how models get there; not used."),
	FIELD(0, "builtInAdapter", ANY, .doc = "ModelMesh: how the server is managed; not used."),
};
static TYPE(kserve_ServingRuntimeSpec, NAME("ServingRuntimeSpec"))

static EMPTY_TYPE(kserve_ServingRuntimeStatus, NAME("ServingRuntimeStatus"))

#define RUNTIME(t)                                                                     \
	FIELDS(kserve_##t) = {                                                         \
		FIELD(0, "apiVersion", STRING),                                        \
		FIELD(0, "kind", STRING),                                              \
		OBJECT(0, "metadata", meta_ObjectMeta),                                \
		OBJECT(0, "spec", kserve_ServingRuntimeSpec, .doc = "The server."),    \
		OBJECT(0, "status", kserve_ServingRuntimeStatus),                      \
	};                                                                             \
	TYPE(kserve_##t, NAME(#t))

RUNTIME(ServingRuntime)
RUNTIME(ClusterServingRuntime)

/* Stored only: what they hold is kept as it is. */
#define STORED(t)                                       \
	FIELDS(kserve_##t) = {                          \
		FIELD(0, "apiVersion", STRING),         \
		FIELD(0, "kind", STRING),               \
		OBJECT(0, "metadata", meta_ObjectMeta), \
		FIELD(0, "spec", ANY),                  \
		FIELD(0, "status", ANY),                \
	};                                              \
	TYPE(kserve_##t, NAME(#t))

STORED(InferenceGraph)
STORED(TrainedModel)
