"""The Kubernetes API: latency of create, get, list and watch over one TLS connection each, on an otherwise empty server.

Every create is on disk before it is answered. There is no peer in the run: a real API server with its etcd needs some 470 MB
and ten seconds before it answers.
"""
import contextlib
import http.client
import json
import os
import ssl
import statistics
import subprocess
import tempfile
import time
import urllib.parse

import peers

OBJECTS = int(os.environ.get("OBJECTS", 500))


def run(*args):
    return subprocess.run([peers.CORACLE, *args], check=True, capture_output=True, text=True).stdout


def line(what, seconds):
    ordered = sorted(seconds)
    print(f"{what:<32} p50 {statistics.median(ordered) * 1e6:8.0f} us   p99 {ordered[int(len(ordered) * .99)] * 1e6:8.0f} us")


class Client:
    def __init__(self, data):
        address = json.loads(run("status", "--data", data, "-o", "json"))["listeners"]["kubernetes"]
        self.host, port = address.rsplit(":", 1)
        self.port = int(port)
        with open(f"{data}/pki/admin.token") as f:
            self.token = f.read().strip()
        self.context = ssl.create_default_context(cafile=f"{data}/pki/ca.crt")
        self.connection = self.connect()

    def connect(self):
        return http.client.HTTPSConnection(self.host, self.port, context=self.context, timeout=30)

    def headers(self):
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Accept": "application/json"}

    def call(self, method, path, body=None):
        began = time.perf_counter()
        self.connection.request(method, path, json.dumps(body) if body else None, self.headers())
        answer = self.connection.getresponse()
        text = answer.read()
        took = time.perf_counter() - began
        assert answer.status in (200, 201), (answer.status, text[:300])
        return took


def config_map(name):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"key": "value"}}


def watch_latency(client, maps):
    """From the moment a create is sent to its ADDED line on another connection."""
    took = []
    watcher = client.connect()
    query = urllib.parse.urlencode({"watch": "1", "fieldSelector": "metadata.name!=none"})
    watcher.request("GET", f"{maps}?{query}", headers=client.headers())
    stream = watcher.getresponse()
    names = iter(lambda: json.loads(stream.readline())["object"]["metadata"]["name"], None)
    for name in names:  # what is there already comes first
        if name == f"m{OBJECTS - 1}":
            break
    with contextlib.closing(watcher):
        for i in range(100):
            began = time.perf_counter()
            client.call("POST", maps, config_map(f"seen{i}"))
            while next(names) != f"seen{i}":
                pass
            took.append(time.perf_counter() - began)
    return took


def main():
    with tempfile.TemporaryDirectory(prefix="coracle-bench.") as tmp:
        data = f"{tmp}/data"
        run("up", "--data", data, "--free-ports", "--detach")
        try:
            client = Client(data)
            client.call("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "bench"}})
            maps = "/api/v1/namespaces/bench/configmaps"
            line("create", [client.call("POST", maps, config_map(f"m{i}")) for i in range(OBJECTS)])
            line("get", [client.call("GET", f"{maps}/m{i}") for i in range(OBJECTS)])
            line(f"list of {OBJECTS}", [client.call("GET", maps) for _ in range(50)])
            line("create to watch event", watch_latency(client, maps))
        finally:
            run("down", "--data", data)


if __name__ == "__main__":
    main()
