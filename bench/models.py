"""Predictions: Coracle beside nginx (a fixed reply), MLServer and mlflow, one server alone at a time.

One row per request over 16 keep-alive connections. Prints CPU microseconds of the server per request, the rate, and
p50/p99; the ratio to nginx is the median over interleaved pairs, with quartiles. A pair during which others used more
than 30 % of a core is printed and judges nothing.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

import peers

LOAD = str(peers.ROOT / "build/bench/http_load")


class Row:
    """What one measured stretch of one server gave."""

    def __init__(self, peer, path, bodies, seconds, headers=()):
        argv = [LOAD, "--connections", "16", "--seconds", str(seconds), "--bodies", str(bodies)]
        for header in headers:
            argv += ["--header", header]
        busy, cpu, began = peers.machine_busy_ns(), peers.cpu_ns(peer.pid), time.monotonic()
        run = subprocess.run(argv + [peer.url + path], capture_output=True, text=True, check=True)
        took = time.monotonic() - began
        cpu, busy = peers.cpu_ns(peer.pid) - cpu, peers.machine_busy_ns() - busy
        got = json.loads(run.stdout)
        if got["errors"]:
            raise SystemExit(f"{peer.name} {path}: {got['errors']} requests failed: {got}")
        self.cpu_us = cpu / 1e3 / got["requests"]
        self.rate, self.p50_us, self.p99_us = got["rate"], got["p50_us"], got["p99_us"]
        self.others = max(0.0, (busy - cpu - got["cpu_ns"]) / 1e9 / took)

    def __str__(self):
        noise = f"  others {self.others:.0%} of a core" if self.others > 0.3 else ""
        return f"{self.cpu_us:9.1f} us CPU  {self.rate:9.0f}/s  p50 {self.p50_us:8.0f} us  p99 {self.p99_us:8.0f} us{noise}"


def write_bodies(path, bodies):
    """One body a line: JSON without line breaks."""
    path.write_text("".join(json.dumps(b) + "\n" for b in bodies))
    return path


def pairs(coracle, nginx, path, bodies, count, seconds):
    ratios, ours, theirs = [], [], []
    for _ in range(count):
        a, b = Row(coracle, path, bodies, seconds), Row(nginx, "/", bodies, seconds)
        ours.append(a)
        theirs.append(b)
        if a.others <= 0.3 and b.others <= 0.3:
            ratios.append(a.cpu_us / b.cpu_us)
        print(f"  pair: coracle {a}\n        nginx   {b}")
    if len(ratios) < 2:
        print("  too noisy: nothing judged")
        return
    q = statistics.quantiles(ratios, n=4)
    print(f"  CPU per request, coracle / nginx: median {q[1]:.2f}, quartiles {q[0]:.2f} to {q[2]:.2f}, {len(ratios)} pairs")


def case(title, model, rows, work, options):
    """rows: one model input each."""
    name = model
    v1 = write_bodies(work / f"{name}-v1", [{"instances": [r]} for r in rows])
    if isinstance(rows[0], str):
        v2 = [{"inputs": [{"name": "x", "shape": [1], "datatype": "BYTES", "parameters": {"content_type": "str"}, "data": [r]}]} for r in rows]
        scoring = [{"inputs": [r]} for r in rows]
    else:
        v2 = [{"inputs": [{"name": "x", "shape": [1, len(r)], "datatype": "FP64", "data": r}]} for r in rows]
        scoring = [{"inputs": [r]} for r in rows]
    v2, scoring = write_bodies(work / f"{name}-v2", v2), write_bodies(work / f"{name}-scoring", scoring)
    print(f"\n{title}")
    with peers.coracle_serve(work / f"mlserver/{model}.joblib", work, name) as coracle:
        path = f"/v1/models/{name}:predict"
        Row(coracle, path, v1, 0.5)
        with peers.nginx_fixed(work) as nginx:
            Row(nginx, "/", v1, 0.5)
            pairs(coracle, nginx, path, v1, options.pairs, options.seconds)
        best = Row(coracle, path, v1, options.seconds)
        print(f"  coracle  {best}")
    for start, path, bodies in (
            (lambda: peers.mlserver(work / f"mlserver/{model}.joblib", work, name), f"/v2/models/{name}/infer", v2),
            (lambda: peers.mlflow(work / f"mlflow/{model}-mlflow", work), "/invocations", scoring)):
        with start() as peer:
            Row(peer, path, bodies, 1, ["Content-Type: application/json"])
            row = Row(peer, path, bodies, options.seconds, ["Content-Type: application/json"])
            print(f"  {peer.name:8} {row}   {row.cpu_us / best.cpu_us:.0f} times coracle's CPU")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="coracle-bench.") as folder:
        work = pathlib.Path(folder)
        make = str(peers.ROOT / "bench/make_models.py")
        subprocess.run([peers.ROOT / ".venv-bench-mlserver/bin/python", make, work / "mlserver"], check=True)
        subprocess.run([peers.ROOT / ".venv-bench-mlflow/bin/python", make, work / "mlflow", "mlflow"], check=True)
        text = json.loads((work / "mlserver/documents.json").read_text())
        case("iris, logistic regression, one row", "iris", [[5.1, 3.5, 1.4, 0.2], [6.7, 3.1, 4.7, 1.5], [6.3, 2.9, 5.6, 1.8]],
             work, options)
        case(f"text pipeline, one document of {text['corpus']}", "text", text["documents"], work, options)


main()
