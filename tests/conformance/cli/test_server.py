"""up, down, status, env: one server on one directory."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

import pytest

from conftest import PROGRAM, ROOT


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status, answer.read()


def test_up_status_env_down(coracle):
    s = coracle.up()
    assert s["ready"] and s["running"] and set(s["listeners"]) == {"inference", "s3", "kubernetes", "metrics"}
    v = coracle.variables()
    assert set(v) == {"CORACLE_DATA", "CORACLE_INFERENCE_URL", "CORACLE_METRICS_URL", "AWS_ENDPOINT_URL",
                      "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "MLFLOW_S3_ENDPOINT_URL",
                      "KUBECONFIG"}
    assert get(v["CORACLE_INFERENCE_URL"] + "/v1/models") == (200, b'{"models":[]}')
    assert b"process_resident_memory_bytes" in get(v["CORACLE_METRICS_URL"] + "/metrics")[1]
    assert get(v["AWS_ENDPOINT_URL"] + "/minio/health/live")[0] == 200
    shell = subprocess.run(["sh", "-c", f'eval "$({PROGRAM} env)"; echo "$AWS_SECRET_ACCESS_KEY"'], env=coracle.env,
                           capture_output=True, text=True, check=True).stdout.strip()
    assert shell == v["AWS_SECRET_ACCESS_KEY"]
    assert "inference" in coracle.run("status")
    assert str(s["pid"]) in coracle.run("down")
    assert coracle.fails("status", code=3).startswith("coracle status: nothing runs on")
    assert coracle.fails("env", code=3) and coracle.fails("down", code=3) and coracle.fails("get", "pods", code=3)


def test_keys_and_data_outlast_a_stop(coracle):
    coracle.up()
    before = coracle.variables()
    coracle.run("apply", "-f", "-", stdin="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept}\ndata: {a: b}\n")
    first = json.loads(coracle.run("get", "configmap/kept", "-o", "json"))
    kubeconfig = pathlib.Path(before["KUBECONFIG"]).read_text()
    coracle.run("down")
    coracle.up()
    after = coracle.variables()
    assert before["AWS_SECRET_ACCESS_KEY"] == after["AWS_SECRET_ACCESS_KEY"]
    assert json.loads(coracle.run("get", "configmap/kept", "-o", "json")) == first
    again = pathlib.Path(after["KUBECONFIG"]).read_text()
    strip = lambda text: [line for line in text.splitlines() if "server:" not in line]
    assert strip(again) == strip(kubeconfig)


def test_a_second_up_names_the_first(coracle):
    pid = coracle.up()["pid"]
    assert f"process {pid}" in coracle.fails("up", "--free-ports", "--detach")
    assert f"process {pid}" in coracle.fails("up", "--free-ports")


def test_a_taken_port_names_the_flag(coracle):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        error = coracle.fails("up", "--free-ports", "--detach", "--listen", f"s3=127.0.0.1:{port}")
    assert f"127.0.0.1:{port} is taken" in error and "--listen s3=HOST:PORT" in error
    coracle.up()


def test_keys_from_the_environment(coracle):
    keys = {"MINIO_ROOT_USER": "minio", "MINIO_ROOT_PASSWORD": "minio123"}
    coracle.up(env=keys)
    assert coracle.variables()["AWS_ACCESS_KEY_ID"] == "minio"
    assert coracle.variables()["AWS_SECRET_ACCESS_KEY"] == "minio123"
    coracle.run("down")
    coracle.up()
    assert coracle.variables()["AWS_SECRET_ACCESS_KEY"] == "minio123", "they stay until others are given"
    coracle.run("down")
    assert "8" in coracle.fails("up", "--detach", "--free-ports", env={**keys, "MINIO_ROOT_PASSWORD": "short"})


def test_only_this_machine_unless_told_otherwise(coracle):
    assert "would answer anybody" in coracle.fails("up", "--listen", "inference=0.0.0.0:0", code=2)
    s = coracle.up("--listen", "inference=0.0.0.0:0", "--insecure-listen")
    assert s["listeners"]["inference"].startswith("0.0.0.0:")


def test_a_token_on_the_inference_listener(coracle):
    coracle.up("--token", "secret")
    url = coracle.variables()["CORACLE_INFERENCE_URL"] + "/v1/models"
    try:
        get(url)
        assert False, "no token was asked for"
    except urllib.error.HTTPError as e:
        assert e.code == 401
    request = urllib.request.Request(url, headers={"Authorization": "Bearer secret"})
    assert get(request)[0] == 200


def test_listeners_can_be_off(coracle):
    s = coracle.up("--listen", "metrics=off", "--listen", "kubernetes=off")
    assert set(s["listeners"]) == {"inference", "s3"}
    assert "KUBECONFIG" not in coracle.variables()
    assert "kubernetes listener is off" in coracle.fails("get", "pods")


def test_configuration_file(coracle, tmp_path):
    file = tmp_path / "coracle.yaml"
    file.write_text("listen:\n  inference: 127.0.0.1:0\n  s3: 127.0.0.1:0\n  kubernetes: 127.0.0.1:0\n  metrics: off\n"
                    "images:\n  example/t: coracle/sklearn-transformer\nlog: {format: json}\n")
    coracle.run("up", "--detach", "--config", str(file))
    assert "metrics" not in coracle.status()["listeners"]
    log = pathlib.Path(coracle.data, "logs/coracle.log").read_text().splitlines()
    assert any(json.loads(line)["message"] == "ready" for line in log)
    coracle.run("down")
    for text, fault in (("listen: {}\ncolour: red\n", 'line 2: unknown key "colour"'), ("domain: a\nlisten: 5\n", "line 2: listen is not a mapping"),
                        ("\nlisten: {s3: on}\n", "line 2: address of listener s3"), ("limits:\n  drain_ms: x\n", "line 2: limits.drain_ms")):
        file.write_text(text)
        assert fault in coracle.fails("up", "--config", str(file), code=2)


def test_an_older_directory_is_brought_up_and_a_newer_one_refused(coracle):
    coracle.up()
    coracle.run("down")
    version = pathlib.Path(coracle.data, "version")
    version.unlink()
    coracle.up()
    coracle.run("down")
    assert version.read_text() == "1\n"
    version.write_text("2\n")
    assert "newer program" in coracle.fails("up", "--detach", "--free-ports")
    assert version.read_text() == "2\n"
    version.write_text("1\n")
    subprocess.run(["sqlite3", f"{coracle.data}/cluster.db", "PRAGMA user_version=99"], check=True)
    assert "newer" in coracle.fails("up", "--detach", "--free-ports")


def test_the_log_is_opened_anew(coracle):
    pid = coracle.up()["pid"]
    log = pathlib.Path(coracle.data, "logs/coracle.log")
    log.rename(log.with_suffix(".1"))
    os.kill(pid, signal.SIGHUP)
    end = time.monotonic() + 10
    while not log.exists() and time.monotonic() < end:
        time.sleep(0.02)
    coracle.run("down")
    assert "stopping" in log.read_text()


def test_in_the_foreground_it_answers_systemd(coracle, tmp_path):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(path)
        s.settimeout(30)
        p = subprocess.Popen([PROGRAM, "up", "--free-ports"], env={**coracle.env, "NOTIFY_SOCKET": path,
                             "WATCHDOG_USEC": "400000"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert s.recv(1000).startswith(b"READY=1")
        assert [s.recv(1000) for _ in range(3)] == [b"WATCHDOG=1"] * 3
        p.send_signal(signal.SIGTERM)
        while (last := s.recv(1000)) == b"WATCHDOG=1":
            pass
        assert last.startswith(b"STOPPING=1")
        out, err = p.communicate(timeout=30)
    assert p.returncode == 0 and "kubernetes" in out and "info server: ready" in err


def test_a_long_directory_name(tmp_path):
    from conftest import Coracle
    c = Coracle(tmp_path / ("long" * 40) / "data")
    c.data_parent = tmp_path
    c.env["HOME"] = str(tmp_path)
    c.up()
    try:
        assert "0 faults" in c.run("fsck")
    finally:
        c.run("down")


def test_names_of_the_certificate(coracle):
    s = coracle.up("--tls-san", "models.example.com")
    host, port = s["listeners"]["kubernetes"].rsplit(":", 1)
    import ssl
    context = ssl.create_default_context(cafile=f"{coracle.data}/pki/ca.crt")
    with socket.create_connection((host, int(port))) as raw:
        with context.wrap_socket(raw, server_hostname="models.example.com") as tls:
            assert tls.version() == "TLSv1.3"
    text = coracle.run("env", "--host", "models.example.com")
    assert f"https://models.example.com:{port}" in text and "certificate-authority-data" in text
    assert "https://[::1]:1234" in coracle.run("env", "--host", "[::1]:1234")


def test_the_systemd_unit_is_sound(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("absent: systemd-analyze")
    text = (ROOT / "deploy/coracle.service.in").read_text()
    unit = tmp_path / "coracle.service"
    unit.write_text(text.replace("@bindir@/coracle", PROGRAM).replace("@docdir@", "/usr/share/doc/coracle"))
    r = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    assert r.returncode == 0 and "coracle.service" not in r.stderr, r.stderr
