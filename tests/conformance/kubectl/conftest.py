"""One server for all tests; each test runs once with Debian's kubectl and once with a current one."""
import json
import os
import pathlib
import subprocess
import uuid

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
CORACLE = os.environ.get("CORACLE", str(ROOT / "build/coracle"))
KUBECTLS = os.environ.get("KUBECTLS", "1.20 1.34").split()


class Server:
    def __init__(self, data):
        self.data = str(data)
        subprocess.run([CORACLE, "up", "--data", self.data, "--free-ports", "--detach"], check=True,
                       stdout=subprocess.DEVNULL)
        self.env = json.loads(self.run("env", "--shell", "json"))

    def run(self, command, *args):
        return subprocess.run([CORACLE, command, "--data", self.data, *args], check=True, capture_output=True,
                              text=True).stdout

    def stop(self):
        subprocess.run([CORACLE, "down", "--data", self.data], check=True, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    s = Server(tmp_path_factory.mktemp("kubectl") / "data")
    yield s
    s.stop()


class Kubectl:
    """kubectl("get", "pods") is its standard output; a failure raises unless told otherwise."""

    def __init__(self, version, server, home, namespace):
        self.program = str(ROOT / f".tools/bin/kubectl-{version}")
        self.version = version
        self.namespace = namespace
        self.env = {**os.environ, **server.env, "HOME": str(home)}

    def process(self, *args, **more):
        env = {**self.env, **more.pop("env", {})}
        return subprocess.Popen([self.program, "-n", self.namespace, *args], env=env, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)

    def run(self, *args, stdin="", env=None):
        with self.process(*args, stdin=subprocess.PIPE, env=env or {}) as p:
            try:
                out, err = p.communicate(stdin, timeout=60)
            except subprocess.TimeoutExpired:
                p.kill()
                raise
        return p.returncode, out, err

    def __call__(self, *args, stdin="", env=None):
        code, out, err = self.run(*args, stdin=stdin, env=env)
        assert code == 0, f"kubectl {' '.join(args)}: exit {code}\n{out}{err}"
        return out

    def fails(self, *args, stdin=""):
        code, out, err = self.run(*args, stdin=stdin)
        assert code != 0, f"kubectl {' '.join(args)} succeeded: {out}"
        return err

    def json(self, *args):
        return json.loads(self(*args, "-o", "json"))


@pytest.fixture(scope="session", params=KUBECTLS)
def kubectl_home(request, tmp_path_factory):
    """A home a version, so that its discovery cache is its own and is used, as a person's is."""
    return request.param, tmp_path_factory.mktemp(f"home-{request.param}")


@pytest.fixture
def kubectl(kubectl_home, server):
    version, home = kubectl_home
    k = Kubectl(version, server, home, f"t-{uuid.uuid4().hex[:8]}")
    k("create", "namespace", k.namespace)
    yield k
    k.run("delete", "namespace", k.namespace, "--wait=false")
