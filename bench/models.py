"""Predictions: Coracle beside nginx (a fixed reply to the same POST), MLServer and mlflow, one server alone at a time.

One row per request over 16 keep-alive connections. CPU time of the server per request is the figure that is judged: it is
steadier than rates on a machine that others use too. The ratio to nginx is the median over interleaved pairs, with
quartiles. A stretch during which other processes took more than 30 % of a core is repeated a few times; when it stays
noisy, that is said and nothing is judged.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile

import peers
from peers import NOISE_MAX, TRIES, Row, quiet


def judge(what, figure, limit, clean, unit="", least=False, goal=None):
    if not clean:
        print(f"  {what}: {figure:.2f}{unit}; other processes took more than {NOISE_MAX:.0%} of a core: nothing is judged")
        return
    if limit is None:
        print(f"  {what}: {figure:.2f}{unit}; not judged")
        return
    held = figure >= limit if least else figure <= limit
    aim = "" if goal is None else f", goal {goal}{unit} {'reached' if figure <= goal else 'not reached'}"
    print(f"  {what}: {figure:.2f}{unit}; {'at least' if least else 'at most'} {limit}{unit}: {'held' if held else 'MISSED'}{aim}")


def write_bodies(path, bodies):
    """One body a line: JSON without line breaks."""
    path.write_text("".join(json.dumps(b) + "\n" for b in bodies))
    return path


def pairs(coracle, nginx, path, bodies, options):
    clean, noisy = [], 0
    while len(clean) < options.pairs and noisy < TRIES * options.pairs:
        a, b = Row(coracle, path, bodies, options.seconds), Row(nginx, "/", bodies, options.seconds)
        print(f"  pair: coracle {a}\n        nginx   {b}", flush=True)
        if a.noisy or b.noisy:
            noisy += 1
        else:
            clean.append(a.cpu_us / b.cpu_us)
    if len(clean) < options.pairs:
        print(f"  {noisy} pairs were disturbed, {len(clean)} were not: nothing is judged")
        return
    q = statistics.quantiles(clean, n=4)
    print(f"  CPU per request over nginx's: quartiles {q[0]:.2f} {q[1]:.2f} {q[2]:.2f} of {len(clean)} pairs")
    judge("CPU per request over nginx's, median", q[1], 1.5, True, goal=1.0)


def case(name, title, rows, work, options, times, cpu_us=None, with_nginx=False):
    """rows: one model input each."""
    v1 = write_bodies(work / f"{name}-v1", [{"instances": [r]} for r in rows])
    if isinstance(rows[0], str):
        v2 = [{"inputs": [{"name": "x", "shape": [1], "datatype": "BYTES", "parameters": {"content_type": "str"}, "data": [r]}]}
              for r in rows]
    else:
        v2 = [{"inputs": [{"name": "x", "shape": [1, len(r)], "datatype": "FP64", "data": r}]} for r in rows]
    v2 = write_bodies(work / f"{name}-v2", v2)
    scoring = write_bodies(work / f"{name}-scoring", [{"inputs": [r]} for r in rows])
    print(f"\n{title}", flush=True)
    with peers.coracle_serve(work / f"mlserver/{name}.joblib", work, name) as coracle:
        path = f"/v1/models/{name}:predict"
        Row(coracle, path, v1, 0.5)
        if with_nginx:
            with peers.nginx_fixed(work) as nginx:
                Row(nginx, "/", v1, 0.5)
                pairs(coracle, nginx, path, v1, options)
        ours = quiet(lambda: Row(coracle, path, v1, options.seconds, count=True))
        print(f"  coracle  {ours}", flush=True)
    if cpu_us:
        judge("CPU per request", ours.cpu_us, cpu_us, not ours.noisy, " us")
    model = work / f"mlserver/{name}.joblib"
    for start, title, path, bodies, limit in (
            (lambda: peers.mlserver(model, work, name), "mlserver", f"/v2/models/{name}/infer", v2, times),
            (lambda: peers.mlserver(model, work, name, parallel_workers=0), "mlserver in process", f"/v2/models/{name}/infer",
             v2, None),
            (lambda: peers.mlflow(work / f"mlflow/{name}-mlflow", work), "mlflow", "/invocations", scoring, times)):
        with start() as peer:
            headers = ["Content-Type: application/json"]
            Row(peer, path, bodies, 1, headers)
            row = quiet(lambda: Row(peer, path, bodies, options.seconds, headers))
            print(f"  {title:8} {row}", flush=True)
            judge(f"{title}'s CPU per request over coracle's", row.cpu_us / ours.cpu_us, limit,
                  not row.noisy and not ours.noisy, least=True)


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
        case("iris", "iris, logistic regression, one row", [[5.1, 3.5, 1.4, 0.2], [6.7, 3.1, 4.7, 1.5], [6.3, 2.9, 5.6, 1.8]],
             work, options, times=60, with_nginx=True)
        case("text", f"text pipeline, one document of {text['corpus']}", text["documents"], work, options, times=80, cpu_us=80)


main()
