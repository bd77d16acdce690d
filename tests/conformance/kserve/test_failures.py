"""What goes wrong, and that the status says so: reasons, the old revision that goes on, and what repairs it."""
import http.server
import json
import pathlib
import socket
import ssl
import threading
import time

import pytest
from conftest import ACCOUNT, Server, isvc, secret

LOW, HIGH = (200, '{"predictions":[0,1]}'), (200, '{"predictions":[10,11]}')
ROWS = {"instances": [[0, 0], [3, 3]]}


@pytest.fixture
def account(server, namespace, buckets):
    server.kubectl("-n", namespace, "apply", "-f", "-", stdin=secret() + ACCOUNT)
    return namespace


def apply(server, namespace, text):
    return server.kubectl("-n", namespace, "apply", "-f", "-", stdin=text)


def predict(server, namespace, name):
    return server.curl(f"{name}.{namespace}.example.com", f"/v1/models/{name}:predict", ROWS)


def reason(server, namespace, name, text):
    """Waits until it is not Ready with that text; gives modelStatus."""
    server.until(lambda: (c := server.condition(namespace, name)).get("status") == "False" and text in c.get("message", ""))
    return server.get(namespace, "isvc", name)["status"]["modelStatus"]


@pytest.mark.parametrize("uri, text", [
    ("s3://no-such-bucket", "NoSuchBucket: The specified bucket does not exist (S3 at minio-service.tenant-tiny:9000)"),
    ("s3://models-low/nothing", "NoSuchKey"),
    ("s3://models-broken", "/mnt/models/model.joblib"),
    ("gs://bucket/model", "gs:// is not supported"),
    ("file:///etc", "storage.file_roots"),
    ("http://169.254.169.254/model.joblib", "link-local"),
    ("http://127.0.0.1:1/model.joblib", "127.0.0.1"),
    ("pvc://nothing/model", 'persistentvolumeclaim "nothing" not found'),
])
def test_a_model_that_cannot_come(server, account, uri, text):
    apply(server, account, isvc("bad", uri))
    status = reason(server, account, "bad", text)
    assert status["lastFailureInfo"]["reason"] == "ModelLoadFailed" and text in status["lastFailureInfo"]["message"]
    assert status["lastFailureInfo"]["modelRevisionName"] == "bad-predictor-default-00001"
    assert status["transitionStatus"] == "BlockedByFailedLoad"
    code, body = predict(server, account, "bad")
    assert code == 503 and text in json.loads(body)["error"]
    pod = server.get(account, "pods")["items"][0]
    assert pod["metadata"]["name"] == status["lastFailureInfo"]["location"]


@pytest.mark.parametrize("key, password, text", [
    ("somebody", "minio123", "InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records."),
    ("minio", "wrong", "SignatureDoesNotMatch: The request signature we calculated does not match"),
])
def test_wrong_keys(server, namespace, buckets, key, password, text):
    apply(server, namespace, secret(key=key, password=password) + ACCOUNT + isvc("keys", "s3://models-low"))
    reason(server, namespace, "keys", text)
    apply(server, namespace, secret())
    server.ready(namespace, "keys")


def test_a_failing_new_revision_leaves_the_old_one_serving(server, account):
    apply(server, account, isvc("roll", "s3://models-low"))
    server.ready(account, "roll")
    apply(server, account, isvc("roll", "s3://models-broken"))
    status = reason(server, account, "roll", "/mnt/models/model.joblib")
    assert status["states"] == {"activeModelState": "Loaded", "targetModelState": "FailedToLoad"}
    assert predict(server, account, "roll") == LOW
    server.restart()
    server.until(lambda: predict(server, account, "roll") == LOW, 5)
    out = server.kubectl("-n", account, "get", "isvc").splitlines()[1].split()
    assert out[2:5] == ["False", "100", "roll-predictor-default-00001"]
    apply(server, account, isvc("roll", "s3://models-high"))
    server.ready(account, "roll")
    assert predict(server, account, "roll") == HIGH
    c = server.get(account, "isvc", "roll")["status"]["components"]["predictor"]
    assert (c["latestReadyRevision"], c["previousRolledoutRevision"]) == ("roll-predictor-default-00003",
                                                                         "roll-predictor-default-00001")
    assert len(server.get(account, "pods")["items"]) == 1


def test_no_request_fails_while_revisions_change(server, account):
    apply(server, account, isvc("swap", "s3://models-low"))
    server.ready(account, "swap")
    answers, stop = [], threading.Event()

    def ask():
        while not stop.is_set():
            answers.append(predict(server, account, "swap"))

    asking = threading.Thread(target=ask)
    asking.start()
    for uri in ("s3://models-high", "s3://models-low"):
        apply(server, account, isvc("swap", uri))
        server.until(lambda: predict(server, account, "swap") == (HIGH if "high" in uri else LOW))
    stop.set()
    asking.join()
    assert set(answers) == {LOW, HIGH}


def test_an_unknown_image_says_how_to_provide_it(server, account):
    transformer = """
  transformer:
    containers:
    - {name: t, image: "example.com/team/transformer:1", env: [{name: STORAGE_URI, value: "s3://textclustering/transformer.joblib"}]}
    serviceAccountName: sa
"""
    apply(server, account, isvc("image", "s3://textclustering", transformer))
    reason(server, account, "image", "coracle image alias example.com/team/transformer:1 coracle/sklearn-transformer")
    pods = server.kubectl("-n", account, "get", "pods")
    assert "ErrImagePull" in pods or "ImagePullBackOff" in pods
    server.run("image alias", "example.com/team/transformer:1", "coracle/sklearn-transformer")
    server.ready(account, "image")
    server.run("image rm", "example.com/team/transformer:1")


def test_an_alias_gives_what_the_image_had_inside(server, account):
    baked = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: baked}
spec: {predictor: {serviceAccountName: sa, containers: [{name: c, image: "example.com/team/steps:2"}]}}
"""
    apply(server, account, baked)
    reason(server, account, "baked", "coracle image alias example.com/team/steps:2 coracle/sklearn")
    server.run("image alias", "example.com/team/steps:2", "coracle/sklearn")
    reason(server, account, "baked", "no storageUri is given")
    server.run("image alias", "example.com/team/steps:2", "coracle/sklearn", "--model", "s3://models-low")
    server.until(lambda: predict(server, account, "baked") == LOW)
    server.run("image alias", "example.com/team/steps:2", "coracle/sklearn", "--model", "s3://models-low", "--method",
               "predict_proba")
    server.until(lambda: predict(server, account, "baked")[1].startswith('{"predictions":[[0.'))
    server.run("image rm", "example.com/team/steps:2")


@pytest.mark.parametrize("more, why", [
    ("  explainer: {containers: [{name: e, image: x}]}", "ExplainerNotSupported"),
])
def test_what_is_not_built_is_not_ready(server, account, more, why):
    apply(server, account, isvc("partly", "s3://models-low", more))
    server.until(lambda: server.condition(account, "partly").get("reason") == why)
    server.until(lambda: predict(server, account, "partly") == LOW)


def test_a_canary_moves_nothing(server, account):
    apply(server, account, isvc("canary", "s3://models-low"))
    server.ready(account, "canary")
    apply(server, account, isvc("canary", "s3://models-high").replace("serviceAccountName: sa",
                                                                      "serviceAccountName: sa\n    canaryTrafficPercent: 20"))
    server.until(lambda: server.condition(account, "canary").get("reason") == "CanaryNotSupported")
    assert predict(server, account, "canary") == LOW
    apply(server, account, isvc("canary", "s3://models-high"))
    server.ready(account, "canary")
    assert predict(server, account, "canary") == HIGH


@pytest.mark.parametrize("predictor", ["xgboost: {storageUri: 's3://models-low'}",
                                       "model: {modelFormat: {name: onnx}, storageUri: 's3://models-low'}"])
def test_a_framework_without_runtime(server, account, predictor):
    apply(server, account, f"""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {{name: other}}
spec: {{predictor: {{ {predictor} }}}}
""")
    server.until(lambda: server.condition(account, "other").get("reason") == "NoSupportingRuntime")
    status = server.get(account, "isvc", "other")["status"]
    assert status["modelStatus"]["transitionStatus"] == "InvalidSpec"
    assert status["modelStatus"]["lastFailureInfo"] == {
        "message": "No runtime found to support specified framework/version", "reason": "NoSupportingRuntime"}


def test_model_format_sklearn_and_a_named_runtime(server, account):
    text = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: format}
spec:
  predictor:
    serviceAccountName: sa
    model: {modelFormat: {name: sklearn}, storageUri: "s3://models-low", runtime: RUNTIME}
"""
    apply(server, account, text.replace("RUNTIME", "nobody"))
    server.until(lambda: server.condition(account, "format").get("reason") == "RuntimeNotRecognized")
    apply(server, account, text.replace("RUNTIME", "kserve-sklearnserver"))
    server.ready(account, "format")
    assert predict(server, account, "format") == LOW
    out = server.kubectl("get", "clusterservingruntimes")
    assert "kserve-sklearnserver" in out and "kserve-container" in out


# ---- hosts that do not answer ----


class Hanging(threading.Thread):
    """Accepts every connection and answers none: half are told nothing, half get a byte of an answer now and then."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener, self.done, self.peers = socket.create_server(("127.0.0.1", 0), backlog=256), threading.Event(), []
        self.listener.settimeout(0.2)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]

    def run(self):
        while not self.done.is_set():
            try:
                self.peers.append(self.listener.accept()[0])
                if len(self.peers) % 2:
                    self.peers[-1].sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
            except TimeoutError:
                pass
            for peer in self.peers[::2]:
                try:
                    peer.send(b"x")
                except OSError:
                    pass

    def close(self):
        self.done.set()
        self.join()
        for s in (self.listener, *self.peers):
            s.close()


@pytest.fixture
def hanging():
    h = Hanging()
    h.start()
    yield h
    h.close()


def elsewhere(name, uri, account):
    return isvc(name, uri).replace("serviceAccountName: sa", f"serviceAccountName: {account}")


@pytest.mark.parametrize("count, ready_s", [(8, 10), (100, 30)])
def test_hosts_that_hang_cost_the_others_nothing(server, account, hanging, count, ready_s):
    far = secret(hanging.address).replace("name: s3creds", "name: far") + ACCOUNT.replace("name: sa", "name: far").replace("s3creds", "far")
    apply(server, account, far + "---".join(
        elsewhere(f"hang{i}", f"http://{hanging.address}/model.joblib" if i % 4 < 2 else "s3://bucket/model", "far")
        for i in range(count)))
    server.until(lambda: len(hanging.peers) >= min(count, 60))
    apply(server, account, isvc("good", "s3://models-low"))
    began = time.monotonic()
    server.until(lambda: predict(server, account, "good") == LOW, ready_s)
    print(f"{count} that hang: ready after {time.monotonic() - began:.2f} s")
    assert server.condition(account, "hang0").get("status") != "True"
    server.kubectl("-n", account, "delete", "isvc", *(f"hang{i}" for i in range(8)), "--timeout=10s")
    server.ready(account, "good")


def test_a_host_that_hangs_delays_no_stop(models, tmp_path, hanging):
    s = Server(tmp_path / "data")
    s.kubectl("apply", "-f", "-", stdin=elsewhere("hang", f"http://{hanging.address}/model.joblib", "default"))
    s.until(lambda: hanging.peers)
    began = time.monotonic()
    s.stop()
    assert time.monotonic() - began < 10


def test_a_secret_that_repairs_a_fetch_that_hangs(server, namespace, buckets, hanging):
    apply(server, namespace, secret(hanging.address) + ACCOUNT + isvc("repair", "s3://models-low"))
    server.until(lambda: hanging.peers)
    apply(server, namespace, secret())
    server.until(lambda: predict(server, namespace, "repair") == LOW, 10)


# ---- other places a model may lie ----


def test_another_s3_over_http(server, namespace, buckets, models, tmp_path):
    other = Server(tmp_path / "other", keys={"MINIO_ROOT_USER": "other", "MINIO_ROOT_PASSWORD": "othersecret"})
    try:
        bucket = other.s3().create_bucket(Bucket="elsewhere")
        bucket.upload_file(str(models.folder / "high.joblib"), "deep/model.joblib")
        endpoint = other.env["AWS_ENDPOINT_URL"].removeprefix("http://")
        apply(server, namespace, secret(endpoint, "other", "othersecret") + ACCOUNT + isvc("remote", "s3://elsewhere/deep"))
        server.ready(namespace, "remote")
        assert predict(server, namespace, "remote") == HIGH
        apply(server, namespace, secret(endpoint, "other", "wrong") + isvc("refused", "s3://elsewhere/deep"))
        reason(server, namespace, "refused", "SignatureDoesNotMatch")
        apply(server, namespace, isvc("missing", "s3://nowhere/deep"))
        apply(server, namespace, secret(endpoint, "other", "othersecret"))
        reason(server, namespace, "missing", "NoSuchBucket")
    finally:
        other.stop()


class OtherS3(http.server.ThreadingHTTPServer):
    """One bucket with one model, and what was asked: (Host, path, Authorization)."""

    def __init__(self, model, tls=None):
        self.asked = asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append((self.headers["host"], self.path, self.headers["authorization"] or ""))
                body = model if self.path.partition("?")[0].endswith("/model.joblib") else b"""<?xml version="1.0"?>
<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>model.joblib</Key></Contents></ListBucketResult>"""
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *args):
        pass  # a client that does not trust us

    def __exit__(self, *args):
        self.shutdown()
        super().__exit__(*args)


def test_the_annotations_of_a_secret(server, account, models):
    with OtherS3((models.folder / "high.joblib").read_bytes()) as s3:
        where = f"localhost:{s3.server_port}"
        for virtual, path in (("false", "/bucket"), ("true", "")):
            more = f"s3-region: eu-west-1\n    serving.kserve.io/s3-usevirtualbucket: '{virtual}'"
            apply(server, account, secret(where).replace("s3-region: eu-west-1", more) + isvc(f"v-{virtual}", "s3://bucket"))
            server.ready(account, f"v-{virtual}")
            assert predict(server, account, f"v-{virtual}") == HIGH
            listed, got = s3.asked[-2:]
            assert listed[0] == got[0] == ("bucket." if virtual == "true" else "") + where
            assert listed[1].startswith(f"{path}{'' if path else '/'}?") and got[1] == path + "/model.joblib"
            assert "/eu-west-1/s3/aws4_request" in got[2]


def test_the_certificate_of_an_s3(server, account, models):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pki = pathlib.Path(server.data) / "pki"
    tls.load_cert_chain(pki / "server.crt", pki / "server.key")
    own = "\n".join("    " + line for line in (pki / "ca.crt").read_text().splitlines())
    apply(server, account, f"""
apiVersion: v1
kind: ConfigMap
metadata: {{name: bundle}}
data:
  cabundle.crt: |
{own}
  own.crt: |
{own}
""")
    with OtherS3((models.folder / "high.joblib").read_bytes(), tls) as s3:
        def with_annotations(name, **annotations):
            lines = "".join(f"\n    serving.kserve.io/{k.replace('_', '-')}: '{v}'" for k, v in annotations.items())
            apply(server, account, secret(f"localhost:{s3.server_port}").replace("s3-usehttps: '0'", "s3-usehttps: '1'" + lines) +
                  isvc(name, "s3://bucket"))

        with_annotations("none")
        reason(server, account, "none", "certificate")
        with_annotations("alone", s3_cabundle="/etc/ssl/custom/own.crt")
        reason(server, account, "alone", "s3-cabundle-configmap")
        with_annotations("missing", s3_cabundle="/etc/ssl/custom/other.crt", s3_cabundle_configmap="bundle")
        reason(server, account, "missing", 'configmap "bundle" with key other.crt not found')
        for name, annotations in (("unverified", {"s3_verifyssl": "0"}), ("bundle", {"s3_cabundle_configmap": "bundle"}),
                                  ("file", {"s3_cabundle_configmap": "bundle", "s3_cabundle": "/etc/ssl/custom/own.crt"})):
            with_annotations(name, **annotations)
            server.ready(account, name)
            assert predict(server, account, name) == HIGH


@pytest.mark.parametrize("image", ["kserve/sklearnserver:v0.11.0", "index.docker.io/coracle/sklearn"])
def test_a_custom_predictor_of_a_built_in_image(server, account, image):
    apply(server, account, f"""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {{name: custom}}
spec:
  predictor:
    serviceAccountName: sa
    containers:
    - {{name: anything, image: "{image}", env: [{{name: STORAGE_URI, value: "s3://models-low"}}, {{name: PREDICT_PROBA, value: "true"}}]}}
""")
    server.ready(account, "custom")
    code, body = predict(server, account, "custom")
    assert code == 200 and [round(sum(row), 6) for row in json.loads(body)["predictions"]] == [1, 1]
    assert "runtime" not in json.dumps(server.get(account, "isvc", "custom")["status"]).lower()


def test_a_model_that_is_replaced_in_its_bucket(server, account, models):
    bucket = server.s3().create_bucket(Bucket="repaired-" + account)
    bucket.upload_file(str(models.folder / "broken.joblib"), "model.joblib")
    apply(server, account, isvc("repaired", "s3://repaired-" + account))
    reason(server, account, "repaired", "/mnt/models/model.joblib")
    before = server.get(account, "isvc", "repaired")["metadata"]["generation"]
    bucket.upload_file(str(models.folder / "low.joblib"), "model.joblib")
    server.ready(account, "repaired")
    assert predict(server, account, "repaired") == LOW
    assert server.get(account, "isvc", "repaired")["metadata"]["generation"] == before


@pytest.fixture(scope="module")
def web(models):
    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(models.folder))

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as s:
        threading.Thread(target=s.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{s.server_port}"
        s.shutdown()


def test_http_and_archives(server, account, models, web):
    import shutil
    import zipfile
    box = models.folder / "box"
    box.mkdir(exist_ok=True)
    shutil.copy(models.folder / "high.joblib", box / "model.joblib")
    shutil.make_archive(str(models.folder / "model"), "gztar", box)
    with zipfile.ZipFile(models.folder / "model.zip", "w") as z:
        z.write(models.folder / "low.joblib", "model.joblib")
    apply(server, account, isvc("file", web + "/high.joblib") + "---\n" + isvc("tar", web + "/model.tar.gz") + "---\n" +
          isvc("zip", web + "/model.zip") + "---\n" + isvc("none", web + "/nothing.joblib"))
    for name, answer in (("file", HIGH), ("tar", HIGH), ("zip", LOW)):
        server.ready(account, name)
        assert predict(server, account, name) == answer
    reason(server, account, "none", "answered 404")


def test_a_claim(server, account, models):
    import shutil
    apply(server, account, """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {storageClassName: fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 5Gi}}}
""")
    claim = server.until(lambda: (c := server.get(account, "pvc", "data"))["status"].get("phase") == "Bound" and c)
    assert claim["status"]["capacity"] == {"storage": "5Gi"}
    folder = pathlib.Path(server.data) / "volumes" / claim["metadata"]["uid"] / "models"
    folder.mkdir()
    shutil.copy(models.folder / "low.joblib", folder / "model.joblib")
    apply(server, account, isvc("claimed", "pvc://data/models"))
    server.ready(account, "claimed")
    assert predict(server, account, "claimed") == LOW


def test_storage_config(server, namespace, buckets):
    config = {"type": "s3", "access_key_id": "minio", "secret_access_key": "minio123", "default_bucket": "models-high",
              "endpoint_url": "http://minio-service.tenant-tiny:9000", "region": "us-east-1"}
    server.kubectl("-n", namespace, "create", "secret", "generic", "storage-config",
                   "--from-literal=own=" + json.dumps(config))
    apply(server, namespace, """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: stored}
spec:
  predictor:
    model: {modelFormat: {name: sklearn}, storage: {key: own, path: model.joblib}}
""")
    server.ready(namespace, "stored")
    assert predict(server, namespace, "stored") == HIGH


def test_a_file_root(models, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(f"storage:\n  file_roots: [{models.folder}]\n")
    s = Server(tmp_path / "data", "--config", str(config))
    try:
        s.kubectl("create", "namespace", "files")
        s.kubectl("-n", "files", "apply", "-f", "-", stdin=isvc("here", f"file://{models.folder}/low.joblib").replace(
            "serviceAccountName: sa", "serviceAccountName: default"))
        s.ready("files", "here")
        assert predict(s, "files", "here") == LOW
    finally:
        s.stop()


def test_a_deleted_pod_reads_the_model_anew(server, account, models):
    bucket = server.s3().create_bucket(Bucket="reread-" + account)
    bucket.upload_file(str(models.folder / "low.joblib"), "model.joblib")
    apply(server, account, isvc("reread", "s3://reread-" + account))
    server.ready(account, "reread")
    bucket.upload_file(str(models.folder / "high.joblib"), "model.joblib")
    server.kubectl("-n", account, "delete", "pod", "-l", "serving.kserve.io/inferenceservice=reread")
    server.until(lambda: predict(server, account, "reread") == HIGH)
    assert len(server.get(account, "pods")["items"]) == 1


def test_stop_and_start(server, account):
    apply(server, account, isvc("stop", "s3://models-low"))
    server.ready(account, "stop")
    server.kubectl("-n", account, "annotate", "isvc", "stop", "serving.kserve.io/stop=true")
    server.until(lambda: server.condition(account, "stop", "Stopped").get("status") == "True")
    assert predict(server, account, "stop")[0] == 503
    server.kubectl("-n", account, "annotate", "isvc", "stop", "serving.kserve.io/stop-")
    server.ready(account, "stop")
    server.until(lambda: predict(server, account, "stop") == LOW)
