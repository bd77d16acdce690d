"""A disk that fills up under the server: errors that say so, nothing lost, reading goes on, and writing when there is room."""
import json
import os
import pathlib
import subprocess
import time

import pytest
from conftest import CORACLE
from wire import call

DISK_MIB = 48


class SmallDisk:
    """A server whose data directory is a tmpfs of its own mount namespace."""

    def __init__(self, top):
        self.top = top
        script = f"mount -t tmpfs -o size={DISK_MIB}m tmpfs {top} && dd if=/dev/zero of={top}/ballast bs=1M count=4 2>/dev/null && exec {CORACLE} up --data {top}/data --free-ports"
        self.process = subprocess.Popen(["unshare", "-rm", "sh", "-c", script], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.root = pathlib.Path(f"/proc/{self.process.pid}/root{top}")
        deadline = time.monotonic() + 60
        while not (self.root / "data/run/endpoints.json").exists():
            assert time.monotonic() < deadline
            if self.process.poll() is not None:
                text = self.process.stderr.read().decode()
                assert "coracle" not in text, text
                pytest.skip(f"absent: a mount namespace ({text.strip()})")
            time.sleep(0.05)
        self.host, port = json.loads((self.root / "data/run/endpoints.json").read_text())["listeners"]["s3"].split(":")
        self.port, self.address = int(port), f"{self.host}:{port}"
        keys = json.loads((self.root / "data/pki/credentials.json").read_text())
        self.access_key, self.secret_key = keys["access_key"], keys["secret_key"]

    def fsck(self):
        return subprocess.run(["nsenter", "-U", "--preserve-credentials", "-m", "-t", str(self.process.pid), CORACLE, "fsck", "--data", f"{self.top}/data"],
                              capture_output=True, text=True)


@pytest.fixture
def disk(tmp_path):
    d = SmallDisk(tmp_path)
    yield d
    d.process.terminate()
    assert d.process.wait(30) == 0


def fill(disk, name, size, most):
    """Puts until the disk is full; what was taken."""
    taken = {}
    for i in range(most):
        body = os.urandom(size)
        answer = call(disk, "PUT", f"/full/{name}{i}", body=body)
        if answer.status != 200:
            assert (answer.status, answer.code) == (507, "XMinioStorageFull"), answer
            return taken
        taken[f"{name}{i}"] = body
    raise AssertionError("the disk never filled up")


def test_a_full_disk_refuses_writes_and_loses_nothing(disk):
    assert call(disk, "PUT", "/full").status == 200
    kept = fill(disk, "large", 1 << 20, 100)
    assert len(kept) > 5
    kept |= fill(disk, "small", 60_000, 5000)
    for _ in range(20):
        answer = call(disk, "PUT", "/full/large3", body=os.urandom(1 << 20))
        assert (answer.status, answer.code) == (507, "XMinioStorageFull"), answer
    for i in range(3):  # a full disk can be emptied
        assert call(disk, "DELETE", f"/full/large{i}").status == 204
        del kept[f"large{i}"]
    kept |= fill(disk, "more", 1 << 20, 100)

    def all_there():
        for key, body in kept.items():
            assert call(disk, "GET", f"/full/{key}").body == body
        listed = call(disk, "GET", "/full", "list-type=2&max-keys=1000").body
        assert listed.count(b"<Key>") == len(kept)
    all_there()
    (disk.root / "ballast").unlink()
    body = os.urandom(1 << 20)
    assert call(disk, "PUT", "/full/again", body=body).status == 200
    kept["again"] = body
    all_there()
    fsck = disk.fsck()
    assert fsck.returncode == 0, fsck.stdout + fsck.stderr
