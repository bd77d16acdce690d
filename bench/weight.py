"""What the program weighs: the binary, a start, an idle server, the first answer of a model server.

Each time is the median and the least of ROUNDS; limits stand beside them.
"""
import http.client
import json
import os
import pathlib
import signal
import statistics
import subprocess
import tempfile
import time

import peers

ROUNDS = int(os.environ.get("ROUNDS", 15))


def row(what, figure, limit):
    print(f"{what:<50} {figure:<30} limit {limit}")


def spread(ms):
    return f"{statistics.median(ms):.1f} ms, least {min(ms):.1f} ms"


def run(*args):
    return subprocess.run([peers.CORACLE, *args], check=True, capture_output=True, text=True).stdout


def resident_kib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def starts(data):
    """Milliseconds from `up` to its return, when every listener answers; the directory was used before."""
    took, resident = [], 0
    for i in range(ROUNDS + 1):
        began = time.monotonic()
        run("up", "--data", data, "--free-ports", "--detach")
        if i:
            took.append((time.monotonic() - began) * 1e3)
        pid = json.loads(run("status", "--data", data, "-o", "json"))["pid"]
        if i == ROUNDS:
            time.sleep(2)
            resident = sum(resident_kib(p) for p in peers.descendants(pid))
        run("down", "--data", data)
    return took, resident


def read_ms(model):
    began = time.monotonic()
    model.read_bytes()
    return (time.monotonic() - began) * 1e3


def first_prediction(model, body):
    """Milliseconds from the start of `serve` to the whole of its first answer."""
    took = []
    for _ in range(ROUNDS):
        port = peers.free_port()
        began = time.monotonic()
        server = subprocess.Popen([peers.CORACLE, "serve", model, "--http", f"127.0.0.1:{port}"], stdout=subprocess.DEVNULL)
        try:
            while True:
                try:
                    c = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                    c.request("POST", f"/v1/models/{pathlib.Path(model).stem}:predict", body)
                    answer = c.getresponse()
                    answer.read()
                    if answer.status == 200:
                        break
                    assert answer.status == 503, answer.status  # it listens before the model is there
                except ConnectionRefusedError:
                    pass
                time.sleep(0.0005)
            took.append((time.monotonic() - began) * 1e3)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
    return took


def main():
    row("release binary", f"{os.stat(peers.CORACLE).st_size / 2**20:.1f} MiB", "12 MiB")
    with tempfile.TemporaryDirectory(prefix="coracle-bench.") as tmp:
        took, resident = starts(f"{tmp}/data")
        row("up --detach, from the second on", spread(took), "50 ms")
        row("idle, resident, with its loader process", f"{resident / 1024:.1f} MiB", "30 MiB")
        python = str(peers.ROOT / ".venv-demo/bin/python")
        subprocess.run([python, str(peers.ROOT / "bench/make_models.py"), tmp], check=True)
        texts = json.loads(pathlib.Path(f"{tmp}/documents.json").read_text())["documents"]
        for name, instance in (("iris", [5.1, 3.5, 1.4, 0.2]), ("text", texts[0])):
            model = pathlib.Path(f"{tmp}/{name}.joblib")
            reading = statistics.median(read_ms(model) for _ in range(ROUNDS))
            took = first_prediction(str(model), json.dumps({"instances": [instance]}))
            row(f"serve: start to first prediction, {name}, {model.stat().st_size / 2**20:.1f} MiB", spread(took),
                f"30 ms + reading ({reading:.1f} ms)")


if __name__ == "__main__":
    main()
