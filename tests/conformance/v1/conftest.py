"""Models of scikit-learn served by `coracle serve`, asked over plain HTTP. CORACLE names the binary."""
import http.client
import json
import os
import pathlib
import signal
import subprocess

import joblib
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

ROOT = pathlib.Path(__file__).resolve().parents[3]
CORACLE = os.environ.get("CORACLE", str(ROOT / "build/coracle"))


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self):
        return json.loads(self.body)


class Server:
    """A started `coracle serve`; its one line says where."""

    def __init__(self, path, *options, env=None):
        self.process = subprocess.Popen([CORACLE, "serve", str(path), "--http", "127.0.0.1:0", *options], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **(env or {})})
        self.line = self.process.stdout.readline()
        if "http://" not in self.line:
            raise RuntimeError(f"coracle serve: {self.process.communicate()}")
        self.address = self.line.split("http://")[1].split("/")[0].strip()
        Server.running.append(self.process)

    @property
    def pid(self):
        return self.process.pid

    def connect(self):
        return http.client.HTTPConnection(self.address, timeout=20)

    def ask(self, method, path, body=None, headers=None):
        connection = self.connect()
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        connection.request(method, path, body, headers or {})
        answer = Answer(connection.getresponse())
        connection.close()
        return answer

    def predict(self, model, body, **kwargs):
        return self.ask("POST", f"/v1/models/{model}:predict", body, **kwargs)

    running = []  # for those that a failed test leaves

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=40)
        return self.process.returncode, err


@pytest.fixture(scope="session", autouse=True)
def leave_nothing_running():
    yield
    for process in Server.running:
        if process.poll() is None:
            process.kill()


@pytest.fixture(scope="session")
def iris():
    return load_iris(return_X_y=True)


@pytest.fixture(scope="session")
def models(tmp_path_factory, iris):
    folder = tmp_path_factory.mktemp("models")
    joblib.dump(LogisticRegression(max_iter=1000).fit(*iris), folder / "iris.joblib")
    return folder


@pytest.fixture(scope="session")
def server(models):
    s = Server(models / "iris.joblib")
    yield s
    code, err = s.stop()
    assert code == 0, err
