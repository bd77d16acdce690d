"""The steps of the text-clustering job, by the clients that its README names."""
import json
import re

import pytest
from conftest import ACCOUNT, isvc, secret, seed

KUBECTLS = ["1.20", "1.34"]


def spread(texts):
    return texts[::7]


@pytest.fixture(scope="module")
def service(server, buckets, alias):
    ns = "kserve-textclustering"
    server.kubectl("create", "namespace", ns)
    server.kubectl("-n", ns, "apply", "-f", "-", stdin=secret() + ACCOUNT)
    assert "textclustering created" in server.kubectl("-n", ns, "apply", "-f", "-", stdin=seed())
    server.ready(ns, "textclustering")
    return ns


HOST = "textclustering.kserve-textclustering.example.com"
PREDICT = "/v1/models/textclustering:predict"


def test_every_text_gets_scikit_learns_cluster(server, service, models):
    texts = spread(models.texts)
    wanted = models.model.predict(models.transformer.transform(texts)).tolist()
    status, body = server.curl(HOST, PREDICT, {"instances": [[t] for t in texts]})
    assert status == 200
    assert json.loads(body) == {"predictions": wanted}
    assert len(set(wanted)) > 5


def test_one_text_as_the_readme_asks(server, service, models):
    text = "Incubator lean startup creative alpha user experience entrepreneur product management crowdfunding."
    status, body = server.curl(HOST, PREDICT, {"instances": [[text]]})
    assert (status, json.loads(body)) == (200, {"predictions": models.model.predict(
        models.transformer.transform([text])).tolist()})


def test_two_texts_in_one_element_are_refused_naming_both_widths(server, service):
    status, body = server.curl(HOST, PREDICT, {"instances": [["one", "two"]]})
    assert status in (400, 500)
    assert "200" in json.loads(body)["error"] and "100" in json.loads(body)["error"]


@pytest.mark.parametrize("host", [
    "textclustering.kserve-textclustering", "textclustering.kserve-textclustering.svc.cluster.local",
    "textclustering-kserve-textclustering.example.com", "textclustering-transformer-default.kserve-textclustering.example.com",
    "TEXTCLUSTERING.kserve-textclustering.example.com:8080",
])
def test_other_forms_of_the_host(server, service, host):
    assert server.curl(host, PREDICT, {"instances": [["text"]]})[0] == 200


def test_the_predictors_host_is_the_predictor_alone(server, service, models):
    row = models.transformer.transform(["text"]).tolist()[0]
    host = "textclustering-predictor-default.kserve-textclustering.example.com"
    status, body = server.curl(host, PREDICT, {"instances": [row]})
    assert (status, json.loads(body)["predictions"]) == (200, models.model.predict([row]).tolist())
    assert server.curl(host, PREDICT, {"instances": [["text"]]})[0] == 400


def test_an_unknown_host_is_404(server, service):
    assert server.curl("nobody.kserve-textclustering.example.com", PREDICT, {"instances": [["x"]]})[0] == 404


@pytest.mark.parametrize("version", KUBECTLS)
def test_get_prints_what_the_readme_prints(server, service, version):
    out = server.kubectl("-n", service, "get", "inferenceservices", version=version).splitlines()
    assert out[0].split() == ["NAME", "URL", "READY", "PREV", "LATEST", "PREVROLLEDOUTREVISION", "LATESTREADYREVISION", "AGE"]
    assert re.match(r"textclustering +http://textclustering\.kserve-textclustering\.example\.com +True +100 +"
                    r"textclustering-predictor-default-00001 +\d+s", out[1])
    out = server.kubectl("-n", service, "get", "revisions", version=version).splitlines()
    assert re.split(r" {2,}", out[0].strip()) == ["NAME", "CONFIG NAME", "K8S SERVICE NAME", "GENERATION", "READY", "REASON"]
    for line, part in zip(out[1:], ("predictor", "transformer")):
        name = f"textclustering-{part}-default"
        assert line.split() == [f"{name}-00001", name, f"{name}-00001", "1", "True"]
    out = server.kubectl("-n", service, "get", "pods", version=version).splitlines()
    assert out[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    for line, part in zip(out[1:], ("predictor", "transformer")):
        name, ready, status, restarts = line.split()[:4]
        assert re.fullmatch(rf"textclustering-{part}-default-00001-deployment-[a-z0-9]{{8,16}}", name) and len(name) == 63
        assert (ready, status, restarts) == ("2/2", "Running", "0")


def test_yaml_shows_the_defaults_of_the_readme(server, service):
    o = server.get(service, "isvc", "textclustering")
    resources = {"limits": {"cpu": "1", "memory": "2Gi"}, "requests": {"cpu": "1", "memory": "2Gi"}}
    assert o["metadata"]["finalizers"] == ["inferenceservice.finalizers"]
    assert o["metadata"]["generation"] == 1
    assert o["spec"]["predictor"] == {
        "serviceAccountName": "sa",
        "sklearn": {"name": "kserve-container", "protocolVersion": "v1", "resources": resources, "runtimeVersion": "v0.7.0",
                    "storageUri": "s3://textclustering"}}
    assert o["spec"]["transformer"]["containers"] == [{
        "name": "kserve-container", "image": "agmangas/sklearn-transformer:latest", "resources": resources,
        "env": [{"name": "STORAGE_URI", "value": "s3://textclustering/transformer.joblib"}]}]


def test_status_has_the_shape_of_kserves(server, service):
    status = server.get(service, "isvc", "textclustering")["status"]
    assert [c["type"] for c in status["conditions"]] == [
        "IngressReady", "LatestDeploymentReady", "PredictorConfigurationReady", "PredictorReady", "PredictorRouteReady",
        "Ready", "RoutesReady", "Stopped", "TransformerConfigurationReady", "TransformerReady", "TransformerRouteReady"]
    assert all(c["status"] == ("False" if c["type"] == "Stopped" else "True") for c in status["conditions"])
    assert all(c.get("severity") == (None if c["type"] in ("IngressReady", "PredictorReady", "Ready") else "Info")
               for c in status["conditions"])
    assert status["modelStatus"] == {"copies": {"failedCopies": 0, "totalCopies": 1},
                                     "states": {"activeModelState": "Loaded", "targetModelState": "Loaded"},
                                     "transitionStatus": "UpToDate"}
    assert status["observedGeneration"] == 1 and status["clusterServingRuntimeName"] == "kserve-sklearnserver"
    for part in ("predictor", "transformer"):
        revision = f"textclustering-{part}-default-00001"
        c = status["components"][part]
        assert {c[k] for k in ("latestCreatedRevision", "latestReadyRevision", "latestRolledoutRevision")} == {revision}
        assert c["traffic"] == [{"latestRevision": True, "percent": 100, "revisionName": revision}]


def test_pods_have_containers_logs_and_events(server, service):
    pods = server.get(service, "pods")["items"]
    assert len(pods) == 2
    for pod in pods:
        assert [c["name"] for c in pod["spec"]["initContainers"]] == ["storage-initializer"]
        assert [c["name"] for c in pod["spec"]["containers"]] == ["kserve-container", "queue-proxy"]
        assert pod["status"]["initContainerStatuses"][0]["state"]["terminated"]["reason"] == "Completed"
        log = server.kubectl("-n", service, "logs", pod["metadata"]["name"], "-c", "storage-initializer")
        assert "Successfully copied s3://textclustering" in log
    described = server.kubectl("-n", service, "describe", "pod", pods[0]["metadata"]["name"])
    assert "Started container kserve-container" in described
    described = server.kubectl("-n", service, "describe", "isvc", "textclustering")
    assert "InferenceService [textclustering] is Ready" in described
    assert "minio-service.tenant-tiny:9000 leads to the embedded object store" in described


def test_what_stands_for_it_is_owned_by_it(server, service):
    owner = {"Route": "Service", "Configuration": "Service", "Revision": "Configuration", "Deployment": "Revision",
             "ReplicaSet": "Deployment", "Pod": "ReplicaSet"}
    kinds = "ksvc,configurations,routes,revisions,deployments,replicasets,pods"
    for o in server.get(service, kinds)["items"]:
        wanted = "InferenceService" if o["kind"] == "Service" else owner[o["kind"]]
        assert [r["kind"] for r in o["metadata"]["ownerReferences"]] == [wanted], o["metadata"]["name"]


def test_services_answer_through_the_api_server(server, service):
    path = f"/api/v1/namespaces/{service}/services/textclustering-transformer-default-00001/proxy/v1/models/textclustering"
    assert json.loads(server.kubectl("get", "--raw", path))["ready"] is True


def test_a_second_apply_changes_nothing(server, service):
    before = server.get(service, "isvc,pods,revisions,ksvc")["items"]
    # kubectl sends a patch, as it does to KServe: the manifest's container has another name than the defaulted one
    server.kubectl("-n", service, "apply", "-f", "-", stdin=seed())
    assert server.get(service, "isvc", "textclustering")["metadata"]["resourceVersion"] == next(
        o["metadata"]["resourceVersion"] for o in before if o["kind"] == "InferenceService")
    server.kubectl("-n", service, "annotate", "isvc", "textclustering", "note=1")  # wakes the controller
    server.kubectl("-n", service, "annotate", "isvc", "textclustering", "note-")
    versions = {o["metadata"]["uid"]: o["metadata"]["resourceVersion"] for o in before if o["kind"] != "InferenceService"}
    after = server.get(service, "isvc,pods,revisions,ksvc")["items"]
    assert {o["metadata"]["uid"]: o["metadata"]["resourceVersion"]
            for o in after if o["kind"] != "InferenceService"} == versions
    assert server.get(service, "isvc", "textclustering")["metadata"]["generation"] == 1


def test_a_restart_answers_at_once_and_without_the_bucket(server, service, buckets):
    server.restart()
    server.until(lambda: server.curl(HOST, PREDICT, {"instances": [["text"]]})[0] == 200, 5)
    assert server.condition(service, "textclustering")["status"] == "True"


@pytest.mark.parametrize("order", ["isvc account secret", "secret isvc account", "account isvc secret"])
def test_any_order_and_twice(server, namespace, buckets, alias, order):
    parts = {"isvc": isvc("low", "s3://models-low"), "account": ACCOUNT, "secret": secret()}
    for part in order.split() * 2:
        server.kubectl("-n", namespace, "apply", "-f", "-", stdin=parts[part])
    server.ready(namespace, "low")
    assert server.curl(f"low.{namespace}.example.com", "/v1/models/low:predict", {"instances": [[0, 0], [3, 3]]}) == (
        200, '{"predictions":[0,1]}')


def test_a_bucket_that_is_filled_late(server, namespace, models):
    server.kubectl("-n", namespace, "apply", "-f", "-", stdin=secret() + ACCOUNT + isvc("late", "s3://late-" + namespace))
    server.until(lambda: "NoSuchBucket" in server.condition(namespace, "late").get("message", ""))
    bucket = server.s3().create_bucket(Bucket="late-" + namespace)
    bucket.upload_file(str(models.folder / "low.joblib"), "model.joblib")
    server.ready(namespace, "late")


def test_delete_takes_everything_away(server, namespace, buckets, alias):
    server.kubectl("-n", namespace, "apply", "-f", "-", stdin=secret() + ACCOUNT + seed("gone"))
    server.ready(namespace, "gone")
    server.kubectl("-n", namespace, "delete", "inferenceservice", "gone")
    kinds = "isvc,ksvc,configurations,routes,revisions,deployments,replicasets,pods,services,endpoints"
    server.until(lambda: not server.get(namespace, kinds)["items"])
    assert server.curl(f"gone.{namespace}.example.com", "/v1/models/gone:predict", {"instances": [["x"]]})[0] == 404
