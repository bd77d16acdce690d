"""A server of its own for each test, and the plain pieces that its clients are made of."""
import datetime
import hashlib
import hmac
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
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

    def sign(self, method, path, payload="UNSIGNED-PAYLOAD", headers=()):
        """AWS Signature Version 4: the headers of a request."""
        now = datetime.datetime.now(datetime.timezone.utc)
        stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
        fields = {"host": "%s:%d" % self.address["s3"], "x-amz-content-sha256": payload, "x-amz-date": stamp,
                  **dict(headers)}
        names = ";".join(sorted(fields))
        canonical = "\n".join([method, path, "", *(f"{k}:{fields[k]}" for k in sorted(fields)), "", names, payload])
        scope = f"{day}/us-east-1/s3/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + self.env["AWS_SECRET_ACCESS_KEY"]).encode()
        for part in (day, "us-east-1", "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        fields["authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.env['AWS_ACCESS_KEY_ID']}/{scope}, "
                                   f"SignedHeaders={names}, Signature={signature}")
        return fields


@pytest.fixture
def start(tmp_path):
    servers = []

    def make(*options):
        servers.append(Server(tmp_path / f"data{len(servers)}", *options))
        return servers[-1]

    yield make
    for s in servers:
        s.stop()
