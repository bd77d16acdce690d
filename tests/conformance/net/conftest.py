"""A server of its own for each test, and the plain pieces that its clients are made of."""
import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/conformance"))
from sigv4 import sign  # noqa: E402

CORACLE = os.environ.get("CORACLE", str(ROOT / "build/coracle"))


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


@pytest.fixture
def start(tmp_path):
    servers = []

    def make(*options):
        servers.append(Server(tmp_path / f"data{len(servers)}", *options))
        return servers[-1]

    yield make
    for s in servers:
        s.stop()
