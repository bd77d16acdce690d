"""The commands people type all day, by an old and a current kubectl."""
import json
import subprocess
import time

import pytest

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "nginx:1.25", ports: [{containerPort: 80}]}
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}]
"""
POD = """
apiVersion: v1
kind: Pod
metadata: {name: own, labels: {app: own}}
spec: {containers: [{name: c, image: busybox}]}
"""
CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
    additionalPrinterColumns: [{name: Size, type: string, jsonPath: .spec.size}]
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: string, description: "How large it is."}
              replicas: {type: integer}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
"""


def configmap(name, **data):
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})


# ---- making ----


def test_create(kubectl):
    assert kubectl("create", "configmap", "a", "--from-literal=x=1", "--from-literal=y=2") == "configmap/a created\n"
    assert kubectl.json("get", "configmap", "a")["data"] == {"x": "1", "y": "2"}
    assert kubectl("create", "secret", "generic", "s", "--from-literal=k=v") == "secret/s created\n"
    secret = kubectl.json("get", "secret", "s")
    assert secret["data"] == {"k": "dg=="} and secret["type"] == "Opaque"
    assert kubectl("create", "serviceaccount", "sa") == "serviceaccount/sa created\n"
    assert "already exists" in kubectl.fails("create", "configmap", "a")
    assert kubectl("create", "-f", "-", stdin=DEPLOYMENT) == "deployment.apps/web created\n"
    assert kubectl("create", "deployment", "d", "--image=nginx") == "deployment.apps/d created\n"


def test_create_token(kubectl):
    kubectl("create", "serviceaccount", "sa")
    if kubectl.version == "1.20":
        pytest.skip("absent: kubectl 1.20 has no create token")
    token = kubectl("create", "token", "sa").strip()
    assert token.count(".") == 2
    who = json.loads(kubectl("auth", "whoami", "-o", "json", "--token", token, "--kubeconfig=/dev/null",
                             f"--server={server_of(kubectl)}", "--insecure-skip-tls-verify"))
    assert who["status"]["userInfo"]["username"] == f"system:serviceaccount:{kubectl.namespace}:sa"


def server_of(kubectl):
    return kubectl("config", "view", "-o", "jsonpath={.clusters[0].cluster.server}")


def test_apply(kubectl):
    assert kubectl("apply", "-f", "-", stdin=DEPLOYMENT + "---" + SERVICE) == (
        "deployment.apps/web created\nservice/web created\n")
    assert kubectl("apply", "-f", "-", stdin=DEPLOYMENT) == "deployment.apps/web unchanged\n"
    changed = DEPLOYMENT.replace("nginx:1.25", "nginx:1.26").replace("replicas: 2", "replicas: 3")
    assert kubectl("apply", "-f", "-", stdin=changed) == "deployment.apps/web configured\n"
    d = kubectl.json("get", "deployment", "web")
    assert d["spec"]["replicas"] == 3 and d["metadata"]["generation"] == 2
    assert d["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.26"
    assert d["spec"]["strategy"]["type"] == "RollingUpdate"


def test_apply_takes_away_what_left_the_manifest(kubectl):
    kubectl("apply", "-f", "-", stdin=configmap("a", x="1", y="2"))
    kubectl("apply", "-f", "-", stdin=configmap("a", x="1"))
    assert kubectl.json("get", "configmap", "a")["data"] == {"x": "1"}


def test_apply_on_the_server(kubectl):
    apply = ("apply", "--server-side", "-f", "-")
    assert kubectl(*apply, stdin=configmap("a", x="1")) == "configmap/a serverside-applied\n"
    kubectl(*apply, stdin=configmap("a", x="2"))
    error = kubectl.fails(*apply, "--field-manager=other", stdin=configmap("a", x="3"))
    assert "conflict" in error and ".data.x" in error
    kubectl(*apply, "--field-manager=other", "--force-conflicts", stdin=configmap("a", x="3"))
    assert kubectl.json("get", "configmap", "a")["data"] == {"x": "3"}


def test_apply_refuses_what_is_wrong(kubectl):
    bad = configmap("a").replace('"data"', '"wrong"')
    assert "unknown field" in kubectl.fails("apply", "-f", "-", stdin=bad)
    text = kubectl.fails("apply", "-f", "-", stdin=DEPLOYMENT.replace("replicas: 2", "replicas: -1"))
    assert "spec.replicas" in text and "greater than or equal to 0" in text
    assert "no matches for kind" in kubectl.fails("apply", "-f", "-", stdin=SERVICE.replace("Service", "Servise"))


def test_dry_run(kubectl):
    assert "created (server dry run)" in kubectl("apply", "--dry-run=server", "-f", "-", stdin=configmap("a"))
    assert "NotFound" in kubectl.fails("get", "configmap", "a")


def test_diff(kubectl):
    kubectl("apply", "-f", "-", stdin=configmap("a", x="1"))
    code, out, err = kubectl.run("diff", "-f", "-", stdin=configmap("a", x="2"))
    assert code == 1, err
    assert "-  x: \"1\"" in out and "+  x: \"2\"" in out
    assert kubectl.run("diff", "-f", "-", stdin=configmap("a", x="1"))[0] == 0


def test_replace(kubectl):
    kubectl("create", "-f", "-", stdin=configmap("a", x="1"))
    assert kubectl("replace", "-f", "-", stdin=configmap("a", y="2")) == "configmap/a replaced\n"
    assert kubectl.json("get", "configmap", "a")["data"] == {"y": "2"}


# ---- looking ----


def test_get_forms(kubectl):
    kubectl("apply", "-f", "-", stdin=DEPLOYMENT)
    head, row = kubectl("get", "deployments").splitlines()
    assert head.split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"] and row.split()[0] == "web"
    assert kubectl("get", "deploy", "-o", "wide").splitlines()[0].split()[-3:] == ["CONTAINERS", "IMAGES", "SELECTOR"]
    assert "kind: Deployment" in kubectl("get", "deploy/web", "-o", "yaml")
    assert kubectl("get", "deploy", "web", "-o", "jsonpath={.spec.replicas}") == "2"
    assert kubectl("get", "deploy", "-o", "name") == "deployment.apps/web\n"
    columns = kubectl("get", "deploy", "-o", "custom-columns=N:.metadata.name,R:.spec.replicas")
    assert [line.split() for line in columns.splitlines()] == [["N", "R"], ["web", "2"]]
    assert kubectl("get", "deploy", "--no-headers", "--sort-by=.metadata.name").split()[0] == "web"
    assert "No resources found" in kubectl.run("get", "pvc")[2]
    assert "deployment.apps/web" in kubectl("get", "all")
    assert kubectl("get", "--raw", "/version").startswith("{")


def test_get_what_is_not_there(kubectl):
    assert 'Error from server (NotFound): configmaps "a" not found' in kubectl.fails("get", "configmap", "a")
    assert "the server doesn't have a resource type" in kubectl.fails("get", "nonsense")
    assert kubectl("get", "configmap", "a", "--ignore-not-found") == ""


def test_selectors(kubectl):
    for name, labels in (("a", "tier=web,env=prod"), ("b", "tier=db,env=prod"), ("c", "tier=web")):
        kubectl("create", "configmap", name)
        kubectl("label", "configmap", name, *labels.split(","))
    def names(*select):
        return kubectl("get", "configmap", *select, "-o", "jsonpath={.items[*].metadata.name}").split()
    assert names("-l", "tier=web") == ["a", "c"]
    assert names("-l", "tier in (web, db),env=prod") == ["a", "b"]
    assert names("-l", "tier=web,!env") == ["c"]
    assert names("-l", "tier!=web") == ["b", "kube-root-ca.crt"]
    assert names("--field-selector", "metadata.name=b") == ["b"]
    assert names("--field-selector", f"metadata.namespace={kubectl.namespace},metadata.name!=b") == [
        "a", "c", "kube-root-ca.crt"]
    assert kubectl("get", "configmap", "-l", "tier=web", "-L", "env").splitlines()[0].split()[-1] == "ENV"
    assert "not a known field selector" in kubectl.fails("get", "configmap", "--field-selector", "data.x=1")


def test_chunks(kubectl):
    for i in range(7):
        kubectl("create", "configmap", f"m{i}")
    rows = kubectl("get", "configmap", "--chunk-size=3", "--no-headers").splitlines()
    assert [r.split()[0] for r in rows] == ["kube-root-ca.crt"] + [f"m{i}" for i in range(7)]


def test_all_namespaces(kubectl):
    kubectl("create", "configmap", "here")
    rows = kubectl("get", "configmap", "-A", "--no-headers").splitlines()
    assert [kubectl.namespace, "here"] in [r.split()[:2] for r in rows]


def read_lines(process, n, seconds=20):
    lines = []
    end = time.monotonic() + seconds
    while len(lines) < n and time.monotonic() < end:
        line = process.stdout.readline()
        if not line:
            break
        lines.append(line)
    return lines


def test_watch(kubectl):
    kubectl("create", "configmap", "a")
    watch = kubectl.process("get", "configmap", "-w", "--no-headers")
    try:
        assert [line.split()[0] for line in read_lines(watch, 2)] == ["a", "kube-root-ca.crt"]
        kubectl("create", "configmap", "b", "--from-literal=x=1")
        assert read_lines(watch, 1)[0].split()[:2] == ["b", "1"]
        kubectl("delete", "configmap", "a")
        assert read_lines(watch, 1)[0].split()[0] == "a"
    finally:
        watch.kill()
        watch.communicate()


def test_watch_one_object(kubectl):
    kubectl("create", "configmap", "a")
    watch = kubectl.process("get", "configmap", "a", "-w", "-o", "jsonpath={.data.x};")
    try:
        kubectl("create", "configmap", "b")
        kubectl("patch", "configmap", "a", "-p", '{"data": {"x": "1"}}')
        text = ""
        end = time.monotonic() + 20
        while text.count(";") < 2 and time.monotonic() < end:
            text += watch.stdout.read(1)
        assert text == ";1;"
    finally:
        watch.kill()
        watch.communicate()


def test_describe(kubectl):
    kubectl("apply", "-f", "-", stdin=DEPLOYMENT + "---" + SERVICE + "---" + POD)
    text = kubectl("describe", "deployment", "web")
    assert "Replicas:" in text and "2 desired" in text and "nginx:1.25" in text
    assert "TargetPort:" in kubectl("describe", "service", "web")
    assert ["Namespace:", kubectl.namespace] in [line.split() for line in kubectl("describe", "pod", "own").splitlines()]
    kubectl("create", "secret", "generic", "s", "--from-literal=k=value")
    text = kubectl("describe", "secret", "s")
    assert "k:  5 bytes" in text and "value" not in text.replace("values", "")
    assert "Status:       Active" in kubectl("describe", "namespace", kubectl.namespace)


def test_a_pod_of_ones_own_waits_and_says_why(kubectl):
    kubectl("apply", "-f", "-", stdin=POD)
    assert kubectl("get", "pod", "own", "-o", "jsonpath={.status.phase}") == "Pending"
    end = time.monotonic() + 20
    while "Warning" not in (text := kubectl("describe", "pod", "own")) and time.monotonic() < end:
        time.sleep(0.2)
    assert "Warning" in text.split("Events:")[1]


def test_explain_and_discovery(kubectl):
    text = kubectl("explain", "deployment.spec.replicas")
    assert "replicas" in text and "integer" in text
    assert "KIND:" in kubectl("explain", "inferenceservice.spec.predictor")
    resources = kubectl("api-resources")
    for name in ("pods", "deployments", "inferenceservices", "customresourcedefinitions"):
        assert name in resources
    assert "deploy " in resources and "isvc" in resources
    versions = kubectl("api-versions").split()
    assert "v1" in versions and "apps/v1" in versions and "serving.kserve.io/v1beta1" in versions
    assert "services" in kubectl("api-resources", "--api-group=", "-o", "name").split()
    assert "Kubernetes" in kubectl("cluster-info")
    assert "Server Version" in kubectl("version")


@pytest.mark.parametrize("what", ["inferenceservice.spec.predictor.model", "pod.spec", "service.spec", "secret",
                                  "deployment.spec", "servingruntime.spec"])
def test_explain_has_a_sentence_for_every_field(kubectl, what):
    fields = kubectl("explain", what).split("FIELDS:")[1]
    assert "<no description>" not in fields
    lines = [line for line in fields.splitlines() if line.strip()]
    assert all("\t<" in name and "\t<" not in text for name, text in zip(lines, lines[1:]) if "\t<" in name), fields
    assert len(kubectl("explain", what, "--recursive")) > len(fields) / 2


def test_kustomize(kubectl, tmp_path):
    (tmp_path / "service.yaml").write_text(SERVICE)
    (tmp_path / "kustomization.yaml").write_text(
        "namePrefix: my-\nresources: [service.yaml]\nconfigMapGenerator: [{name: settings, literals: [a=1]}]\n")
    out = kubectl("apply", "-k", str(tmp_path))
    assert "service/my-web created" in out and "configmap/my-settings-" in out
    assert kubectl("diff", "-k", str(tmp_path)) == ""
    assert kubectl("delete", "-k", str(tmp_path)).count("deleted") == 2


def test_cluster_info_dump(kubectl, tmp_path):
    kubectl("apply", "-f", "-", stdin=DEPLOYMENT)
    kubectl("cluster-info", "dump", f"--output-directory={tmp_path}", f"--namespaces={kubectl.namespace}")
    dumped = {p.name for p in (tmp_path / kubectl.namespace).iterdir()}
    assert {"deployments.json", "replication-controllers.json", "services.json", "events.json"} <= dumped
    assert json.loads((tmp_path / kubectl.namespace / "deployments.json").read_text())["items"][0]["metadata"]["name"] == "web"


def test_templates_and_files_of_columns(kubectl, tmp_path):
    kubectl("create", "configmap", "a", "--from-literal=x=1")
    template = '{{range $k, $v := .data}}{{$k}} is {{$v}}{{"\\n"}}{{end}}'
    assert kubectl("get", "configmap", "a", "-o", "go-template=" + template) == "x is 1\n"
    (tmp_path / "columns").write_text("NAME X\n.metadata.name .data.x\n")
    out = kubectl("get", "configmap", "a", "-o", f"custom-columns-file={tmp_path}/columns")
    assert [line.split() for line in out.splitlines()] == [["NAME", "X"], ["a", "1"]]
    out = kubectl("get", "configmaps", "-o", 'jsonpath={range .items[?(@.data.x=="1")]}{.metadata.name}{"\\n"}{end}')
    assert out == "a\n"


def test_nodes(kubectl):
    head, row = kubectl("get", "nodes").splitlines()
    assert head.split()[:2] == ["NAME", "STATUS"] and row.split()[1] == "Ready"
    assert "Capacity:" in kubectl("describe", "nodes")


def test_acting_as_somebody_else(kubectl):
    error = kubectl.fails("get", "pods", "--as=system:anonymous")
    assert 'pods is forbidden: User "system:anonymous" cannot list resource "pods"' in error
    assert kubectl("get", "configmaps", "--as=bob", "-o", "name") == "configmap/kube-root-ca.crt\n"
    if kubectl.version != "1.20":
        assert json.loads(kubectl("auth", "whoami", "--as=bob", "--as-group=dev", "-o", "json"))["status"]["userInfo"] == {
            "username": "bob", "groups": ["dev", "system:authenticated"]}


def test_who_may(kubectl):
    assert kubectl("auth", "can-i", "create", "pods").strip() == "yes"
    assert kubectl("auth", "can-i", "*", "*").strip() == "yes"
    assert "Resources" in kubectl("auth", "can-i", "--list")
    if kubectl.version != "1.20":
        assert "system:masters" in kubectl("auth", "whoami")


# ---- changing ----


def test_patches(kubectl):
    kubectl("apply", "-f", "-", stdin=DEPLOYMENT)
    strategic = {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "busybox"}]}}}}
    assert kubectl("patch", "deployment", "web", "-p", json.dumps(strategic)) == "deployment.apps/web patched\n"
    containers = kubectl.json("get", "deployment", "web")["spec"]["template"]["spec"]["containers"]
    assert sorted(c["name"] for c in containers) == ["side", "web"]
    merge = {"metadata": {"labels": {"tier": "front", "app": None}}}
    kubectl("patch", "deployment", "web", "--type=merge", "-p", json.dumps(merge))
    assert kubectl.json("get", "deployment", "web")["metadata"]["labels"] == {"tier": "front"}
    operations = [{"op": "test", "path": "/spec/replicas", "value": 2}, {"op": "replace", "path": "/spec/replicas", "value": 5}]
    kubectl("patch", "deployment", "web", "--type=json", "-p", json.dumps(operations))
    assert kubectl.json("get", "deployment", "web")["spec"]["replicas"] == 5
    kubectl.fails("patch", "deployment", "web", "--type=json", "-p", json.dumps(operations))
    assert "(no change)" in kubectl("patch", "deployment", "web", "--type=merge", "-p", json.dumps(merge))


def test_edit(kubectl):
    kubectl("apply", "-f", "-", stdin=configmap("a", x="1"))
    out = kubectl("edit", "configmap", "a", env={"EDITOR": "sed -i s/x:.\\\"1\\\"/x:\\ \\\"edited\\\"/"})
    assert out == "configmap/a edited\n"
    assert kubectl.json("get", "configmap", "a")["data"] == {"x": "edited"}
    assert "no changes made" in kubectl("edit", "configmap", "a", env={"EDITOR": "true"}) + kubectl.run(
        "edit", "configmap", "a", env={"EDITOR": "true"})[2]


def test_label_and_annotate(kubectl):
    kubectl("create", "configmap", "a")
    assert kubectl("label", "configmap", "a", "x=1", "y=2").startswith("configmap/a label")
    assert "already has a value" in kubectl.fails("label", "configmap", "a", "x=2")
    kubectl("label", "configmap", "a", "--overwrite", "x=2", "y-")
    kubectl("annotate", "configmap", "a", "note=a longer text")
    meta = kubectl.json("get", "configmap", "a")["metadata"]
    assert meta["labels"] == {"x": "2"} and meta["annotations"] == {"note": "a longer text"}


def test_scale(kubectl):
    kubectl("apply", "-f", "-", stdin=DEPLOYMENT)
    assert kubectl("scale", "deployment", "web", "--replicas=4") == "deployment.apps/web scaled\n"
    assert kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}") == "4"
    assert "Expected replicas to be 1" in kubectl.fails("scale", "deployment", "web", "--current-replicas=1", "--replicas=2")


def test_scale_as_a_subresource(kubectl):
    if kubectl.version == "1.20":
        pytest.skip("absent: kubectl 1.20 has no --subresource")
    kubectl("apply", "-f", "-", stdin=DEPLOYMENT)
    head, row = kubectl("get", "deployment", "web", "--subresource=scale").splitlines()
    assert head.split() == ["NAME", "DESIRED", "AVAILABLE", "AGE"] and row.split()[:3] == ["web", "2", "0"]
    assert kubectl("patch", "deployment", "web", "--subresource=scale", "--type=merge", "-p", '{"spec": {"replicas": 3}}') == (
        "scale.autoscaling/web patched\n")
    assert kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}") == "3"


def test_services_change_their_type(kubectl):
    port = ("--tcp=80", "--node-port=" + str(30000 + int(kubectl.namespace[2:6], 16) % 2768))
    kubectl("create", "service", "nodeport", "a", *port)
    assert "provided port is already allocated" in kubectl.fails("create", "service", "nodeport", "b", *port)
    assert kubectl("get", "service", "a", "--no-headers").split()[4] == f"80:{port[1][12:]}/TCP"
    address = kubectl("get", "service", "a", "-o", "jsonpath={.spec.clusterIP}")
    kubectl("patch", "service", "a", "-p", '{"spec": {"type": "ClusterIP"}}')
    assert kubectl("get", "service", "a", "--no-headers").split()[1:5] == ["ClusterIP", address, "<none>", "80/TCP"]
    kubectl("create", "service", "nodeport", "b", *port)
    kubectl("patch", "service", "a", "-p", '{"spec": {"type": "ExternalName", "externalName": "example.com"}}')
    assert kubectl("get", "service", "a", "--no-headers").split()[1:4] == ["ExternalName", "<none>", "example.com"]


def test_services_show_what_is_behind_them(kubectl):
    def described(namespace, name, wanted):
        end = time.monotonic() + 20
        while True:
            line = next(line for line in kubectl("describe", "service", name, "-n", namespace).splitlines()
                        if line.startswith("Endpoints:"))
            if wanted in line or time.monotonic() > end:
                return line
            time.sleep(0.1)

    name = kubectl.namespace
    service = SERVICE.replace("name: web", f"name: {name}").replace("{app: web}", "{control-plane: kserve-controller-manager}")
    kubectl("apply", "-n", "kserve", "-f", "-", stdin=service)
    try:
        assert "127.0.0.1:8080" in described("kserve", name, "127.0.0.1:8080")
        row = kubectl("get", "endpointslices", "-n", "kserve", "-l", f"kubernetes.io/service-name={name}", "--no-headers")
        assert row.split()[1:4] == ["IPv4", "8080", "127.0.0.1"]
    finally:
        kubectl("delete", "service", name, "-n", "kserve")
    own = ("apiVersion: v1\nkind: Endpoints\nmetadata: {name: web}\n"
           "subsets: [{addresses: [{ip: 10.1.2.3}], ports: [{name: http, port: 99}]}]\n")
    kubectl("apply", "-f", "-", stdin=SERVICE.replace("  selector: {app: web}\n", "") + "---\n" + own)
    assert "10.1.2.3:99" in described(kubectl.namespace, "web", "10.1.2.3:99")
    kubectl("delete", "endpoints", "web")
    assert "<none>" in described(kubectl.namespace, "web", "<none>")


def test_set_image(kubectl):
    kubectl("apply", "-f", "-", stdin=DEPLOYMENT)
    assert kubectl("set", "image", "deployment/web", "web=nginx:1.27") == "deployment.apps/web image updated\n"
    assert "nginx:1.27" in kubectl("get", "deployment", "web", "-o", "wide")


# ---- taking away ----


def test_delete(kubectl):
    for name in "abc":
        kubectl("create", "configmap", name)
    kubectl("label", "configmap", "a", "b", "go=1")
    assert kubectl("delete", "configmap", "c") == 'configmap "c" deleted' + suffix(kubectl) + "\n"
    assert kubectl("delete", "configmap", "-l", "go=1").count("deleted") == 2
    assert "NotFound" in kubectl.fails("delete", "configmap", "c")
    both = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: e}\n"
    kubectl("create", "configmap", "d")
    assert kubectl("delete", "-f", "-", "--ignore-not-found", stdin=both).count("deleted") == 1
    kubectl("create", "configmap", "g")
    kubectl("delete", "configmap", "g", "--grace-period=0", "--force")
    kubectl("create", "configmap", "h")
    kubectl("delete", "configmap", "--all", "--now")
    kubectl("apply", "-f", "-", stdin=POD)
    assert "deleted" in kubectl("delete", "pod", "own", "--grace-period=1")


def suffix(kubectl):
    return "" if kubectl.version == "1.20" else f" from {kubectl.namespace} namespace"


def owned(kubectl, owner):
    uid = kubectl("get", "configmap", owner, "-o", "jsonpath={.metadata.uid}")
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {
        "name": "child", "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": owner, "uid": uid}]}})


@pytest.mark.parametrize("cascade", ["background", "foreground", "orphan"])
def test_delete_cascades(kubectl, cascade):
    kubectl("create", "configmap", "owner")
    kubectl("apply", "-f", "-", stdin=owned(kubectl, "owner"))
    kubectl("delete", "configmap", "owner", f"--cascade={cascade}")
    if cascade == "orphan":
        time.sleep(0.5)
        assert "ownerReferences" not in kubectl.json("get", "configmap", "child")["metadata"]
    else:
        kubectl("wait", "--for=delete", "configmap/child", "--timeout=20s") if kubectl.version != "1.20" else wait_gone(
            kubectl, "child")


def wait_gone(kubectl, name):
    end = time.monotonic() + 20
    while kubectl.run("get", "configmap", name)[0] == 0:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_finalizers_hold(kubectl):
    kubectl("create", "configmap", "held")
    kubectl("patch", "configmap", "held", "--type=merge", "-p", '{"metadata": {"finalizers": ["example.com/hold"]}}')
    assert "deleted" in kubectl("delete", "configmap", "held", "--wait=false")
    assert "deletionTimestamp" in kubectl.json("get", "configmap", "held")["metadata"]
    kubectl("patch", "configmap", "held", "--type=merge", "-p", '{"metadata": {"finalizers": null}}')
    assert "NotFound" in kubectl.fails("get", "configmap", "held")


def test_delete_namespace(kubectl):
    name = kubectl.namespace + "-more"
    kubectl("create", "namespace", name)
    kubectl("create", "configmap", "a", "-n", name)
    assert "deleted" in kubectl("delete", "namespace", name)
    assert "NotFound" in kubectl.fails("get", "namespace", name)


# ---- waiting ----


def test_wait_and_rollout(kubectl):
    controller = ("deployment/kserve-controller-manager", "-n", "kserve")
    assert "successfully rolled out" in kubectl("rollout", "status", *controller, "--timeout=30s")
    assert "condition met" in kubectl("wait", "--for=condition=Available", *controller, "--timeout=30s")
    kubectl("apply", "-f", "-", stdin=DEPLOYMENT)
    assert "timed out" in kubectl.fails("wait", "--for=condition=Available", "deployment/web", "--timeout=1s")
    assert "no matching resources found" in kubectl.fails("wait", "--for=condition=Ready", "pod", "-l", "app=none")


def test_wait_for_deletion(kubectl):
    kubectl("create", "configmap", "a")
    waiting = kubectl.process("wait", "--for=delete", "configmap/a", "--timeout=20s")
    time.sleep(0.5)
    kubectl("delete", "configmap", "a")
    out, err = waiting.communicate(timeout=30)
    assert waiting.returncode == 0, err
    assert "condition met" in out


def test_logs(kubectl):
    pod = kubectl("get", "pods", "-n", "kserve", "-o", "jsonpath={.items[0].metadata.name}")
    kubectl("logs", "-n", "kserve", pod, "--all-containers")
    assert len(kubectl("logs", "-n", "kserve", pod, "--tail=1", "--all-containers").splitlines()) <= 2
    kubectl("apply", "-f", "-", stdin=POD)
    assert kubectl("logs", "own") == "", "a Pod that no node has taken has no log"
    assert "not found" in kubectl.fails("logs", "none")


# ---- custom kinds ----


def test_custom_kinds(kubectl):
    kubectl("apply", "-f", "-", stdin=CRD)
    assert "condition met" in kubectl("wait", "--for=condition=Established", "crd/widgets.example.com", "--timeout=20s")
    widget = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: %s}\n"
    assert kubectl("apply", "-f", "-", stdin=widget % "small") == "widget.example.com/w created\n"
    assert kubectl("apply", "-f", "-", stdin=widget % "small") == "widget.example.com/w unchanged\n"
    assert kubectl("apply", "-f", "-", stdin=widget % "large") == "widget.example.com/w configured\n"
    head, row = kubectl("get", "wd").splitlines()
    assert head.split() == ["NAME", "SIZE"] and row.split() == ["w", "large"]
    kubectl("scale", "widget/w", "--replicas=3")
    assert kubectl("get", "widget", "w", "-o", "jsonpath={.spec.replicas}") == "3"
    error = kubectl.fails("patch", "widget", "w", "--type=strategic", "-p", '{"spec": {"size": "x"}}')
    assert "strategic merge patch" in error or "unknown format" in error
    kubectl("patch", "widget", "w", "--type=merge", "-p", '{"spec": {"size": "tiny"}}')
    assert "How large it is." in kubectl("explain", "widget.spec.size")
    assert "deleted" in kubectl("delete", "widget", "w")


# ---- what is not built ----


@pytest.mark.parametrize("command", [
    ("exec", "POD", "--", "true"),
    ("attach", "POD"),
    ("port-forward", "pod/POD", ":8443"),
    ("cp", "POD:/etc/hostname", "/dev/null"),
    ("run", "x", "--image=busybox"),
    ("run", "x", "--image=busybox", "-i", "--rm", "--restart=Never", "--", "true"),
])
def test_processes_say_that_they_are_not_built(kubectl, command):
    pod = kubectl("get", "pods", "-n", "kserve", "-o", "jsonpath={.items[0].metadata.name}")
    process = kubectl.process(*(word.replace("POD", pod) for word in command[:2]), "-n", "kserve",
                              *command[2:])
    try:
        out, err = process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        pytest.fail(f"kubectl {' '.join(command)} hangs: {out}{err}")
    assert process.returncode != 0
    assert "not implemented" in (out + err).lower(), out + err


def test_proxy(kubectl):
    proxy = kubectl.process("proxy", "--port=0")
    try:
        port = read_lines(proxy, 1)[0].rsplit(":", 1)[1].strip()
        out = subprocess.run(["curl", "-sS", f"http://127.0.0.1:{port}/api/v1/namespaces/{kubectl.namespace}"],
                             capture_output=True, text=True, check=True).stdout
        assert json.loads(out)["metadata"]["name"] == kubectl.namespace
    finally:
        proxy.kill()
        proxy.communicate()
