"""kserve.KServeClient and the Python kubernetes client: create, wait, patch, list, watch, delete."""
import os
import threading

import pytest
from conftest import ACCOUNT, secret
from kserve import (KServeClient, V1beta1InferenceService, V1beta1InferenceServiceSpec, V1beta1PredictorSpec,
                    V1beta1SKLearnSpec, constants)
from kubernetes import client, config, watch

GROUP = ("serving.kserve.io", "v1beta1")


@pytest.fixture
def ready_namespace(server, namespace, buckets):
    server.kubectl("-n", namespace, "apply", "-f", "-", stdin=secret() + ACCOUNT)
    return namespace


def isvc(name, namespace, uri):
    return V1beta1InferenceService(
        api_version=constants.KSERVE_V1BETA1, kind=constants.KSERVE_KIND_INFERENCESERVICE,
        metadata=client.V1ObjectMeta(name=name, namespace=namespace),
        spec=V1beta1InferenceServiceSpec(predictor=V1beta1PredictorSpec(
            service_account_name="sa", sklearn=V1beta1SKLearnSpec(storage_uri=uri))))


def test_kserve_client(server, ready_namespace):
    ns = ready_namespace
    k = KServeClient(config_file=server.env["KUBECONFIG"])
    made = k.create(isvc("sdk", ns, "s3://models-low"))
    assert made["metadata"]["name"] == "sdk"
    k.wait_isvc_ready("sdk", namespace=ns, timeout_seconds=30, polling_interval=1)
    assert k.is_isvc_ready("sdk", namespace=ns)
    o = k.get("sdk", namespace=ns)
    assert o["status"]["components"]["predictor"]["latestReadyRevision"] == "sdk-predictor-default-00001"
    k.patch("sdk", isvc("sdk", ns, "s3://models-high"), namespace=ns)
    server.until(lambda: k.get("sdk", namespace=ns)["status"]["components"]["predictor"].get("latestReadyRevision") ==
                 "sdk-predictor-default-00002")
    assert server.curl(f"sdk.{ns}.example.com", "/v1/models/sdk:predict", {"instances": [[3, 3]]}) == (
        200, '{"predictions":[11]}')
    assert [i["metadata"]["name"] for i in k.get(namespace=ns)["items"]] == ["sdk"]
    k.delete("sdk", namespace=ns)
    server.until(lambda: not k.get(namespace=ns)["items"])


def test_kserve_client_watches_until_ready(server, ready_namespace, capsys):
    k = KServeClient(config_file=server.env["KUBECONFIG"])
    k.create(isvc("watched", ready_namespace, "s3://models-low"), watch=True, timeout_seconds=30)
    out = capsys.readouterr().out
    assert "watched" in out and "True" in out


def test_kubernetes_client(server, ready_namespace):
    ns = ready_namespace
    config.load_kube_config(server.env["KUBECONFIG"])
    core, custom = client.CoreV1Api(), client.CustomObjectsApi()
    names = [n.metadata.name for n in core.list_namespace().items]
    assert ns in names and "kserve" in names
    seen, done = [], threading.Event()

    def follow():
        for e in watch.Watch().stream(custom.list_namespaced_custom_object, *GROUP, ns, "inferenceservices",
                                      timeout_seconds=30):
            conditions = {c["type"]: c["status"] for c in e["object"].get("status", {}).get("conditions", [])}
            seen.append((e["type"], conditions.get("Ready")))
            if e["type"] == "DELETED":
                break
        done.set()

    following = threading.Thread(target=follow, daemon=True)
    following.start()
    body = {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService", "metadata": {"name": "py"},
            "spec": {"predictor": {"serviceAccountName": "sa", "sklearn": {"storageUri": "s3://models-low"}}}}
    custom.create_namespaced_custom_object(*GROUP, ns, "inferenceservices", body)
    server.until(lambda: ("MODIFIED", "True") in seen)
    patched = custom.patch_namespaced_custom_object(*GROUP, ns, "inferenceservices", "py",
                                                    {"metadata": {"labels": {"a": "b"}}})
    assert patched["metadata"]["labels"] == {"a": "b"} and patched["metadata"]["generation"] == 1
    pods = core.list_namespaced_pod(ns, label_selector="serving.kserve.io/inferenceservice=py").items
    assert [c.ready for c in pods[0].status.container_statuses] == [True, True]
    assert "Registering model: py" in core.read_namespaced_pod_log(pods[0].metadata.name, ns, container="kserve-container")
    events = {e.reason for e in core.list_namespaced_event(ns).items}
    assert {"InferenceServiceReady", "Scheduled", "Pulled", "Created", "Started", "SuccessfulCreate"} <= events
    custom.delete_namespaced_custom_object(*GROUP, ns, "inferenceservices", "py")
    assert done.wait(20)
    assert seen[0][0] == "ADDED" and seen[-1][0] == "DELETED"
    assert os.path.isdir(os.path.join(server.data, "models"))
    assert not os.path.exists(os.path.join(server.data, "models", ns, "py"))
