#!/usr/bin/env python3
"""kill -9 under S3 writes: what was acknowledged is there, what was not is there whole or not at all, fsck is clean.

  s3_crash.py [ROUNDS]     prints PASS or FAIL lines; CORACLE names the binary, SEED repeats a run

Each writer has keys of its own and one request in flight, so what a key may hold after the kill is known exactly: the last
acknowledged state, or that of the request that got no answer."""
import hashlib
import http.client
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/conformance/s3"))
os.environ.setdefault("CORACLE", str(ROOT / "build/coracle"))
from conftest import Server  # noqa: E402
from wire import Signer  # noqa: E402

WRITERS, KEYS, BUCKET = 8, 6, "crash"
SIZES = [0, 1, 4096, 131072, 131073, 400_000, 1_500_000]


class Client:
    def __init__(self, server):
        self.server, self.connection = server, http.client.HTTPConnection(server.host, server.port, timeout=60)

    def call(self, method, path, query="", body=b"", extra=None):
        headers = Signer(self.server).headers(method, path, query, hashlib.sha256(body).hexdigest(), extra)
        self.connection.request(method, f"{path}?{query}" if query else path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


class Writer(threading.Thread):
    """Changes its keys at random until the server is gone. `known` is what was acknowledged (None: deleted), `open` the
    key and state of a request without an answer."""

    def __init__(self, server, number, known, rng):
        super().__init__()
        self.server, self.number, self.known, self.rng = server, number, known, rng
        self.open, self.count, self.fault = None, 0, None

    def body(self):
        return self.rng.randbytes(self.rng.choice(SIZES))

    def upload(self, client, path, body):
        """In parts that are completed at once; a part alone may be of any size."""
        status, _, text = client.call("POST", path, "uploads=")
        assert status == 200, text
        upload = text.split(b"<UploadId>")[1].split(b"<")[0].decode()
        if self.rng.random() < 0.2:  # left behind, or aborted
            client.call("PUT", path, f"partNumber=1&uploadId={upload}", body)
            return client.call("DELETE", path, f"uploadId={upload}")[0] if self.rng.random() < 0.5 else 0
        etag = client.call("PUT", path, f"partNumber=1&uploadId={upload}", body)[1]["ETag"]
        return client.call("POST", path, f"uploadId={upload}",
                           f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>".encode())[0]

    def step(self, client):
        key = f"w{self.number}/k{self.rng.randrange(KEYS)}"
        path, action = f"/{BUCKET}/{key}", self.rng.random()
        if action < 0.15:
            self.open = (key, None)
            status = client.call("DELETE", path)[0]
            assert status == 204, status
            self.known[key] = None
        elif action < 0.3 and any(self.known.values()):
            source = self.rng.choice([k for k, v in self.known.items() if v is not None])
            if source == key:
                return
            self.open = (key, self.known[source])
            status, _, text = client.call("PUT", path, extra={"x-amz-copy-source": f"/{BUCKET}/{source}"})
            assert status == 200, text
            self.known[key] = self.known[source]
        elif action < 0.5:
            body = self.body()
            self.open = (key, body)
            status = self.upload(client, path, body)
            assert status in (0, 200, 204), status
            if status == 200:
                self.known[key] = body
        else:
            body = self.body()
            self.open = (key, body)
            status, _, text = client.call("PUT", path, body=body)
            assert status == 200, text
            self.known[key] = body
        self.open = None
        self.count += 1

    def run(self):
        client = Client(self.server)
        try:
            while True:
                self.step(client)
        except (OSError, http.client.HTTPException):
            pass  # killed
        except Exception as e:  # an answer that is no success
            self.fault = repr(e)


def check(server, known, opens):
    """Every key against what it may hold. Settles `known`."""
    client = Client(server)
    faults, listed, token = [], {}, ""
    status, _, text = client.call("GET", f"/{BUCKET}", "list-type=2")
    assert status == 200 and b"<IsTruncated>false" in text
    for entry in text.split(b"<Contents>")[1:]:
        listed[entry.split(b"<Key>")[1].split(b"<")[0].decode()] = int(entry.split(b"<Size>")[1].split(b"<")[0])
    for key in sorted(set(known) | set(opens) | set(listed)):
        status, headers, body = client.call("GET", f"/{BUCKET}/{key}")
        got = body if status == 200 else None
        if status not in (200, 404):
            faults.append(f"{key}: status {status}")
        if (got is not None) != (key in listed) or (got is not None and listed[key] != len(got)):
            faults.append(f"{key}: the list and the object disagree")
        if got != known.get(key) and not (key in opens and got == opens[key]):
            faults.append(f"{key}: {'missing' if got is None else f'{len(got)} bytes'} where neither the acknowledged nor the open state is that")
        known[key] = got
    return faults


def one_round(server, known, rng):
    pid = server.status["pid"]
    writers = [Writer(server, i, {f"w{i}/k{k}": known.get(f"w{i}/k{k}") for k in range(KEYS)}, random.Random(rng.random())) for i in range(WRITERS)]
    for w in writers:
        w.start()
    time.sleep(rng.uniform(0.05, 0.6))
    os.kill(pid, signal.SIGKILL)
    for w in writers:
        w.join()
    while os.path.exists(f"/proc/{pid}") and open(f"/proc/{pid}/stat").read().split()[2] != "Z":
        time.sleep(0.005)
    faults = [w.fault for w in writers if w.fault]
    for w in writers:
        known.update(w.known)
    fsck = subprocess.run([os.environ["CORACLE"], "fsck", "--data", server.data], capture_output=True, text=True)
    if fsck.returncode:
        faults.append(f"fsck: {fsck.stdout}{fsck.stderr}")
    server.start()
    faults += check(server, known, dict(w.open for w in writers if w.open))
    return faults, sum(w.count for w in writers)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200 if os.environ.get("CORACLE_TEST_LONG") == "1" else 20
    seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
    rng, known, writes, faults = random.Random(seed), {}, 0, []
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as top:
        server = Server(f"{top}/data")
        assert Client(server).call("PUT", f"/{BUCKET}")[0] == 200
        for number in range(rounds):
            found, count = one_round(server, known, rng)
            writes += count
            faults += [f"round {number}: {f}" for f in found]
            if faults:
                break
        server.stop()
    for f in faults:
        print(f)
    print(f"{rounds} rounds, seed {seed}, {writes} acknowledged writes, {time.monotonic() - start:.0f} s")
    print(f"FAIL crash/s3: {len(faults)} faults, the first: {faults[0]}" if faults else "PASS crash/s3")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
