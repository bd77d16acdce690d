"""S3 beside MinIO (its last open version, built from source), each alone, both syncing every write to disk.

Small requests are signed before and sent over 16 keep-alive connections; ROUNDS interleaved rounds give
ROUNDS pairs, for 64 MiB objects three times as many. The median of the pairs' ratios is judged: rates go in steps of a
quarter with where the kernel puts the threads. Above 1 Coracle is the faster or the smaller one."""
import collections
import concurrent.futures
import contextlib
import hashlib
import http.client
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import peers

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/conformance/s3"))
from wire import Signer  # noqa: E402

ROUNDS, SECONDS, KEYS, MIB = int(os.environ.get("ROUNDS", 9)), float(os.environ.get("SECONDS", 3)), 2000, 1 << 20
METHODS = {"PUT": "PUT 4 KiB", "GET": "GET 4 KiB", "HEAD": "HEAD"}


class Peer:
    @property
    def pid(self):
        return self.process.pid

    @property
    def url(self):
        return f"http://{self.address}"

    def client(self):
        return http.client.HTTPConnection(self.host, self.port, timeout=120)

    def call(self, connection, method, path, query="", body=b"", payload=None):
        headers = Signer(self).headers(method, path, query, payload or hashlib.sha256(body).hexdigest())
        connection.request(method, f"{path}?{query}" if query else path, body, headers)
        answer = connection.getresponse()
        data = answer.read()
        assert answer.status in (200, 204), (answer.status, data[:300])
        return data

    def wait(self, started):
        while True:
            with contextlib.suppress(OSError):
                c = http.client.HTTPConnection(self.host, self.port, timeout=1)
                c.request("GET", "/minio/health/ready")
                if c.getresponse().status == 200:
                    return time.monotonic() - started
            assert self.process.poll() is None, f"{self.name} ended"
            time.sleep(0.001)


class Coracle(Peer):
    name, access_key, secret_key = "coracle", "bench-key", "bench-secret-key"

    def __init__(self, top):
        self.host, self.port = "127.0.0.1", peers.free_port()
        self.address = f"{self.host}:{self.port}"
        env = {**os.environ, "MINIO_ROOT_USER": self.access_key, "MINIO_ROOT_PASSWORD": self.secret_key}
        command = [peers.CORACLE, "up", "--data", f"{top}/coracle", "--free-ports", "--listen", f"s3={self.address}"]
        started = time.monotonic()
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.start_s = self.wait(started)


class Minio(Peer):
    name, access_key, secret_key = "minio", "bench-key", "bench-secret-key"

    def __init__(self, top):
        self.host, self.port = "127.0.0.1", peers.free_port()
        self.address = f"{self.host}:{self.port}"
        env = {**os.environ, "MINIO_ROOT_USER": self.access_key, "MINIO_ROOT_PASSWORD": self.secret_key, "MINIO_FS_OSYNC": "on",
               "MINIO_BROWSER": "off", "MINIO_UPDATE": "off", "CI": "1"}
        command = [str(ROOT / ".tools/bin/minio"), "server", "--quiet", "--address", self.address, f"{top}/minio"]
        started = time.monotonic()
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.start_s = self.wait(started)


def stop(peer):
    peer.process.terminate()
    peer.process.wait(60)


def requests_file(peer, path, method, body_of):
    """KEYS signed requests for one method; signatures hold for 15 minutes."""
    with open(path, "wb") as f:
        for i in range(KEYS):
            body = body_of(i)
            headers = Signer(peer).headers(method, f"/bench/small/{i:05}", payload=hashlib.sha256(body).hexdigest())
            if method == "PUT":
                headers["Content-Length"] = str(len(body))
            lines = [f"{method} /bench/small/{i:05} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
            text = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
            f.write(f"{len(text)}\n".encode() + text)


def list_all(peer):
    """10,000 keys in pages of 1000, in ms."""
    connection, token, seen = peer.client(), "", 0
    began = time.perf_counter()
    while True:
        page = peer.call(connection, "GET", "/bench", f"list-type=2&prefix=list%2F{token}")
        seen += page.count(b"<Key>")
        if b"<IsTruncated>true" not in page:
            break
        token = "&continuation-token=" + page.split(b"<NextContinuationToken>")[1].split(b"<")[0].decode().replace("=", "%3D").replace("/", "%2F").replace("+", "%2B")
    assert seen == 10_000, seen
    return (time.perf_counter() - began) * 1000


def large(peer, body, digest):
    """MiB/s in and out. The answer is read into one small buffer: a client that made 64 MiB of it would be measured, too.
    What the other server left to be written is written before: a sync waits for everybody's."""
    os.sync()
    began = time.perf_counter()
    peer.call(peer.client(), "PUT", "/bench/large", body=body, payload=digest)
    put = time.perf_counter() - began
    headers = Signer(peer).headers("GET", "/bench/large")
    buffer, got = bytearray(MIB), 0
    with socket.create_connection((peer.host, peer.port), timeout=60) as s:
        began = time.perf_counter()
        s.sendall("\r\n".join(["GET /bench/large HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items()), "", ""]).encode())
        while got < len(body):
            n = s.recv_into(buffer)
            assert n and (got or buffer.startswith(b"HTTP/1.1 200")), buffer[:300]
            got += n
    return len(body) / MIB / put, len(body) / MIB / (time.perf_counter() - began)


def fill(peer, bodies):
    def put(numbers):
        connection = peer.client()
        for i in numbers:
            peer.call(connection, "PUT", f"/bench/list/{i:05}", body=b"x")
            if i < KEYS:
                peer.call(connection, "PUT", f"/bench/small/{i:05}", body=bodies[i])
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(put, [range(k, 10_000, 8) for k in range(8)]))


def small(peer, top, bodies, figures):
    for method, what in METHODS.items():
        path = f"{top}/{peer.name}-{method}"
        requests_file(peer, path, method, (lambda i: bodies[i]) if method == "PUT" else (lambda i: b""))
        stretch = peers.quiet(lambda: peers.Row(peer, "/", path, SECONDS, whole=True))
        figures[what].append(stretch.rate)
        figures[f"CPU of the server, {method}"].append(stretch.cpu_us)
        figures[f"p99 {method}"].append(stretch.p99_us)
        figures[f"others, {what}"].append(stretch.others)


def compare(what, unit, figures, wanted, less_is_better=False):
    """The medians of both, then quartiles of the ratios of the rounds' pairs; the middle one is judged."""
    ours, theirs = figures["coracle"][what], figures["minio"][what]
    ratios = [(b / a if less_is_better else a / b) for a, b in zip(ours, theirs)]
    low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    others = max(statistics.median(f[f"others, {what}"] or [0]) for f in figures.values())
    verdict = "" if wanted is None else f"wanted {wanted}: {'held' if middle >= wanted else 'MISSED'}"
    if others > peers.NOISE_MAX:
        verdict = f"other processes took {others:.0%} of a core: nothing is judged"
    print(f"{what:28} {statistics.median(ours):12,.1f} {statistics.median(theirs):12,.1f} {unit:6} {middle:7.2f} x "
          f"({low:.2f} to {high:.2f})  {verdict}".rstrip())


def main():
    # on the disk of the checkout: a tmpfs would make every sync free
    with tempfile.TemporaryDirectory(dir=ROOT / "build", ignore_cleanup_errors=True) as top, contextlib.ExitStack() as running:
        figures = {kind.name: collections.defaultdict(list) for kind in (Coracle, Minio)}

        def begin(kind):
            peer = kind(top)
            running.callback(stop, peer)
            figures[peer.name]["start to healthy"].append(peer.start_s * 1000)
            return peer
        both = [begin(Coracle), begin(Minio)]
        time.sleep(3)
        for p in both:
            figures[p.name]["idle memory"].append(peers.rss_bytes(p.pid) / MIB)
            stop(p)
        for _ in range(ROUNDS):  # these find a data directory
            for kind in (Coracle, Minio):
                stop(begin(kind))
        both = [begin(Coracle), begin(Minio)]
        bodies = [os.urandom(4096) for _ in range(KEYS)]
        body = os.urandom(64 * MIB)
        digest = hashlib.sha256(body).hexdigest()
        for p in both:
            p.call(p.client(), "PUT", "/bench")
            fill(p, bodies)
        for _ in range(ROUNDS):
            for p in both:
                small(p, top, bodies, figures[p.name])
                figures[p.name]["list 10,000 keys"].append(list_all(p))
        for _ in range(3 * ROUNDS):
            for p in both:
                put, get = large(p, body, digest)
                figures[p.name]["PUT 64 MiB"].append(put)
                figures[p.name]["GET 64 MiB"].append(get)
        for p in both:
            stop(p)
    print(f"{'':28} {'coracle':>12} {'minio':>12}")
    for what, wanted in zip(METHODS.values(), (3, 8, 8)):
        compare(what, "1/s", figures, wanted)
    for what in "CPU of the server,", "p99":
        for method in METHODS:
            compare(f"{what} {method}", "us", figures, None, True)
    compare("list 10,000 keys", "ms", figures, 10, True)
    compare("PUT 64 MiB", "MiB/s", figures, 1)
    compare("GET 64 MiB", "MiB/s", figures, 1)
    compare("start to healthy", "ms", figures, 20, True)
    compare("idle memory", "MiB", figures, 4, True)


if __name__ == "__main__":
    main()
