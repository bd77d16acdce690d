"""A server of its own for each test, and the plain pieces that its clients are made of."""
import http.client
import io
import json
import os
import pathlib
import subprocess
import sys
import time

import joblib
import pytest
from sklearn.linear_model import LogisticRegression

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/conformance"))
from sigv4 import sign  # noqa: E402

CORACLE = os.environ.get("CORACLE", str(ROOT / "build/coracle"))


STEPS = """
apiVersion: v1
kind: Secret
metadata: {{name: keys}}
stringData: {{AWS_ACCESS_KEY_ID: {AWS_ACCESS_KEY_ID}, AWS_SECRET_ACCESS_KEY: {AWS_SECRET_ACCESS_KEY}}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: reader}}
secrets: [{{name: keys}}]
---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {{name: steps}}
spec:
  predictor:
    serviceAccountName: reader
    sklearn: {{storageUri: "s3://models"}}
"""


class Server:
    def __init__(self, data, *options):
        self.data = str(data)
        subprocess.run([CORACLE, "up", "--data", self.data, "--free-ports", "--detach", *options], check=True,
                       stdout=subprocess.DEVNULL)
        self.env = json.loads(self.run("env", "--shell", "json"))
        self.status = json.loads(self.run("status", "-o", "json"))
        self.address = {name: (a.rsplit(":", 1)[0], int(a.rsplit(":", 1)[1])) for name, a in
                        self.status["listeners"].items()}
        self.pid = self.status["pid"]

    def run(self, command, *args):
        return subprocess.run([CORACLE, command, "--data", self.data, *args], check=True, capture_output=True,
                              text=True).stdout

    gone = False

    def stop(self):
        if self.gone:
            return
        subprocess.run([CORACLE, "down", "--data", self.data], check=True, stdout=subprocess.DEVNULL)

    def sign(self, method, path):
        return sign(self.env, "%s:%d" % self.address["s3"], method, path)

    def connect(self, listener, timeout=10):
        return http.client.HTTPConnection(*self.address[listener], timeout=timeout)

    def predict(self, connection):
        """(status, body) of one prediction by the model of `serve`."""
        connection.request("POST", "/v1/models/steps:predict", b'{"instances":[[0,0],[3,3]]}',
                           {"Host": "steps.default.example.com"})
        r = connection.getresponse()
        return r.status, r.read()

    def serve(self):
        """An InferenceService "steps" that answers [0, 1]; its model lies in a bucket of the server."""
        x = [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]
        model = io.BytesIO()
        joblib.dump(LogisticRegression().fit(x, [0, 0, 1, 1]), model)
        s3 = self.connect("s3")
        for path, body in (("/models", b""), ("/models/model.joblib", model.getvalue())):
            s3.request("PUT", path, body, self.sign("PUT", path))
            r = s3.getresponse()
            assert r.status == 200, r.read()
            r.read()
        manifest = pathlib.Path(self.data) / "steps.yaml"
        manifest.write_text(STEPS.format(**self.env))
        self.run("apply", "-f", str(manifest))
        end = time.monotonic() + 20
        while self.predict(self.connect("inference"))[0] != 200:
            assert time.monotonic() < end
            time.sleep(0.05)


@pytest.fixture
def start(tmp_path):
    servers = []

    def make(*options):
        servers.append(Server(tmp_path / f"data{len(servers)}", *options))
        return servers[-1]

    yield make
    for s in servers:
        s.stop()
