"""Servers that benchmarks compare: each starts on a free loopback port, alone, and is stopped by its pid.

The figure to compare is CPU time of the server (all its processes and threads) per request: it is steadier than a rate
on a machine that others use too.
"""
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORACLE = os.environ.get("CORACLE", str(ROOT / "build/coracle"))
LOAD = str(ROOT / "build/bench/http_load")
NOISE_MAX = 0.3  # of a core
TRIES = 3


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def descendants(pid):
    found, todo = [], [pid]
    while todo:
        p = todo.pop()
        found.append(p)
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{p}/task"):
                todo += map(int, pathlib.Path(f"/proc/{p}/task/{task}/children").read_text().split())
    return found


def cpu_ns(pid):
    """CPU time of the process, its threads, those that ended too, and its living children, in nanoseconds."""
    total = 0
    for p in descendants(pid):
        with contextlib.suppress(OSError):
            total += time.clock_gettime_ns(~p << 3 | 2)  # as clock_getcpuclockid(3) makes it
    return total


def rss_bytes(pid):
    """Proportional resident memory of the process and its children."""
    total = 0
    for p in descendants(pid):
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{p}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


def machine_busy_ns():
    """Busy CPU time of the whole machine, in nanoseconds (from /proc/stat, ticks of 10 ms)."""
    fields = list(map(int, pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9]))
    idle = fields[3] + fields[4]
    return (sum(fields) - idle) * 10_000_000


class Peer:
    """A started server: pid, url, and how long it took to answer."""

    def __init__(self, name, argv, url, ready, env=None, cwd=None, log=None):
        self.name, self.url = name, url
        started = time.monotonic()
        self.process = subprocess.Popen(argv, env={**os.environ, **(env or {})}, cwd=cwd, start_new_session=True,
                                        stdout=open(log, "wb") if log else subprocess.DEVNULL, stderr=subprocess.STDOUT)
        self.pid = self.process.pid
        while True:
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                if urllib.request.urlopen(ready, timeout=1).status < 400:
                    break
            if self.process.poll() is not None:
                raise SystemExit(f"{name} ended with {self.process.returncode} before it answered; see {log}")
            if time.monotonic() - started > 120:
                self.stop()
                raise SystemExit(f"{name} did not answer within two minutes; see {log}")
            time.sleep(0.002)
        self.start_s = time.monotonic() - started

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.pid, signal.SIGKILL)
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def coracle_serve(model, work, name):
    port = free_port()
    return Peer("coracle", [CORACLE, "serve", str(model), "--name", name, "--http", f"127.0.0.1:{port}"],
                f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}/v1/models/{name}", log=work / "coracle.log")


def nginx_fixed(work):
    """One worker that answers 60 fixed bytes to any request."""
    port = free_port()
    conf = work / "nginx.conf"
    conf.write_text(f"""
worker_processes 1; daemon off; pid {work}/nginx.pid; error_log {work}/nginx.err;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 300s; client_body_temp_path {work}/body;
  proxy_temp_path {work}/proxy; fastcgi_temp_path {work}/f; uwsgi_temp_path {work}/u; scgi_temp_path {work}/s;
  server {{ listen 127.0.0.1:{port}; default_type application/json;
    location / {{ return 200 '{"x" * 60}'; }} }}
}}""")
    return Peer("nginx", ["nginx", "-c", str(conf), "-p", str(work)], f"http://127.0.0.1:{port}",
                f"http://127.0.0.1:{port}/", log=work / "nginx.log")


def mlserver(model, work, name, **settings):
    """As `mlserver start` runs a model, one worker process beside the server, unless settings say otherwise."""
    folder = work / f"mlserver-{name}"
    folder.mkdir(exist_ok=True)
    http, grpc, metrics = free_port(), free_port(), free_port()
    (folder / "settings.json").write_text(json.dumps({"host": "127.0.0.1", "http_port": http, "grpc_port": grpc,
                                                      "metrics_port": metrics, "debug": False, "metrics_dir": str(folder),
                                                      **settings}))
    (folder / "model-settings.json").write_text(
        f'{{"name":"{name}","implementation":"mlserver_sklearn.SKLearnModel","parameters":{{"uri":"{model}"}}}}')
    return Peer("mlserver", [str(ROOT / ".venv-bench-mlserver/bin/mlserver"), "start", str(folder)],
                f"http://127.0.0.1:{http}", f"http://127.0.0.1:{http}/v2/models/{name}/ready", log=work / "mlserver.log")


def mlflow(folder, work):
    port = free_port()
    bin_ = ROOT / ".venv-bench-mlflow/bin"
    return Peer("mlflow", [str(bin_ / "mlflow"), "models", "serve", "-m", str(folder), "-p", str(port), "-h", "127.0.0.1",
                           "--env-manager", "local"], f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}/ping",
                env={"PATH": f"{bin_}:{os.environ['PATH']}", "MLFLOW_DISABLE_TELEMETRY": "true"}, log=work / "mlflow.log")


class Instructions:
    """Counts a process's instructions with perf, where the machine has a counter for them; stop() gives None elsewhere."""

    def __init__(self, pid):
        try:
            self.process = subprocess.Popen(["perf", "stat", "-x,", "-e", "instructions", "-p", str(pid)], text=True,
                                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            time.sleep(0.1)
        except FileNotFoundError:
            self.process = None

    def stop(self):
        if not self.process:
            return None
        self.process.send_signal(signal.SIGINT)
        text = self.process.communicate(timeout=10)[1]
        for line in text.splitlines():
            fields = line.split(",")
            if len(fields) > 2 and fields[2].startswith("instructions") and fields[0].isdigit():
                return int(fields[0])
        return None


class Row:
    """What one measured stretch of one server gave: http_load's figures, CPU time of the server per request, and what
    other processes took meanwhile, in cores."""

    def __init__(self, peer, path, bodies, seconds, headers=(), count=False, whole=False):
        """`bodies` is a file; `whole`: it has whole requests."""
        argv = [LOAD, "--connections", "16", "--seconds", str(seconds), "--requests" if whole else "--bodies", str(bodies)]
        for header in headers:
            argv += ["--header", header]
        counter = Instructions(peer.pid) if count else None
        busy, cpu, began = machine_busy_ns(), cpu_ns(peer.pid), time.monotonic()
        run = subprocess.run(argv + [peer.url + path], stdout=subprocess.PIPE, text=True, check=True)
        took = time.monotonic() - began
        cpu, busy = cpu_ns(peer.pid) - cpu, machine_busy_ns() - busy
        got = json.loads(run.stdout)
        if got["errors"]:
            raise SystemExit(f"{peer.name} {path}: {got['errors']} requests failed: {got}")
        self.cpu_us = cpu / 1e3 / got["requests"]
        self.rate, self.p50_us, self.p99_us = got["rate"], got["p50_us"], got["p99_us"]
        self.others = max(0.0, (busy - cpu - got["cpu_ns"]) / 1e9 / took)
        instructions = counter.stop() if counter else None
        self.instructions = instructions / got["requests"] if instructions else None

    @property
    def noisy(self):
        return self.others > NOISE_MAX

    def __str__(self):
        count = f"  {self.instructions:8.0f} instructions" if self.instructions else ""
        noise = f"  (others took {self.others:.0%} of a core)" if self.noisy else ""
        return (f"{self.cpu_us:8.1f} us CPU {self.rate:9.0f}/s  p50 {self.p50_us:7.0f} us  p99 {self.p99_us:7.0f} us"
                f"{count}{noise}")


def quiet(measure):
    """The first result of a few tries that others did not disturb, else the last."""
    for _ in range(TRIES):
        row = measure()
        if not row.noisy:
            break
    return row
