#!/usr/bin/env python3
"""What the API server promises, by small requests of our own: runs without recordings.

    own.py APISERVER

Every function below is one case: it gets a fresh server with a namespace `own`, and fails by an assertion.
"""
import json
import pathlib
import re
import sys
import traceback

from schemas import Schemas
from server import Server

NS = "/api/v1/namespaces/own"
APPS = "/apis/apps/v1/namespaces/own/deployments"
ISVC = "/apis/serving.kserve.io/v1beta1/namespaces/own/inferenceservices"
MERGE = {"Content-Type": "application/merge-patch+json"}
APPLY = {"Content-Type": "application/apply-patch+yaml"}
TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}

KSERVE = {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService"}
SKLEARN = {**KSERVE, "metadata": {"name": "iris"}, "spec": {"predictor": {"sklearn": {"storageUri": "s3://models/iris"}}}}
DEPLOYMENT = {"metadata": {"name": "web"}, "spec": {
    "selector": {"matchLabels": {"app": "web"}},
    "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "main", "image": "x:1"}]}}}}


def made(answer, status=201):
    assert answer[0] == status, f"{answer[0]}: {answer[1].get('message')}"
    return answer[1]


def refused(answer, status, text):
    assert answer[0] == status, f"{answer[0]}: {answer[1]}"
    assert text in answer[1]["message"], answer[1]["message"]


def secret_text_becomes_data(s):
    o = made(s.json("POST", NS + "/secrets", {"metadata": {"name": "a"}, "data": {"x": "eA=="}, "stringData": {"x": "new", "y": "z"}}))
    assert o["type"] == "Opaque" and o["data"] == {"x": "bmV3", "y": "eg=="} and "stringData" not in o
    refused(s.json("PATCH", NS + "/secrets/a", {"type": "other"}, MERGE), 422, "field is immutable")
    refused(s.json("POST", NS + "/secrets", {"metadata": {"name": "t"}, "type": "kubernetes.io/tls"}), 422,
            "data[tls.crt]: Required value")


def service_gets_an_address_and_keeps_it(s):
    o = made(s.json("POST", NS + "/services", {"metadata": {"name": "a"}, "spec": {"ports": [{"port": 80}], "selector": {"a": "b"}}}))
    spec = o["spec"]
    assert spec["clusterIP"].startswith("10.") and spec["clusterIPs"] == [spec["clusterIP"]] and spec["type"] == "ClusterIP"
    assert spec["ports"] == [{"protocol": "TCP", "port": 80, "targetPort": 80}]
    assert "f:clusterIP" not in json.dumps(o["metadata"]["managedFields"])
    again = made(s.json("PUT", NS + "/services/a", {"metadata": {"name": "a"}, "spec": {"ports": [{"port": 80}], "selector": {"a": "b"}}}), 200)
    assert again["spec"] == spec and again["metadata"]["resourceVersion"] == o["metadata"]["resourceVersion"]
    refused(s.json("PATCH", NS + "/services/a", {"spec": {"clusterIP": "10.96.1.1"}}, MERGE), 422, "may not change once set")
    node = made(s.json("POST", NS + "/services", {"metadata": {"name": "n"}, "spec": {"type": "NodePort", "ports": [{"port": 80}]}}))
    assert 30000 <= node["spec"]["ports"][0]["nodePort"] <= 32767
    refused(s.json("POST", NS + "/services", {"metadata": {"name": "b"}, "spec": {}}), 422, "spec.ports: Required value")
    refused(s.json("POST", NS + "/services", {"metadata": {"name": "1b"}, "spec": {"ports": [{"port": 80}]}}), 422, "metadata.name")


def addresses_of_services_are_their_own(s):
    def service(name, **spec):
        return s.json("POST", NS + "/services", {"metadata": {"name": name}, "spec": {"ports": [{"port": 80}], **spec}})

    def fields(answer):
        return [(c["field"], c["reason"]) for c in answer[1]["details"]["causes"]]

    made(service("a", clusterIP="10.96.0.20"))
    refused(service("b", clusterIP="10.96.0.20"), 422, 'Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.20"]: '
            'failed to allocate IP 10.96.0.20: provided IP is already allocated')
    refused(service("b", clusterIP="192.168.1.1"), 422,
            "failed to allocate IP 192.168.1.1: the provided network does not match the current range")
    refused(service("b", clusterIPs=["10.96.0.21"]), 422, "clusterIPs must be empty when clusterIP is not specified")
    made(service("n", type="NodePort", ports=[{"port": 80, "nodePort": 30080}]))
    refused(service("b", type="NodePort", ports=[{"port": 80, "nodePort": 30080}]), 422,
            "spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated")
    refused(service("b", type="NodePort", ports=[{"port": 80, "nodePort": 80}]), 422,
            "provided port is not in the valid range. The range of valid ports is 30000-32767")
    refused(service("b", ports=[{"port": 80, "nodePort": 30081}]), 422,
            "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'")
    twice = service("b", type="NodePort", ports=[{"name": "x", "port": 80, "nodePort": 30090},
                                                 {"name": "x", "port": 80, "nodePort": 30090}])
    assert fields(twice) == [("spec.ports[1].name", "FieldValueDuplicate"), ("spec.ports[1].nodePort", "FieldValueDuplicate"),
                             ("spec.ports[1]", "FieldValueDuplicate")], twice
    twins = made(service("t", type="NodePort", ports=[{"name": "u", "port": 53, "protocol": "UDP"}, {"name": "t", "port": 53}]))
    ports = [p["nodePort"] for p in twins["spec"]["ports"]]
    assert ports[0] == ports[1], ports
    # By its name a port keeps its node port; what the new type does not have goes.
    moved = made(s.json("PUT", NS + "/services/n", {"metadata": {"name": "n"}, "spec": {"type": "NodePort", "ports": [{"port": 8080}]}}), 200)
    assert moved["spec"]["ports"][0]["nodePort"] == 30080 and moved["spec"]["externalTrafficPolicy"] == "Cluster"
    plain = made(s.json("PATCH", NS + "/services/n", {"spec": {"type": "ClusterIP"}}, MERGE), 200)
    assert "nodePort" not in plain["spec"]["ports"][0] and "externalTrafficPolicy" not in plain["spec"], plain["spec"]
    assert plain["spec"]["clusterIP"] == moved["spec"]["clusterIP"]
    out = made(s.json("PATCH", NS + "/services/n", {"spec": {"type": "ExternalName", "externalName": "example.com"}}, MERGE), 200)
    assert not {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"} & set(out["spec"]), out["spec"]
    made(service("b", clusterIP=plain["spec"]["clusterIP"]))
    quiet = made(service("l", type="LoadBalancer", allocateLoadBalancerNodePorts=False))
    assert "nodePort" not in quiet["spec"]["ports"][0], quiet["spec"]


def inferenceservice_is_filled_in_as_its_users_know_it(s):
    o = made(s.json("POST", ISVC, SKLEARN))
    one = {"cpu": "1", "memory": "2Gi"}
    assert o["spec"]["predictor"]["sklearn"] == {
        "storageUri": "s3://models/iris", "name": "kserve-container", "protocolVersion": "v1", "runtimeVersion": "v0.7.0",
        "resources": {"limits": one, "requests": one}}
    assert o["metadata"]["finalizers"] == ["inferenceservice.finalizers"] and o["metadata"]["generation"] == 1
    again = made(s.json("PATCH", ISVC + "/iris", {"spec": SKLEARN["spec"]}, MERGE), 200)
    assert again["metadata"]["resourceVersion"] == o["metadata"]["resourceVersion"]
    changed = made(s.json("PATCH", ISVC + "/iris", {"spec": {"predictor": {"sklearn": {"protocolVersion": "v2"}}}}, MERGE), 200)
    assert changed["metadata"]["generation"] == 2
    own = {**KSERVE, "metadata": {"name": "own"}, "spec": {"predictor": {"containers": [{"name": "x", "image": "y"}]},
                                                 "transformer": {"containers": [{"name": "t", "image": "z"}]}}}
    o = made(s.json("POST", ISVC, own))
    for part in ("predictor", "transformer"):
        first = o["spec"][part]["containers"][0]
        assert first["name"] == "kserve-container" and first["resources"]["limits"] == one


def inferenceservice_refusals_are_the_webhooks(s):
    def bad(spec, text, name="x", status=403):
        answer = s.json("POST", ISVC, {**KSERVE, "metadata": {"name": name}, "spec": spec})
        refused(answer, status, text)
        if status == 403:
            assert answer[1]["message"].startswith('admission webhook "inferenceservice.kserve-webhook-server.validator" denied')

    bad({"predictor": {}}, "Exactly one of [")
    bad({"predictor": {"sklearn": {"storageUri": "s3://a"}, "onnx": {"storageUri": "s3://a"}}}, "Exactly one of [")
    bad({"predictor": {"sklearn": {"storageUri": "ftp://a/b"}}}, "StorageUri [ftp://a/b] is not supported")
    bad({"predictor": {"minReplicas": 3, "maxReplicas": 2, "sklearn": {"storageUri": "s3://a"}}},
        "MinReplicas cannot be greater than MaxReplicas")
    bad({"predictor": {"minReplicas": -1, "sklearn": {"storageUri": "s3://a"}}}, "MinReplicas cannot be less than 0")
    bad(SKLEARN["spec"], "must start with alphabetical character", name="1x")
    bad({"predictor": {"minReplicas": "x", "sklearn": {"storageUri": "s3://a"}}},
        'spec.predictor.minReplicas in body must be of type integer: "string"', status=422)
    bad({"predictor": {"model": {"storageUri": "s3://a"}}}, "spec.predictor.model.modelFormat: Required value", status=422)


def tables_have_the_columns_their_users_know(s):
    def columns(path):
        return [c["name"] for c in made(s.json("GET", path, None, TABLE), 200)["columnDefinitions"] if c["priority"] == 0]

    assert columns(ISVC) == ["Name", "URL", "Ready", "Prev", "Latest", "PrevRolledoutRevision", "LatestReadyRevision", "Age"]
    assert columns("/apis/serving.knative.dev/v1/namespaces/own/revisions") == [
        "Name", "Config Name", "K8s Service Name", "Generation", "Ready", "Reason"]
    assert columns(NS + "/events") == ["Last Seen", "Type", "Reason", "Object", "Message"]
    assert columns(NS + "/persistentvolumeclaims") == [
        "Name", "Status", "Volume", "Capacity", "Access Modes", "StorageClass", "VolumeAttributesClass", "Age"]


def the_state_of_a_pod_is_worked_out_as_kubectl_shows_it(s):
    def row(status, spec=None):
        name = "p%d" % len(seen)
        seen.append(name)
        pod = {"metadata": {"name": name}, "spec": spec or {"containers": [{"name": "a", "image": "x"}]}}
        made(s.json("POST", NS + "/pods", pod))
        now = made(s.json("GET", NS + "/pods/" + name), 200)
        now["status"] = status
        made(s.json("PUT", NS + f"/pods/{name}/status", now), 200)
        return made(s.json("GET", NS + "/pods/" + name, None, TABLE), 200)["rows"][0]["cells"][1:4]

    seen = []
    one = lambda state, ready=False, n=0: [{"name": "a", "ready": ready, "restartCount": n, "image": "x", "imageID": "", "state": state}]
    assert row({"phase": "Pending"}) == ["0/1", "Pending", "0"]
    assert row({"phase": "Running", "containerStatuses": one({"running": {}}, True, 2)}) == ["1/1", "Running", "2"]
    assert row({"phase": "Pending", "containerStatuses": one({"waiting": {"reason": "ErrImagePull"}})}) == ["0/1", "ErrImagePull", "0"]
    assert row({"phase": "Failed", "containerStatuses": one({"terminated": {"exitCode": 3}})}) == ["0/1", "ExitCode:3", "0"]
    assert row({"phase": "Succeeded", "containerStatuses": one({"terminated": {"exitCode": 0, "reason": "Completed"}})}) == [
        "0/1", "Completed", "0"]
    spec = {"containers": [{"name": "a", "image": "x"}], "initContainers": [{"name": "i", "image": "x"}]}
    wait = [{"name": "i", "ready": False, "restartCount": 0, "image": "x", "imageID": "", "state": {"running": {}}}]
    assert row({"phase": "Pending", "initContainerStatuses": wait}, spec) == ["0/1", "Init:0/1", "0"]


def a_pod_gets_what_admission_gives_it(s):
    o = made(s.json("POST", NS + "/pods", {"metadata": {"name": "p"}, "spec": {"containers": [{
        "name": "a", "image": "x", "resources": {"limits": {"cpu": "1000m"}}}]}}))
    spec, c = o["spec"], o["spec"]["containers"][0]
    assert c["imagePullPolicy"] == "Always" and c["terminationMessagePath"] == "/dev/termination-log"
    assert c["resources"] == {"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}
    assert spec["serviceAccountName"] == "default" and spec["restartPolicy"] == "Always" and spec["dnsPolicy"] == "ClusterFirst"
    assert c["volumeMounts"][0]["mountPath"] == "/var/run/secrets/kubernetes.io/serviceaccount" and len(spec["volumes"]) == 1
    assert o["status"] == {"phase": "Pending", "qosClass": "Burstable"}
    refused(s.json("PATCH", NS + "/pods/p", {"spec": {"hostNetwork": True}}, MERGE), 422, "pod updates may not change fields")
    bad = {"metadata": {"name": "q"}, "spec": {"containers": [{"name": "A", "image": "", "volumeMounts": [{"name": "v", "mountPath": "/"}]}]}}
    answer = s.json("POST", NS + "/pods", bad)
    assert [c["field"] for c in answer[1]["details"]["causes"]] == [
        "spec.containers[0].name", "spec.containers[0].image", "spec.containers[0].volumeMounts[0].name"], answer[1]


def apply_merges_and_names_conflicts(s):
    base = {"apiVersion": "apps/v1", "kind": "Deployment", **DEPLOYMENT}
    o = made(s.json("PATCH", APPS + "/web?fieldManager=a&force=false", base, APPLY))
    assert [e["operation"] for e in o["metadata"]["managedFields"]] == ["Apply"]
    scale = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 3}}
    o = made(s.json("PATCH", APPS + "/web?fieldManager=b&force=false", scale, APPLY), 200)
    assert o["spec"]["replicas"] == 3 and o["spec"]["template"]["spec"]["containers"][0]["name"] == "main"
    scale["spec"]["replicas"] = 4
    answer = s.json("PATCH", APPS + "/web?fieldManager=c&force=false", scale, APPLY)
    refused(answer, 409, 'conflict with "b": .spec.replicas')
    assert answer[1]["details"]["causes"][0]["field"] == ".spec.replicas"
    o = made(s.json("PATCH", APPS + "/web?fieldManager=c&force=true", scale, APPLY), 200)
    assert o["spec"]["replicas"] == 4
    same = made(s.json("PATCH", APPS + "/web?fieldManager=c&force=true", scale, APPLY), 200)
    assert same["metadata"]["resourceVersion"] == o["metadata"]["resourceVersion"]
    refused(s.json("PATCH", APPS + "/web?fieldManager=c&force=true&fieldValidation=Strict",
                   {**scale, "spec": {"wrong": 1}}, APPLY), 400, "wrong")


def an_applied_scale_owns_the_replicas(s):
    def owners():
        entries = made(s.json("GET", APPS + "/web"), 200)["metadata"]["managedFields"]
        return [(e["manager"], e["operation"], e.get("subresource")) for e in entries
                if "f:replicas" in e["fieldsV1"].get("f:spec", {}) and e["apiVersion"] == "apps/v1"]

    def apply(manager, replicas, force="false", **more):
        scale = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "web", **more}, "spec": {}}
        if replicas is not None:
            scale["spec"]["replicas"] = replicas
        return s.json("PATCH", APPS + f"/web/scale?fieldManager={manager}&force={force}", scale, APPLY)

    refused(apply("a", 3), 404, 'deployments.apps "web" not found')
    base = {**DEPLOYMENT, "spec": {**DEPLOYMENT["spec"], "replicas": 2}}
    made(s.json("POST", APPS + "?fieldManager=maker", base))
    answer = apply("a", 3)
    refused(answer, 409, 'Apply failed with 1 conflict: conflict with "maker" using apps/v1: .spec.replicas')
    assert answer[1]["details"]["causes"] == [{"reason": "FieldManagerConflict", "field": ".spec.replicas",
                                               "message": 'conflict with "maker" using apps/v1'}]
    o = made(apply("a", 3, "true"), 200)
    assert o["kind"] == "Scale" and o["spec"] == {"replicas": 3} and "managedFields" not in o["metadata"]
    assert owners() == [("a", "Apply", "scale")]
    again = made(apply("a", 3), 200)
    assert again["metadata"]["resourceVersion"] == o["metadata"]["resourceVersion"]
    refused(apply("b", 4), 409, 'conflict with "a" with subresource "scale": .spec.replicas')
    made(apply("b", 3), 200)
    assert owners() == [("a", "Apply", "scale"), ("b", "Apply", "scale")]
    main = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 5}}
    refused(s.json("PATCH", APPS + "/web?fieldManager=a&force=false", main, APPLY), 409, "Apply failed with 2 conflicts")
    refused(apply("a", -1), 422, 'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1')
    refused(apply("a", 3, resourceVersion="1"), 409, "the object has been modified")
    refused(s.json("PATCH", APPS + "/web/scale?fieldManager=a", main, APPLY), 400, "expected: autoscaling/v1")
    wrong = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "web"}, "spec": {"size": 1}}
    refused(s.json("PATCH", APPS + "/web/scale?fieldManager=a", wrong, APPLY), 400,
            "failed to create typed patch object (/web; autoscaling/v1, Kind=Scale): .spec.size: field not declared in schema")
    made(apply("b", None), 200)
    assert owners() == [("a", "Apply", "scale")] and made(s.json("GET", APPS + "/web/scale"), 200)["spec"] == {"replicas": 3}
    made(apply("a", None), 200)
    assert owners() == [] and made(s.json("GET", APPS + "/web"), 200)["spec"]["replicas"] == 0


def a_request_may_be_made_as_somebody_else(s):
    def who(**fields):
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        headers = {"Impersonate-" + k.capitalize(): v for k, v in fields.items()}
        return s.json("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", review, headers)

    def user(**fields):
        info = made(who(**fields))["status"]["userInfo"]
        return info["username"], info.get("uid"), info["groups"]

    assert user()[0] == "kubernetes-admin"
    assert user(user="bob") == ("bob", None, ["system:authenticated"])
    assert user(user="bob", group="dev", uid="7") == ("bob", "7", ["dev", "system:authenticated"])
    assert user(user="system:serviceaccount:own:default")[2] == [
        "system:serviceaccounts", "system:serviceaccounts:own", "system:authenticated"]
    refused(who(group="dev"), 400, "without impersonating a user")
    answer = s.json("GET", NS + "/pods", headers={"Impersonate-User": "system:anonymous"})
    refused(answer, 403, 'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" in the namespace "own"')
    assert answer[1]["details"] == {"kind": "pods"}, answer
    answer = s.json("DELETE", APPS + "/web", headers={"Authorization": ""})
    refused(answer, 403, 'deployments.apps "web" is forbidden: User "system:anonymous" cannot delete resource "deployments"')
    assert answer[1]["details"] == {"kind": "deployments", "group": "apps", "name": "web"}, answer
    refused(s.json("GET", "/apis", headers={"Authorization": ""}), 403, 'cannot get path "/apis"')
    refused(s.json("GET", NS + "/pods", headers={"Impersonate-User": "x" * 300}), 400, "too long")
    refused(s.json("GET", NS + "/pods", headers={"Impersonate-User": "bob", "Authorization": ""}), 403,
            'users "bob" is forbidden: User "system:anonymous" cannot impersonate resource "users" in API group "" at the cluster scope')


def a_scale_is_shown_as_a_scale(s):
    made(s.json("POST", APPS, DEPLOYMENT))
    table = made(s.json("GET", APPS + "/web/scale", None, TABLE), 200)
    assert [c["name"] for c in table["columnDefinitions"]] == ["Name", "Desired", "Available", "Age"]
    assert table["rows"][0]["cells"][:3] == ["web", 1, 0]
    _, headers, body = s.send("GET", APPS + "/web/scale", headers={"Accept": "application/vnd.kubernetes.protobuf"})
    assert headers["Content-Type"] == "application/vnd.kubernetes.protobuf" and b"autoscaling/v1\x12\x05Scale" in body, body
    assert b"\x12\x07app=web" in body, "status.selector, which a Deployment has not"


def a_version_of_the_future_is_a_timeout(s):
    status, headers, body = s.send("GET", NS + "/configmaps?resourceVersion=99999999")
    o = json.loads(body)
    assert status == 504 and headers["Retry-After"] == "1" and o["reason"] == "Timeout", (status, o)
    assert o["message"].startswith("Timeout: Too large resource version: 99999999, current: "), o
    assert o["details"] == {"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
                            "retryAfterSeconds": 1}, o


def a_definition_makes_a_kind(s):
    crd = {"metadata": {"name": "things.example.com"}, "spec": {
        "group": "example.com", "scope": "Namespaced", "names": {"plural": "things", "kind": "Thing", "shortNames": ["th"]},
        "versions": [{"name": "v1", "served": True, "storage": True, "subresources": {"status": {}},
                      "additionalPrinterColumns": [{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}],
                      "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                          "spec": {"type": "object", "required": ["size"], "properties": {
                              "size": {"type": "integer", "minimum": 1},
                              "mode": {"type": "string", "enum": ["a", "b"], "default": "a"}}},
                          "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}}}]}}
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    o = made(s.json("POST", path, crd))
    assert o["spec"]["names"]["singular"] == "thing" and o["spec"]["names"]["listKind"] == "ThingList"
    assert o["spec"]["conversion"] == {"strategy": "None"} and o["status"]["storedVersions"] == ["v1"]
    things = "/apis/example.com/v1/namespaces/own/things"
    t = made(s.json("POST", things, {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "x"},
                                     "spec": {"size": 2, "odd": 1}}))
    assert t["spec"] == {"size": 2, "mode": "a"}
    typed = {"apiVersion": "example.com/v1", "kind": "Thing"}
    refused(s.json("POST", things, {**typed, "metadata": {"name": "y"}, "spec": {"size": 0}}), 422,
            "spec.size in body should be greater than or equal to 1")
    refused(s.json("POST", things + "?fieldValidation=Strict", {**typed, "metadata": {"name": "y"}, "spec": {"size": 1, "odd": 1}}), 400,
            'unknown field "spec.odd"')
    refused(s.json("PATCH", things + "/x", {}, {"Content-Type": "application/strategic-merge-patch+json"}), 415, "media types")
    partly = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "x"}, "spec": {"mode": "b"}}
    t = made(s.json("PATCH", things + "/x?fieldManager=m&force=true", partly, APPLY), 200)
    assert t["spec"] == {"size": 2, "mode": "b"}
    table = made(s.json("GET", things, None, TABLE), 200)
    assert [c["name"] for c in table["columnDefinitions"]] == ["Name", "Size"] and table["rows"][0]["cells"] == ["x", 2]
    refused(s.json("POST", path, {**crd, "metadata": {"name": "wrong.example.com"}}), 422, "must be spec.names.plural")


def a_definition_of_a_built_in_kind_changes_nothing(s):
    crd = {"metadata": {"name": "inferenceservices.serving.kserve.io"}, "spec": {
        "group": "serving.kserve.io", "scope": "Namespaced",
        "names": {"plural": "inferenceservices", "kind": "InferenceService"},
        "versions": [{"name": "v1beta1", "served": True, "storage": True,
                      "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    made(s.json("POST", path, crd))
    o = made(s.json("GET", path + "/inferenceservices.serving.kserve.io"), 200)
    assert {"Established": "True"}.items() <= {c["type"]: c["status"] for c in o["status"]["conditions"]}.items()
    assert made(s.json("POST", ISVC, SKLEARN))["spec"]["predictor"]["sklearn"]["name"] == "kserve-container"


def two_versions_share_one_store(s):
    v1 = "/apis/autoscaling/v1/namespaces/own/horizontalpodautoscalers"
    v2 = v1.replace("v1", "v2", 1)
    made(s.json("POST", v1, {"metadata": {"name": "h"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"},
                                                                  "maxReplicas": 3, "targetCPUUtilizationPercentage": 50}}))
    o = made(s.json("GET", v2 + "/h"), 200)
    assert o["spec"]["metrics"] == [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization",
                                                                                                "averageUtilization": 50}}}]
    event = {"metadata": {"name": "e", "namespace": "own"}, "involvedObject": {"kind": "Pod", "name": "p", "namespace": "own"},
             "reason": "Why", "message": "because", "type": "Normal"}
    made(s.json("POST", NS + "/events", event))
    newer = made(s.json("GET", "/apis/events.k8s.io/v1/namespaces/own/events/e"), 200)
    assert newer["note"] == "because" and newer["regarding"]["name"] == "p"


def patches_that_do_not_fit_are_422(s):
    made(s.json("POST", APPS, DEPLOYMENT))
    strategic = {"Content-Type": "application/strategic-merge-patch+json"}
    refused(s.json("PATCH", APPS + "/web", {"spec": {"replicas": "many"}}, strategic), 422,
            ' "" is invalid: patch: Invalid value: "map[spec:map[replicas:many]]": unrecognized type: int32')
    refused(s.json("PATCH", APPS + "/web", {"spec": {"replicas": "many"}}, MERGE), 422, "json: cannot unmarshal string into Go")
    patch = [{"op": "test", "path": "/spec/replicas", "value": 5}]
    refused(s.json("PATCH", APPS + "/web", patch, {"Content-Type": "application/json-patch+json"}), 422,
            "the server rejected our request")
    refused(s.json("PATCH", APPS + "/web", {"spec": {"replicas": -1}}, MERGE), 422,
            "spec.replicas: Invalid value: -1: must be greater than or equal to 0")
    refused(s.json("PATCH", APPS + "/web", {"spec": {"selector": {"matchLabels": {"app": "x"}}}}, MERGE), 422, "field is immutable")


def broken_json_is_refused_in_gos_words(s):
    for text, words in (("{\"a\":tru}", "invalid character '}' in literal true (expecting 'e')"),
                        ("{", "unexpected end of JSON input"),
                        ("{\"a\" 1}", "invalid character '1' after object key"),
                        ("[1,]", "invalid character ']' looking for beginning of value"),
                        ("{} x", "invalid character 'x' after top-level value"),
                        ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string")):
        refused(s.json("POST", NS + "/configmaps", text, {"Content-Type": "application/json"}), 400, words)


def a_replication_controller_takes_its_labels_from_its_template(s):
    template = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "main", "image": "x:1"}]}}
    path = NS + "/replicationcontrollers"
    o = made(s.json("POST", path, {"metadata": {"name": "r"}, "spec": {"template": template}}))
    assert o["spec"]["selector"] == o["metadata"]["labels"] == {"app": "x"} and o["spec"]["replicas"] == 1
    assert o["status"] == {"replicas": 0}
    table = made(s.json("GET", path, None, TABLE), 200)
    assert table["rows"][0]["cells"][:4] == ["r", 1, 0, 0] and table["rows"][0]["cells"][-1] == "app=x"
    made(s.json("PATCH", path + "/r/scale", {"spec": {"replicas": 2}}, MERGE), 200)
    refused(s.json("POST", path, {"metadata": {"name": "b"}, "spec": {"selector": {"app": "y"}, "template": template}}), 422,
            "`selector` does not match template `labels`")


def what_is_stored_without_effect_says_so(s):
    for path, body in (("/apis/serving.kserve.io/v1alpha1/namespaces/own/inferencegraphs", {"apiVersion": "serving.kserve.io/v1alpha1", "kind": "InferenceGraph", "metadata": {"name": "g"}, "spec": {}}),
                       ("/apis/networking.k8s.io/v1/namespaces/own/networkpolicies", {"metadata": {"name": "n"}, "spec": {"podSelector": {}}}),
                       ("/apis/rbac.authorization.k8s.io/v1/namespaces/own/roles", {"metadata": {"name": "r"}, "rules": []}),
                       (NS + "/resourcequotas", {"metadata": {"name": "q"}, "spec": {"hard": {"pods": "1"}}})):
        status, headers, _ = s.send("POST", path, body)
        assert status == 201 and ": the object is stored and " in headers.get("Warning", ""), (status, dict(headers))


def fields_that_are_read_have_a_sentence(s):
    """Paths from the root of an object, as the sources of controllers and kinds write them, in every kind that has them."""
    source = pathlib.Path(__file__).resolve().parents[3] / "src"
    paths = set()
    for file in [*source.glob("control/**/*.c"), *source.glob("cluster/*.c")]:
        paths.update(re.findall(r'"\.?((?:spec|status|metadata)(?:\.\w+)+)"', file.read_text()))
    schemas, found, silent = Schemas(s), 0, set()
    for path in paths:
        for kind in schemas.kinds:
            for fields in schemas.along(kind, path):
                found += 1
                if not all(field.get("description") for field in fields):
                    silent.add(f"{kind}.{path}")
    assert found > 300 and not silent, (found, sorted(silent))


def what_people_ask_explain_about_has_sentences(s):
    schemas = Schemas(s)
    for path in ("Pod.spec", "Pod.spec.containers", "Pod.spec.containers.env.valueFrom", "Pod.spec.containers.livenessProbe",
                 "Pod.spec.volumes", "Pod.spec.tolerations", "Service.spec", "Service.spec.ports", "Secret", "ConfigMap",
                 "Deployment.spec", "Deployment.spec.strategy.rollingUpdate", "StatefulSet.spec", "Job.spec", "CronJob.spec",
                 "InferenceService.spec.predictor", "InferenceService.spec.predictor.model", "ServingRuntime.spec",
                 "ServingRuntime.spec.containers", "PersistentVolumeClaim.spec", "CustomResourceDefinition.spec"):
        kind, _, path = path.partition(".")
        found = list(schemas.along(kind, path)) if path else [[t] for t in schemas.kinds[kind]]
        for fields in found:
            silent = [name for name, field in schemas.members(fields[-1]).items() if not field.get("description")]
            assert not silent, (kind, path, silent)
        assert found, (kind, path)


CASES = [f for n, f in list(globals().items()) if callable(f) and f.__module__ == __name__ and f.__code__.co_varnames[:1] == ("s",)]


def main():
    failed = 0
    for case in CASES:
        name = "kubernetes/own/" + case.__name__
        server = Server(sys.argv[1])
        try:
            made(server.json("POST", "/api/v1/namespaces", {"metadata": {"name": "own"}}))
            case(server)
            print(f"PASS {name}", flush=True)
        except Exception:  # noqa: BLE001: each case is judged alone
            failed += 1
            where = traceback.extract_tb(sys.exc_info()[2])[1]
            print(f"FAIL {name}: line {where.lineno}: {sys.exc_info()[1]!r}", flush=True)
        finally:
            server.stop()
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
