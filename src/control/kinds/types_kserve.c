/* Field tables: serving.kserve.io/v1beta1 InferenceService. See types_serving.h. */
#include "control/kinds/types_serving.h"
#include "control/kinds/types_table.h"

#define NAME(t) "io.kserve.serving.v1beta1." t

/* ---- where a model is ---- */

FIELDS(kserve_StorageSpec) = {
	FIELD(0, "key", STRING, .doc = "The entry of the storage-config secret that says how to reach it."),
	FIELD(0, "path", STRING, .doc = "Path of the model in that storage."),
	FIELD(0, "schemaPath", STRING, .doc = "Path of a schema of the model; not used."),
	MAP(0, "parameters", STRING, .doc = "Settings in place of the secret's, such as type and bucket."),
};
static TYPE(kserve_StorageSpec, NAME("ModelStorageSpec"))

FIELDS(kserve_StorageUri) = {
	FIELD(0, "uri", STRING, .required = true, .doc = "Where the files are."),
	FIELD(0, "mountPath", STRING, .doc = "Where the container finds them."),
};
static TYPE(kserve_StorageUri, NAME("StorageUri"))

FIELDS(kserve_ModelFormat) = {
	FIELD(0, "name", STRING, .required = true, .doc = "Format of the files: sklearn, xgboost, onnx…"),
	FIELD(0, "version", STRING, .doc = "Version of the format."),
};
static TYPE(kserve_ModelFormat, NAME("ModelFormat"))

/* ---- what serves it ---- */

#define FRAMEWORK_FIELDS                                                                                           \
	FIELD(0, "name", STRING, .doc = "Name of the container: kserve-container."),                              \
	FIELD(0, "storageUri", STRING, .doc = "Where the model is: s3://bucket/path, pvc://claim/path, https://…"), \
	FIELD(0, "runtimeVersion", STRING, .doc = "Version of the server's image."),                              \
	FIELD(0, "protocolVersion", STRING, .doc = "v1 or v2: what the server speaks by default."),                \
	OBJECT(0, "storage", kserve_StorageSpec, .doc = "Where the model is, by an entry of storage-config."),     \
	CONTAINER_FIELDS_BESIDE_NAME

FIELDS(kserve_FrameworkSpec) = { FRAMEWORK_FIELDS };
static TYPE(kserve_FrameworkSpec, NAME("PredictorExtensionSpec"))

FIELDS(kserve_ModelSpec) = {
	OBJECT(0, "modelFormat", kserve_ModelFormat, .required = true, .doc = "What the files hold."),
	FIELD(0, "runtime", STRING, .doc = "The ServingRuntime to use, by name."),
	FRAMEWORK_FIELDS,
};
static TYPE(kserve_ModelSpec, NAME("ModelSpec"))

FIELDS(kserve_ExplainerSpec) = {
	FIELD(0, "type", STRING, .doc = "The method of explanation."),
	MAP(0, "config", STRING, .doc = "Settings of the method."),
	FRAMEWORK_FIELDS,
};
static TYPE(kserve_ExplainerSpec, NAME("ExplainerExtensionSpec"))

FIELDS(kserve_Batcher) = {
	FIELD(0, "maxBatchSize", INTEGER, .doc = "Most instances of one batch."),
	FIELD(0, "maxLatency", INTEGER, .doc = "Milliseconds a batch waits to fill."),
	FIELD(0, "timeout", INTEGER, .doc = "Seconds a request may wait."),
};
static TYPE(kserve_Batcher, NAME("Batcher"))

FIELDS(kserve_Logger) = {
	FIELD(0, "url", STRING, .doc = "Where payloads are sent."),
	FIELD(0, "mode", STRING, .doc = "all, request or response."),
	LIST(0, "metadataHeaders", STRING),
	LIST(0, "metadataAnnotations", STRING),
	FIELD(0, "storage", ANY),
	FIELD(0, "marshallerUrl", STRING),
};
static TYPE(kserve_Logger, NAME("LoggerSpec"))

#define COMPONENT_FIELDS                                                                                               \
	LIST_OF(0, "containers", core_Container, .doc = "A server of one's own; the first container is it."),         \
	POD_FIELDS_BESIDE_CONTAINERS,                                                                                  \
	FIELD(0, "minReplicas", INTEGER32, .doc = "Fewest replicas; 0 lets it rest when nobody asks."),                \
	FIELD(0, "maxReplicas", INTEGER32, .doc = "Most replicas; 0 for no limit."),                                   \
	FIELD(0, "scaleTarget", INTEGER32, .doc = "The value of scaleMetric to hold."),                                \
	FIELD(0, "scaleMetric", STRING, .doc = "cpu, memory, concurrency or rps."),                                    \
	FIELD(0, "scaleMetricType", STRING, .doc = "Utilization, AverageValue or Value."),                             \
	FIELD(0, "autoScaling", ANY, .doc = "What is scaled by; kept, nothing is scaled here."),                       \
	FIELD(0, "containerConcurrency", INTEGER, .doc = "Requests at a time for one replica, 0 for any number."),     \
	FIELD(0, "timeout", INTEGER, .doc = "Seconds a request may take."),                                            \
	FIELD(0, "canaryTrafficPercent", INTEGER, .doc = "Share of the requests for the latest revision."),            \
	OBJECT(0, "logger", kserve_Logger, .doc = "Sends payloads somewhere."),                                        \
	OBJECT(0, "batcher", kserve_Batcher, .doc = "Joins requests before the model."),                               \
	MAP(0, "labels", STRING, .doc = "Labels of its Pods."),                                                        \
	MAP(0, "annotations", STRING, .doc = "Annotations of its Pods."),                                              \
	FIELD(0, "deploymentStrategy", ANY, .doc = "How old Pods are replaced by new ones."),                          \
	FIELD(0, "workerSpec", ANY, .doc = "Pods that a model over several nodes needs; not built."),                  \
	LIST_OF(0, "storageUris", kserve_StorageUri, .doc = "Files to fetch, each with its place.")

#define FRAMEWORK(name, text) OBJECT(0, name, kserve_FrameworkSpec, .doc = text)

FIELDS(kserve_PredictorSpec) = {
	FRAMEWORK("sklearn", "A scikit-learn model."),
	FRAMEWORK("xgboost", "An XGBoost model."),
	FRAMEWORK("tensorflow", "A TensorFlow SavedModel."),
	FRAMEWORK("pytorch", "A TorchScript model."),
	FRAMEWORK("triton", "A Triton model repository."),
	FRAMEWORK("onnx", "An ONNX model."),
	FRAMEWORK("huggingface", "A Hugging Face model."),
	FRAMEWORK("pmml", "A PMML model."),
	FRAMEWORK("lightgbm", "A LightGBM model."),
	FRAMEWORK("paddle", "A Paddle model."),
	OBJECT(0, "model", kserve_ModelSpec, .doc = "A model of any format."),
	FIELD(0, "name", STRING, .doc = "Name of the container."),
	COMPONENT_FIELDS,
};
static TYPE(kserve_PredictorSpec, NAME("PredictorSpec"))

FIELDS(kserve_TransformerSpec) = { COMPONENT_FIELDS };
static TYPE(kserve_TransformerSpec, NAME("TransformerSpec"))

FIELDS(kserve_ComponentExplainerSpec) = {
	OBJECT(0, "alibi", kserve_ExplainerSpec, .doc = "Explains by the Alibi library."),
	OBJECT(0, "aix", kserve_ExplainerSpec, .doc = "Explains by AI Explainability 360."),
	OBJECT(0, "art", kserve_ExplainerSpec, .doc = "Explains by the Adversarial Robustness Toolbox."),
	COMPONENT_FIELDS,
};
static TYPE(kserve_ComponentExplainerSpec, NAME("ExplainerSpec"))

FIELDS(kserve_CanarySpec) = {
	FIELD(0, "trafficPercent", INTEGER, .doc = "Share of the requests."),
	OBJECT(0, "predictor", kserve_PredictorSpec, .doc = "The predictor that gets it."),
};
static TYPE(kserve_CanarySpec, NAME("CanarySpec"))

FIELDS(kserve_InferenceServiceSpec) = {
	OBJECT(0, "predictor", kserve_PredictorSpec, .required = true, .doc = "The model, and how it is served."),
	OBJECT(0, "transformer", kserve_TransformerSpec, .doc = "What comes before and after the model."),
	OBJECT(0, "explainer", kserve_ComponentExplainerSpec, .doc = "What explains the model's answers."),
	LIST_OF(0, "canary", kserve_CanarySpec),
};
static TYPE(kserve_InferenceServiceSpec, NAME("InferenceServiceSpec"))

/* ---- status ---- */

FIELDS(kserve_ComponentStatus) = {
	FIELD(0, "latestReadyRevision", STRING, .doc = "The last revision that became ready."),
	FIELD(0, "latestCreatedRevision", STRING, .doc = "The last revision that was made."),
	FIELD(0, "previousRolledoutRevision", STRING, .doc = "The revision that had all requests before."),
	FIELD(0, "latestRolledoutRevision", STRING, .doc = "The last revision that had all requests."),
	LIST_OF(0, "traffic", knative_TrafficTarget, .doc = "How requests are shared now."),
	FIELD(0, "url", STRING, .doc = "Where requests to this component go."),
	FIELD(0, "restUrl", STRING, .doc = "Where REST requests go."),
	FIELD(0, "grpcUrl", STRING, .doc = "Where gRPC requests go."),
	OBJECT(0, "address", knative_Addressable, .doc = "Where requests from inside go."),
};
static TYPE(kserve_ComponentStatus, NAME("ComponentStatusSpec"))

FIELDS(kserve_ModelRevisionStates) = {
	FIELD(0, "activeModelState", STRING, .doc = "State of the model that answers."),
	FIELD(0, "targetModelState", STRING, .doc = "State of the model that is to answer."),
};
static TYPE(kserve_ModelRevisionStates, NAME("ModelRevisionStates"))

FIELDS(kserve_ModelCopies) = {
	FIELD(0, "failedCopies", INTEGER, .doc = "Copies that failed."),
	FIELD(0, "totalCopies", INTEGER, .doc = "Copies there are."),
};
static TYPE(kserve_ModelCopies, NAME("ModelCopies"))

FIELDS(kserve_FailureInfo) = {
	FIELD(0, "location", STRING, .doc = "Where it failed."),
	FIELD(0, "reason", STRING, .doc = "Why, as one word."),
	FIELD(0, "message", STRING, .doc = "Why: the file, class, key or code that was wrong."),
	FIELD(0, "modelRevisionName", STRING, .doc = "The revision that failed."),
	FIELD(0, "time", STRING, .doc = "When it failed."),
	FIELD(0, "exitCode", INTEGER32, .doc = "How its process ended."),
};
static TYPE(kserve_FailureInfo, NAME("FailureInfo"))

FIELDS(kserve_ModelStatus) = {
	FIELD(0, "transitionStatus", STRING, .doc = "UpToDate, InProgress, BlockedByFailedLoad or InvalidSpec."),
	OBJECT(0, "states", kserve_ModelRevisionStates, .doc = "States of the models."),
	OBJECT(0, "lastFailureInfo", kserve_FailureInfo, .doc = "What failed last, and why."),
	OBJECT(0, "copies", kserve_ModelCopies, .doc = "How many copies there are."),
};
static TYPE(kserve_ModelStatus, NAME("ModelStatus"))

FIELDS(kserve_InferenceServiceStatus) = {
	FIELD(0, "observedGeneration", INTEGER, .doc = "The generation that this status is about."),
	LIST_OF(0, "conditions", knative_Condition, .doc = "What is ready and what is not, with reasons."),
	MAP(0, "annotations", STRING),
	OBJECT(0, "address", knative_Addressable, .doc = "Where requests from inside go."),
	FIELD(0, "url", STRING, .doc = "Where requests go."),
	MAP_OF(0, "components", kserve_ComponentStatus, .doc = "Predictor, transformer and explainer, each."),
	OBJECT(0, "modelStatus", kserve_ModelStatus, .doc = "How loading the model went."),
	FIELD(0, "deploymentMode", STRING, .doc = "How its servers are deployed."),
	FIELD(0, "servingRuntimeName", STRING, .doc = "The ServingRuntime that was chosen."),
	FIELD(0, "clusterServingRuntimeName", STRING, .doc = "The ClusterServingRuntime that was chosen."),
	FIELD(0, "canaryStatuses", ANY),
};
static TYPE(kserve_InferenceServiceStatus, NAME("InferenceServiceStatus"))

FIELDS(kserve_InferenceService) = {
	FIELD(0, "apiVersion", STRING),
	FIELD(0, "kind", STRING),
	OBJECT(0, "metadata", meta_ObjectMeta),
	OBJECT(0, "spec", kserve_InferenceServiceSpec, .doc = "What is wanted."),
	OBJECT(0, "status", kserve_InferenceServiceStatus, .doc = "What there is."),
};
TYPE(kserve_InferenceService, NAME("InferenceService"))
