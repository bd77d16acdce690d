"""SIGTERM under load: every request that reached the server is answered; watches end; the process exits with 0."""
import http.client
import json
import os
import signal
import ssl
import threading
import time

THREADS = 4  # of each kind


class Load(threading.Thread):
    """Asks again and again on kept connections until it can connect no more."""

    def __init__(self, connect, request):
        super().__init__()
        self.connect, self.request = connect, request
        self.answered, self.faults = 0, []

    def run(self):
        while True:
            try:
                c = self.connect()
                c.connect()
            except OSError:
                return  # the server is gone
            try:
                while True:
                    self.request(c)
                    self.answered += 1
                    if c.sock is None:  # the answer said that the connection closes
                        break
            except Exception as e:
                self.faults.append(repr(e))
                return


def kinds(server):
    tls = ssl.create_default_context(cafile=f"{server.data}/pki/ca.crt")
    token = open(f"{server.data}/pki/admin.token").read().strip()
    body = b"x" * 20000
    count = iter(range(10**9))

    def expect(c, status, *request, **more):
        c.request(*request, **more)
        r = c.getresponse()
        r.read()
        assert r.status == status, r.status

    def put(c):
        path = f"/load/k{next(count) % 50}"
        expect(c, 200, "PUT", path, body=body, headers=server.sign("PUT", path))

    def get(c):
        expect(c, 200, "GET", "/load/fixed", headers=server.sign("GET", "/load/fixed"))

    def models(c):
        expect(c, 200, "GET", "/v1/models")

    def create(c):
        name = {"metadata": {"generateName": "load-"}, "data": {"a": "b"}}
        expect(c, 201, "POST", "/api/v1/namespaces/default/configmaps", body=json.dumps(name),
               headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})

    def plain(name):
        return lambda: http.client.HTTPConnection(*server.address[name], timeout=30)

    def secure():
        return http.client.HTTPSConnection(*server.address["kubernetes"], timeout=30, context=tls)

    return [(plain("s3"), put), (plain("s3"), get), (plain("inference"), models), (secure, create)], secure, token


def test_a_stop_under_load_loses_no_request(start):
    server = start()
    c = http.client.HTTPConnection(*server.address["s3"], timeout=10)
    for path, body in (("/load", None), ("/load/fixed", b"y" * 200000)):
        c.request("PUT", path, body=body, headers=server.sign("PUT", path))
        r = c.getresponse()
        assert r.status == 200, r.read()
        r.read()
    kinds_of_load, secure, token = kinds(server)
    watch = secure()
    watch.request("GET", "/api/v1/configmaps?watch=true", headers={"Authorization": f"Bearer {token}"})
    events = watch.getresponse()
    threads = [Load(*k) for k in kinds_of_load for _ in range(THREADS)]
    for t in threads:
        t.start()
    time.sleep(1)
    os.kill(server.pid, signal.SIGTERM)
    for t in threads:
        t.join(60)
    assert [f for t in threads for f in t.faults] == []
    assert all(t.answered > 0 for t in threads)
    assert events.read().rstrip().endswith(b"}"), "the watch ended between two events"
    end = time.monotonic() + 30
    while os.path.exists(f"/proc/{server.pid}") and time.monotonic() < end:
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{server.pid}")
    log = open(f"{server.data}/logs/coracle.log").read()
    assert "cut off" not in log
    server.gone = True
