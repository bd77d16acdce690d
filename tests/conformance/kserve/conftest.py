"""One server, the seed's two models, and the real clients: boto3, kubectl, curl, kserve's and kubernetes' Python."""
import base64
import inspect
import json
import os
import pathlib
import subprocess
import sys
import time
import uuid

import boto3
import joblib
import pytest
import requests
import yaml
from botocore.client import Config
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

ROOT = pathlib.Path(__file__).resolve().parents[3]
CORACLE = os.environ.get("CORACLE", str(ROOT / "build/coracle"))
KEYS = {"MINIO_ROOT_USER": "minio", "MINIO_ROOT_PASSWORD": "minio123"}
PATHS = {
    **{k: "api/v1/namespaces/{}/" + k for k in ("pods", "services", "endpoints")},
    **{k: "apis/apps/v1/namespaces/{}/" + k for k in ("deployments", "replicasets")},
    **{k: "apis/serving.knative.dev/v1/namespaces/{}/" + k for k in ("configurations", "routes", "revisions")},
    "ksvc": "apis/serving.knative.dev/v1/namespaces/{}/services",
    "isvc": "apis/serving.kserve.io/v1beta1/namespaces/{}/inferenceservices",
    "pvc": "api/v1/namespaces/{}/persistentvolumeclaims",
}
TRANSFORMER = "agmangas/sklearn-transformer:latest"


class Server:
    def __init__(self, data, *flags, keys=KEYS):
        self.data, self.flags, self.keys = str(data), flags, keys
        self.start()

    def start(self):
        subprocess.run([CORACLE, "up", "--data", self.data, "--free-ports", "--detach", *self.flags], check=True,
                       stdout=subprocess.DEVNULL, env={**os.environ, **self.keys})
        self.env = json.loads(self.run("env", "--shell", "json"))
        kubeconfig = yaml.safe_load(pathlib.Path(self.env["KUBECONFIG"]).read_text())
        cluster, user = kubeconfig["clusters"][0]["cluster"], kubeconfig["users"][0]["user"]
        ca = pathlib.Path(self.data) / "test-ca.pem"
        ca.write_bytes(base64.b64decode(cluster["certificate-authority-data"]))
        self.url, self.session = cluster["server"], requests.Session()
        self.session.trust_env = False  # a CA bundle of the environment would win over ours
        self.session.verify, self.session.headers["Authorization"] = str(ca), "Bearer " + user["token"]

    def run(self, command, *args):
        return subprocess.run([CORACLE, *command.split(), "--data", self.data, *args], check=True, capture_output=True,
                              text=True).stdout

    def stop(self):
        subprocess.run([CORACLE, "down", "--data", self.data], check=True, stdout=subprocess.DEVNULL)

    def restart(self):
        self.stop()
        self.start()

    def kubectl(self, *args, stdin="", version="1.34"):
        env = {**os.environ, **self.env, "HOME": self.data + "/home"}
        r = subprocess.run([str(ROOT / f".tools/bin/kubectl-{version}"), *args], input=stdin, capture_output=True,
                           text=True, env=env, timeout=90)
        if r.returncode:
            raise AssertionError(f"kubectl {' '.join(args)}: exit {r.returncode}\n{r.stdout}{r.stderr}")
        return r.stdout

    def get(self, namespace, resources, name=""):
        """An object, or the objects of several resources: as kubectl get -o json, without starting it."""
        found = []
        for resource in resources.split(","):
            r = self.session.get(f"{self.url}/{PATHS[resource].format(namespace)}/{name}".rstrip("/"))
            r.raise_for_status()
            if name:
                return r.json()
            kind = r.json()["kind"].removesuffix("List")
            found += [{"kind": kind, **o} for o in r.json()["items"]]
        return {"items": found}

    def s3(self):
        return boto3.resource("s3", endpoint_url=self.env["AWS_ENDPOINT_URL"],
                              aws_access_key_id=self.keys["MINIO_ROOT_USER"],
                              aws_secret_access_key=self.keys["MINIO_ROOT_PASSWORD"],
                              config=Config(signature_version="s3v4"))

    def curl(self, host, path, body=None):
        """The seed's client: no content type is given. (status, body)"""
        command = ["curl", "-sS", "-w", "\n%{http_code}", "-H", f"Host: {host}", self.env["CORACLE_INFERENCE_URL"] + path]
        if body is not None:
            command += ["-d", body if isinstance(body, str) else json.dumps(body)]
        text, _, status = subprocess.run(command, check=True, capture_output=True, text=True,
                                         timeout=60).stdout.rpartition("\n")
        return int(status), text

    def ready(self, namespace, name, timeout="30s"):
        self.kubectl("-n", namespace, "wait", "--for=condition=Ready", f"--timeout={timeout}",
                     f"inferenceservice/{name}")

    def until(self, what, seconds=20):
        """Waits until what() is true, and gives it back."""
        end = time.monotonic() + seconds
        while True:
            value = what()
            if value:
                return value
            assert time.monotonic() < end, f"waited {seconds} s"
            time.sleep(0.05)

    def condition(self, namespace, name, kind="Ready"):
        status = self.get(namespace, "isvc", name).get("status", {})
        return next((c for c in status.get("conditions", []) if c["type"] == kind), {})


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    s = Server(tmp_path_factory.mktemp("kserve") / "data")
    yield s
    s.stop()


@pytest.fixture
def namespace(server):
    name = f"t-{uuid.uuid4().hex[:8]}"
    server.session.post(server.url + "/api/v1/namespaces", json={"metadata": {"name": name}}).raise_for_status()
    return name


def corpus():
    """A real corpus that every machine has: the docstrings of the standard library."""
    texts = []
    for name in sorted(sys.stdlib_module_names & {"os", "inspect", "json", "re", "collections", "email", "http", "logging",
                                                  "threading", "socket", "ssl", "zipfile", "tarfile", "argparse"}):
        module = __import__(name)
        texts += [inspect.cleandoc(o.__doc__) for o in vars(module).values()
                  if isinstance(getattr(o, "__doc__", None), str) and len(o.__doc__) > 40]
    return texts[:800]


class Models:
    """The seed's pipeline, and iris-like classifiers that differ; files in `folder`."""

    def __init__(self, folder):
        self.folder = folder
        self.texts = corpus()
        self.transformer = make_pipeline(TfidfVectorizer(max_features=10000, stop_words="english"),
                                         TruncatedSVD(100, random_state=0), Normalizer(copy=False))
        rows = self.transformer.fit_transform(self.texts)
        self.model = MiniBatchKMeans(20, random_state=0, n_init=1).fit(rows)
        joblib.dump(self.transformer, folder / "transformer.joblib")
        joblib.dump(self.model, folder / "model.joblib")
        x = [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]
        for name, labels in (("low", [0, 0, 1, 1]), ("high", [10, 10, 11, 11])):
            joblib.dump(LogisticRegression().fit(x, labels), folder / f"{name}.joblib")
        (folder / "broken.joblib").write_bytes((folder / "low.joblib").read_bytes()[:100])


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    return Models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def buckets(server, models):
    """textclustering as the seed fills it; low, high and broken with one model each."""
    s3 = server.s3()
    bucket = s3.create_bucket(Bucket="textclustering")
    for name in ("model.joblib", "transformer.joblib"):
        bucket.upload_file(str(models.folder / name), name)
    for name in ("low", "high", "broken"):
        bucket = s3.create_bucket(Bucket=f"models-{name}")
        bucket.upload_file(str(models.folder / f"{name}.joblib"), "model.joblib")
    return s3


def secret(endpoint="minio-service.tenant-tiny:9000", key="minio", password="minio123"):
    return f"""
apiVersion: v1
kind: Secret
metadata:
  name: s3creds
  annotations:
    serving.kserve.io/s3-endpoint: {endpoint}
    serving.kserve.io/s3-usehttps: '0'
    serving.kserve.io/s3-region: eu-west-1
    serving.kserve.io/s3-useanoncredential: 'false'
type: Opaque
stringData:
  AWS_ACCESS_KEY_ID: {key}
  AWS_SECRET_ACCESS_KEY: {password}
---
"""


ACCOUNT = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: sa}
secrets: [{name: s3creds}]
---
"""


def isvc(name, uri, more=""):
    return f"""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {{name: {name}}}
spec:
  predictor:
    serviceAccountName: sa
    sklearn: {{storageUri: "{uri}"}}
{more}"""


def seed(name="textclustering"):
    return f"""
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: {name}
spec:
  predictor:
    serviceAccountName: sa
    sklearn:
      storageUri: s3://textclustering
  transformer:
    containers:
    - env:
      - name: STORAGE_URI
        value: s3://textclustering/transformer.joblib
      image: {TRANSFORMER}
      name: textclustering-transformer
    serviceAccountName: sa
"""


@pytest.fixture(scope="session")
def alias(server):
    server.run("image alias", TRANSFORMER, "coracle/sklearn-transformer")


