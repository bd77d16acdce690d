"""The program as a person uses it: run("get", "pods") is its standard output, exit code checked."""
import http.client
import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/conformance"))
from sigv4 import sign  # noqa: E402

PROGRAM = os.environ.get("CORACLE", str(ROOT / "build/coracle"))


class Coracle:
    def __init__(self, data):
        self.data = str(data)
        self.env = {**os.environ, "CORACLE_DATA": self.data, "HOME": str(data.parent)}

    def result(self, *args, stdin=None, env=None):
        return subprocess.run([PROGRAM, *args], env={**self.env, **(env or {})}, input=stdin, capture_output=True,
                              text=True, timeout=120)

    def run(self, *args, code=0, **more):
        r = self.result(*args, **more)
        assert r.returncode == code, f"coracle {' '.join(args)}: exit {r.returncode}\n{r.stdout}{r.stderr}"
        return r.stdout

    def fails(self, *args, code=1, **more):
        r = self.result(*args, **more)
        assert r.returncode == code, f"coracle {' '.join(args)}: exit {r.returncode}\n{r.stdout}{r.stderr}"
        return r.stderr

    def up(self, *args, env=None):
        self.run("up", "--free-ports", "--detach", *args, env=env)
        return self.status()

    def status(self):
        return json.loads(self.run("status", "-o", "json"))

    def variables(self):
        return json.loads(self.run("env", "--shell", "json"))

    def s3(self, method, path, body=None):
        address = self.status()["listeners"]["s3"]
        connection = http.client.HTTPConnection(address, timeout=30)
        connection.request(method, path, body, headers=sign(self.variables(), address, method, path))
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.fixture
def coracle(tmp_path):
    c = Coracle(tmp_path / "data")
    yield c
    c.result("down")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    c = Coracle(tmp_path_factory.mktemp("cli") / "data")
    c.up()
    yield c
    c.run("down")
