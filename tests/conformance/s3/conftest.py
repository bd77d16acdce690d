"""One server for all S3 tests, and a bucket of its own for each test. CORACLE names the binary."""
import json
import os
import pathlib
import subprocess
import uuid

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
CORACLE = os.environ.get("CORACLE", str(ROOT / "build/coracle"))


def pytest_configure(config):
    config.addinivalue_line("markers", "long: only in make test-long")


def pytest_collection_modifyitems(items):
    if os.environ.get("CORACLE_TEST_LONG") != "1":
        for item in list(items):
            if item.get_closest_marker("long"):
                items.remove(item)


class Server:
    def __init__(self, data):
        self.data = str(data)
        self.start()

    def start(self):
        subprocess.run([CORACLE, "up", "--data", self.data, "--free-ports", "--detach"], check=True,
                       stdout=subprocess.DEVNULL)
        self.env = json.loads(self.run("env", "--shell", "json"))
        self.status = json.loads(self.run("status", "-o", "json"))
        self.url = self.env["AWS_ENDPOINT_URL"]
        self.address = self.url.removeprefix("http://")
        self.host, port = self.address.split(":")
        self.port = int(port)
        self.access_key, self.secret_key = self.env["AWS_ACCESS_KEY_ID"], self.env["AWS_SECRET_ACCESS_KEY"]
        self.ca = f"{self.data}/pki/ca.crt"

    def run(self, command, *args):
        return subprocess.run([CORACLE, command, "--data", self.data, *args], check=True, capture_output=True,
                              text=True).stdout

    def stop(self):
        subprocess.run([CORACLE, "down", "--data", self.data], check=True, stdout=subprocess.DEVNULL)
        log = pathlib.Path(self.data, "logs/coracle.log").read_text(errors="replace")
        for line in log.splitlines():
            assert "runtime error:" not in line and "ERROR: AddressSanitizer" not in line, line


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    s = Server(tmp_path_factory.mktemp("s3") / "data")
    yield s
    s.stop()


@pytest.fixture
def bucket_name():
    return f"b-{uuid.uuid4().hex[:12]}"
