#!/usr/bin/env python3
"""kill -9 under writes to the Kubernetes API: what was acknowledged is there, a watch never saw what was taken back,
resourceVersions never go back, fsck is clean.

  api_crash.py [ROUNDS]     prints PASS or FAIL lines; CORACLE names the binary, SEED repeats a run

Each writer has ConfigMaps of its own and one request in flight, so what a name may hold after the kill is known exactly:
the last acknowledged state, or that of the request that got no answer. Two watchers follow all of them."""
import http.client
import json
import os
import pathlib
import random
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORACLE = os.environ.get("CORACLE", str(ROOT / "build/coracle"))
WRITERS, NAMES, WATCHERS = 6, 4, 2
PATH = "/api/v1/namespaces/crash/configmaps"


class Server:
    def __init__(self, data):
        self.data = data
        self.start()
        self.tls = ssl.create_default_context(cafile=f"{data}/pki/ca.crt")
        self.token = open(f"{data}/pki/admin.token").read().strip()

    def start(self):
        subprocess.run([CORACLE, "up", "--data", self.data, "--free-ports", "--detach"], check=True,
                       stdout=subprocess.DEVNULL)
        status = json.loads(subprocess.run([CORACLE, "status", "--data", self.data, "-o", "json"], check=True,
                                           capture_output=True, text=True).stdout)
        self.pid, self.address = status["pid"], status["listeners"]["kubernetes"].rsplit(":", 1)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        while os.path.exists(f"/proc/{self.pid}") and open(f"/proc/{self.pid}/stat").read().split()[2] != "Z":
            time.sleep(0.005)

    def connect(self):
        return http.client.HTTPSConnection(*self.address, timeout=60, context=self.tls)


class Client:
    def __init__(self, server):
        self.connection, self.token = server.connect(), server.token

    def call(self, method, path, body=None, kind="application/json"):
        headers = {"Authorization": f"Bearer {self.token}", **({"Content-Type": kind} if body is not None else {})}
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())


def version(o):
    return int(o["metadata"]["resourceVersion"])


class Writer(threading.Thread):
    """Changes its names at random until the server is gone. `known` is what was acknowledged, name to (data, version) or
    None; `open` the name and data (None: deleted) of a request without an answer."""

    def __init__(self, server, number, known, rng):
        super().__init__()
        self.server, self.number, self.known, self.rng = server, number, known, rng
        self.open, self.count, self.highest, self.fault = None, 0, 0, None

    def step(self, client):
        name = f"w{self.number}-{self.rng.randrange(NAMES)}"
        value = {"v": str(self.rng.getrandbits(60)), "pad": "x" * self.rng.choice([0, 100, 20000])}
        before = self.known.get(name)
        if before is None:
            self.open = (name, value)
            status, o = client.call("POST", PATH, {"metadata": {"name": name}, "data": value})
            assert status == 201, o
        elif self.rng.random() < 0.3:
            self.open = (name, None)
            status, o = client.call("DELETE", f"{PATH}/{name}")
            assert status == 200, o
            self.known[name], self.open = None, None
            self.count += 1
            return
        else:
            self.open = (name, value)
            status, o = client.call("PATCH", f"{PATH}/{name}", {"data": value}, "application/merge-patch+json")
            assert status == 200, o
        assert o["data"] == value
        if version(o) <= self.highest:
            self.fault = f"{name}: version {version(o)} after {self.highest}"
        self.highest = version(o)
        self.known[name], self.open = (value, version(o)), None
        self.count += 1

    def run(self):
        client = Client(self.server)
        try:
            while True:
                self.step(client)
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            pass  # killed
        except Exception as e:  # an answer that is no success
            self.fault = repr(e)[:300]


class Watcher(threading.Thread):
    """Follows a watch from a list on; `seen` is the last event of each name: (type, version, data)."""

    def __init__(self, server, since):
        super().__init__()
        self.server, self.since = server, since
        self.seen, self.count, self.fault = {}, 0, None

    def take(self, event):
        o = event["object"]
        if event["type"] not in ("ADDED", "MODIFIED", "DELETED"):
            self.fault = f"event {event}"
            return
        if version(o) <= self.since:
            self.fault = f"event of version {version(o)} after {self.since}"
        self.since = version(o)
        if not o["metadata"]["name"].startswith("w"):
            return  # kube-root-ca.crt
        self.seen[o["metadata"]["name"]] = (event["type"], version(o), o.get("data"))
        self.count += 1

    def run(self):
        c = self.server.connect()
        try:
            c.request("GET", f"{PATH}?watch=true&resourceVersion={self.since}",
                      headers={"Authorization": f"Bearer {self.server.token}"})
            answer = c.getresponse()
            while line := answer.readline():
                if line.endswith(b"\n"):
                    self.take(json.loads(line))
        except (OSError, http.client.HTTPException):
            pass  # killed


def check_watches(watchers, objects, list_version):
    for w in watchers:
        if w.since > list_version:
            yield f"a watch saw version {w.since}, the list is at {list_version}"
        for name, (kind, seen, data) in w.seen.items():
            now = objects.get(name)
            if kind == "DELETED":
                if now and version(now) <= seen:
                    yield f"{name}: a watch saw it deleted at {seen}, it is there with {version(now)}"
            elif now and version(now) < seen:
                yield f"{name}: a watch saw version {seen}, it is {version(now)}"
            elif now and version(now) == seen and now["data"] != data:
                yield f"{name}: version {seen} has changed"


def check(server, known, opens, watchers, highest):
    """Settles `known`. Returns faults and the list's version."""
    status, answer = Client(server).call("GET", PATH)
    assert status == 200, answer
    objects = {o["metadata"]["name"]: o for o in answer["items"] if o["metadata"]["name"].startswith("w")}
    list_version = version(answer)
    faults = list(check_watches(watchers, objects, list_version))
    if list_version < highest:
        faults.append(f"the list is at {list_version}, version {highest} was acknowledged")
    may_be_gone = {n for n in set(known) | set(opens) if not known.get(n) or opens.get(n, 1) is None}
    for name in sorted(set(known) | set(opens) | set(objects)):
        now = objects[name]["data"] if name in objects else None
        acknowledged = known[name][0] if known.get(name) else None
        if now != acknowledged and not (name in opens and now == opens[name]):
            faults.append(f"{name}: {'missing' if now is None else 'another state'} than what was acknowledged or open")
        known[name] = (now, version(objects[name])) if now is not None else None
    for w in watchers:
        for name, (kind, seen, _) in w.seen.items():
            if kind != "DELETED" and name not in objects and name not in may_be_gone:
                faults.append(f"{name}: a watch saw version {seen}, it is gone")
    return faults, list_version


def one_round(server, known, since, rng):
    writers = [Writer(server, i, {n: known.get(n) for n in (f"w{i}-{k}" for k in range(NAMES))},
                      random.Random(rng.random())) for i in range(WRITERS)]
    watchers = [Watcher(server, since) for _ in range(WATCHERS)]
    for t in watchers + writers:
        t.start()
    time.sleep(rng.uniform(0.05, 0.6))
    server.kill()
    for t in watchers + writers:
        t.join()
    faults = [t.fault for t in watchers + writers if t.fault]
    for w in writers:
        known.update(w.known)
    fsck = subprocess.run([CORACLE, "fsck", "--data", server.data], capture_output=True, text=True)
    if fsck.returncode:
        faults.append(f"fsck: {fsck.stdout}{fsck.stderr}")
    server.start()
    highest = max([since] + [w.highest for w in writers])
    more, since = check(server, known, dict(w.open for w in writers if w.open), watchers, highest)
    return faults + more, since, sum(w.count for w in writers), sum(w.count for w in watchers)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else (200 if os.environ.get("CORACLE_TEST_LONG") == "1" else 20)
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    rng = random.Random(seed)
    failed, writes, events = 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="coracle-crash-") as directory:
        server = Server(f"{directory}/data")
        status, o = Client(server).call("POST", "/api/v1/namespaces", {"metadata": {"name": "crash"}})
        assert status == 201, o
        known = {}
        since = version(Client(server).call("GET", PATH)[1])
        for i in range(rounds):
            faults, since, n, e = one_round(server, known, since, rng)
            writes, events = writes + n, events + e
            for fault in faults[:10]:
                print(f"round {i}: {fault}")
            failed += bool(faults)
        subprocess.run([CORACLE, "down", "--data", server.data], check=True, stdout=subprocess.DEVNULL)
    what = f"{rounds} rounds, {writes} writes, {events} events seen, seed {seed}"
    if not writes or not events:
        print(f"FAIL crash/api: nothing happened: {what}")
    elif failed:
        print(f"FAIL crash/api: {failed} rounds of {what}")
    else:
        print(f"PASS crash/api ({what})")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
