"""What a request costs, counted (system calls, allocations), and a drain under load that loses no request."""
import http.client
import json
import mmap
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import threading
import time

import pytest

from conftest import Server

REQUESTS = 1000
BODY = json.dumps({"instances": [[5.1, 3.5, 1.4, 0.2]]})


def ask(connection, n):
    for _ in range(n):
        connection.request("POST", "/v1/models/iris:predict", BODY)
        assert connection.getresponse().read() == b'{"predictions":[0]}'


def test_at_most_four_system_calls_a_request_on_a_kept_connection(server, tmp_path):
    assert shutil.which("strace"), "strace is missing"
    connection = server.connect()
    ask(connection, 50)
    report = tmp_path / "strace"
    trace = subprocess.Popen(["strace", "-f", "-c", "-o", report, "-p", str(server.pid)], stderr=subprocess.PIPE, text=True)
    assert "attached" in trace.stderr.readline()
    ask(connection, REQUESTS)
    trace.send_signal(signal.SIGINT)
    trace.wait(20)
    total = re.search(r"^\s*[\d.]+\s+[\d.]+\s+\d*\s+(\d+)\s+(?:\d+\s+)?total$", report.read_text(), re.M)
    assert total, report.read_text()
    assert int(total[1]) <= 4 * REQUESTS, report.read_text()


def test_no_allocation_a_request_on_a_kept_connection(models, tmp_path):
    source = pathlib.Path(__file__).with_name("count_malloc.c")
    library, counter = tmp_path / "count_malloc.so", tmp_path / "count"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, source], check=True)
    counter.write_bytes(bytes(4096))
    s = Server(models / "iris.joblib", env={"LD_PRELOAD": str(library), "COUNT_MALLOC": str(counter)})
    with open(counter, "r+b") as f, mmap.mmap(f.fileno(), 4096) as memory:
        def count():
            return struct.unpack_from("q", memory)[0]
        assert count() > 0
        connection = s.connect()
        ask(connection, 50)
        before = count()
        ask(connection, REQUESTS)
        made = count() - before
    connection.close()
    s.stop()
    assert made == 0, f"{made} allocations in {REQUESTS} requests"


class Client(threading.Thread):
    """Keeps asking, on kept connections, until the server says that it closes or is gone."""

    def __init__(self, address):
        super().__init__()
        self.address, self.answered, self.lost = address, 0, []

    def run(self):
        while True:
            connection = http.client.HTTPConnection(self.address, timeout=20)
            try:
                connection.connect()
            except OSError:
                return  # no longer listening: that is no request
            while True:
                try:
                    connection.request("POST", "/v1/models/iris:predict", BODY)
                    response = connection.getresponse()
                    if response.status != 200 or response.read() != b'{"predictions":[0]}':
                        self.lost.append(response.status)
                except (OSError, http.client.HTTPException) as e:
                    self.lost.append(repr(e))
                    return
                self.answered += 1
                if (response.headers.get("connection") or "").lower() == "close":
                    break


def test_sigterm_under_load_loses_no_request(models):
    for _ in range(3):
        s = Server(models / "iris.joblib")
        clients = [Client(s.address) for _ in range(8)]
        for c in clients:
            c.start()
        time.sleep(0.5)
        code, err = s.stop()
        for c in clients:
            c.join(30)
        assert code == 0, err
        assert not sum((c.lost for c in clients), [])
        assert all(c.answered for c in clients)


def test_a_slow_request_in_flight_is_answered_before_the_end(models):
    s = Server(models / "iris.joblib")
    connection = s.connect()
    connection.putrequest("POST", "/v1/models/iris:predict")
    connection.putheader("Content-Length", str(len(BODY)))
    connection.endheaders(BODY[:10].encode())
    time.sleep(0.2)
    os.kill(s.pid, signal.SIGTERM)
    time.sleep(0.5)
    connection.send(BODY[10:].encode())
    response = connection.getresponse()
    assert response.read() == b'{"predictions":[0]}'
    assert response.headers["connection"] == "close"
    assert s.process.wait(30) == 0
