"""The commands on the Kubernetes API, on images, on data at rest; what every command has in common."""
import json
import os
import pathlib
import subprocess
import tarfile

from conftest import Coracle, PROGRAM

MANIFEST = """
apiVersion: v1
kind: Namespace
metadata: {name: cli}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: a, namespace: cli, labels: {tier: web}}
data: {x: "%s"}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Secret, metadata: {name: s, namespace: cli}, stringData: {k: v}}
"""


def names():
    lines = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line.split()[0] for line in lines if line.startswith("  ") and line.split()]


def test_help_and_usage(running):
    commands = names()
    assert {"up", "down", "status", "env", "apply", "get", "describe", "delete", "logs", "wait", "image", "backup",
            "restore", "fsck", "gc", "limits", "routes", "version", "serve", "inspect", "predict", "completion"} <= set(commands)
    for name in commands:
        text = running.run(name, "--help")
        assert text.startswith(f"usage: coracle {name}") and len(text.splitlines()) > 2
        assert running.run(name, "-h") == running.run("help", name) == text
        assert f"coracle {name} --help" in running.fails(name, "--no-such-option", code=2)
    assert "coracle --help" in running.fails("nonsense", code=2)
    assert running.fails(code=2)
    assert "coracle --help" in running.fails("help", "nonsense", code=2)
    assert running.run("--version") == running.run("version")


def test_completion(running):
    script = running.run("completion", "bash")
    test = script + '\nCOMP_WORDS=(coracle up --free); COMP_CWORD=2; _coracle; echo "${COMPREPLY[@]}"'
    assert subprocess.run(["bash", "-c", test], capture_output=True, text=True, check=True).stdout == "--free-ports\n"
    assert "bash or zsh" in running.fails("completion", "fish", code=2)


def test_version_limits_routes(running):
    assert running.run("version").startswith("coracle ")
    limits = json.loads(running.run("limits", "-o", "json"))
    assert any(row["name"] == "drain_ms" and row["value"] == 30000 for row in limits)
    assert "http_head_bytes" in running.run("limits")
    assert running.run("version", "-o", "yaml").startswith("version: ")
    for command in ("status", "limits", "routes", "version", "fsck", "gc"):
        assert "table, json or yaml" in running.fails(command, "-o", "xml", code=2)
    routes = json.loads(running.run("routes", "-o", "json"))
    assert {r["listener"] for r in routes} == {"inference", "s3", "kubernetes", "metrics"}
    assert all(r["access"] in ("public", "token", "authenticated", "signed") for r in routes)
    predict = next(r for r in routes if r["path"] == "/v1/models/{model}:predict")
    assert predict["access"] == "token" and predict["methods"] == "POST" and predict["who"] == "token, when one is set"
    s3 = {r["operation"]: r for r in routes if r["operation"]}
    assert {(s3[n]["methods"], s3[n]["path"], s3[n]["access"]) for n in ("ListObjectsV2", "UploadPart", "HeadObject")} == {
        ("GET", "/{bucket}?list-type", "signed"), ("PUT", "/{bucket}/{key...}?uploadId", "signed"),
        ("HEAD", "/{bucket}/{key...}", "signed")}
    assert len(s3) == sum(1 for r in routes if r["operation"]), "each operation once"
    assert "keys of S3" in running.run("routes")


def test_apply_get_describe_delete(running):
    out = running.run("apply", "-f", "-", stdin=MANIFEST % "1")
    assert out == "namespace/cli created\nconfigmap/a created\nsecret/s created\n"
    assert running.run("apply", "-f", "-", stdin=MANIFEST % "1").count("unchanged") == 3
    assert "configmap/a configured" in running.run("apply", "-f", "-", stdin=MANIFEST % "2")
    head, *rows = running.run("get", "cm", "-n", "cli", "-l", "tier=web").splitlines()
    assert head.split() == ["NAME", "DATA", "AGE"] and [r.split()[:2] for r in rows] == [["a", "1"]]
    assert json.loads(running.run("get", "configmap", "a", "-n", "cli", "-o", "json"))["data"] == {"x": "2"}
    assert 'x: "2"' in running.run("get", "configmap/a", "-n", "cli", "-o", "yaml")
    assert running.run("get", "configmap/a", "-n", "cli", "-o", "name") == "configmap/a\n"
    assert "NAMESPACE" in running.run("get", "configmaps", "-A").splitlines()[0]
    assert "READY" in running.run("get", "isvc", "-A") + running.run("get", "deployments", "-A")
    assert "No resources found" in running.result("get", "pvc", "-n", "cli").stderr
    text = running.run("describe", "configmap", "a", "-n", "cli")
    assert 'x: "2"' in text and "managedFields" not in text and "events:" in text
    assert "not found" in running.fails("get", "configmap", "none", "-n", "cli")
    assert "resource type" in running.fails("get", "nonsense")
    assert running.run("delete", "configmap", "a", "-n", "cli") == "configmap/a deleted\n"
    assert "not found" in running.fails("delete", "configmap/a", "-n", "cli")
    assert running.run("delete", "configmap/a", "-n", "cli", "--ignore-not-found") == ""
    running.run("delete", "-f", "-", "--ignore-not-found", stdin=MANIFEST % "2")
    assert "deleted" in running.run("wait", "namespace/cli", "--for=delete", "--timeout=20s")


def test_manifests_that_are_wrong(running):
    assert "line 2" in running.fails("apply", "-f", "-", stdin="a: b\na: c\n")
    assert "apiVersion and kind" in running.fails("apply", "-f", "-", stdin="a: b\n")
    assert "no matches for kind" in running.fails("apply", "-f", "-", stdin="apiVersion: v1\nkind: Pot\nmetadata: {name: a}\n")
    assert "nothing to do" in running.fails("apply")
    assert "no-such-file" in running.fails("apply", "-f", "/no-such-file")


def test_wait_and_logs(running):
    deployment = ("deployment/kserve-controller-manager", "-n", "kserve")
    assert "condition met" in running.run("wait", *deployment, "--for=condition=Available", "--timeout=20s")
    assert "timed out" in running.fails("wait", *deployment, "--for=condition=Never", "--timeout=0.2")
    assert "--for is" in running.fails("wait", *deployment, "--for=rain")
    pod = running.run("get", "pods", "-n", "kserve", "-o", "name").split()[0]
    running.run("logs", pod, "-n", "kserve", "--tail", "5")
    assert "not found" in running.fails("logs", "none")
    running.run("apply", "-f", "-", stdin="{apiVersion: v1, kind: Pod, metadata: {name: two}, spec: {containers: "
                "[{name: first, image: x}, {name: second, image: x}]}}")
    assert running.result("logs", "two").stderr == 'Defaulted container "first" out of: first, second\n'
    assert running.result("logs", "two", "-c", "second").stderr == ""
    running.run("delete", "pod", "two")


def test_images(running):
    running.run("image", "alias", "example/transformer:latest", "coracle/sklearn-transformer")
    assert "example/transformer:latest" in running.run("image", "ls")
    assert {"name": "example/transformer:latest", "target": "coracle/sklearn-transformer"} in json.loads(
        running.run("image", "ls", "-o", "json"))
    running.run("image", "alias", "team/iris:2", "coracle/sklearn", "--model", "s3://models/iris", "-m", "predict_proba")
    assert "coracle/sklearn --model s3://models/iris --method predict_proba" in running.run("image", "ls")
    assert {"name": "team/iris:2", "target": "coracle/sklearn", "model": "s3://models/iris",
            "method": "predict_proba"} in json.loads(running.run("image", "ls", "-o", "json"))
    running.run("image", "rm", "team/iris:2")
    assert "no method" in running.fails("image", "alias", "x", "coracle/sklearn", "--method", "guess")
    assert running.fails("image", "ls", "--method", "predict", code=2)
    assert "not a built-in image" in running.fails("image", "alias", "x", "nginx")
    running.run("image", "rm", "docker.io/example/transformer")
    assert "example/transformer" not in running.run("image", "ls")
    assert "no alias" in running.fails("image", "rm", "example/transformer")
    assert running.fails("image", "pull", "x", code=2) and running.fails("image", "alias", "x", code=2)


# ---- data at rest ----


def put(c, key, size):
    body = os.urandom(size)
    assert c.s3("PUT", "/bucket")[0] in (200, 409)
    assert c.s3("PUT", f"/bucket/{key}", body)[0] == 200
    return body


def test_backup_and_restore(coracle, tmp_path):
    coracle.up()
    small, large = put(coracle, "small", 100), put(coracle, "large", 1_000_000)
    coracle.run("apply", "-f", "-", stdin="apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept}\n")
    file = tmp_path / "backup.tar"
    done = json.loads(coracle.run("backup", str(file), "-o", "json"))  # while it runs
    assert done["path"] == str(file) and file.stat().st_mode & 0o777 == 0o600
    assert "is there already" in coracle.fails("backup", str(file))
    with tarfile.open(file) as archive:  # any tar reads it
        names = archive.getnames()
    assert {"version", "pki/ca.key", "cluster.db", "objects.db"} <= set(names)
    assert not pathlib.Path(coracle.data, "run/backup").exists()
    put(coracle, "later", 10)
    other = Coracle(tmp_path / "other")
    assert "objects" in other.run("restore", str(file))
    other.up()
    try:
        assert other.s3("GET", "/bucket/small") == (200, small) and other.s3("GET", "/bucket/large") == (200, large)
        assert other.run("get", "configmap/kept", "-o", "name") == "configmap/kept\n"
        assert "is not empty" in other.fails("restore", str(file))
        assert other.s3("GET", "/bucket/later")[0] == 404
    finally:
        other.run("down")
    coracle.run("down")
    coracle.run("backup", str(tmp_path / "offline.tar"))
    assert coracle.fails("restore", "--data", str(tmp_path / "third"), "/no-such-file")
    assert not (tmp_path / "third").exists()


def test_a_damaged_backup_is_not_restored(coracle, tmp_path):
    coracle.up()
    put(coracle, "large", 1_000_000)
    coracle.run("backup", str(tmp_path / "b.tar"))
    whole = (tmp_path / "b.tar").read_bytes()
    with tarfile.open(tmp_path / "b.tar") as archive:
        blob = next(m for m in archive.getmembers() if m.name.startswith("blobs/") and m.size > 500_000)
    damaged = bytearray(whole)
    damaged[blob.offset_data + 1000] ^= 1
    for text in (damaged, whole[: len(whole) // 2], b"", b"x" * 10240):
        (tmp_path / "c.tar").write_bytes(text)
        error = coracle.fails("restore", "--data", str(tmp_path / "new"), str(tmp_path / "c.tar"))
        assert "damaged" in error or "no data" in error, error
        assert not (tmp_path / "new").exists() and not (tmp_path / "new.restoring").exists()


def test_fsck_finds_a_flipped_bit(coracle):
    coracle.up()
    put(coracle, "large", 1_000_000)
    assert json.loads(coracle.run("fsck", "-o", "json"))["faults"] == 0
    blob = next(p for p in pathlib.Path(coracle.data, "blobs").glob("??/*") if p.is_file())
    content = bytearray(blob.read_bytes())
    content[5000] ^= 1
    blob.chmod(0o600)
    blob.write_bytes(content)
    assert "fault: " in coracle.fails("fsck")  # asked of the server
    coracle.run("down")
    assert "fault: " in coracle.fails("fsck")  # by itself


def test_gc(coracle):
    coracle.up()
    (pathlib.Path(coracle.data) / "blobs" / "ab").mkdir(exist_ok=True)
    assert coracle.run("gc").endswith("bytes\n")
    coracle.run("down")
    assert coracle.run("gc").endswith("bytes\n")


def test_care_of_nothing(tmp_path):
    c = Coracle(tmp_path / "none")
    for command in ("fsck", "gc"):
        assert "there is no data" in c.fails(command)
    assert "there is no data" in c.fails("backup", str(tmp_path / "x.tar"))
    assert not (tmp_path / "none").exists()


def test_fsck_finds_a_broken_resource(coracle):
    coracle.up()
    coracle.run("down")
    subprocess.run(["sqlite3", f"{coracle.data}/cluster.db", "UPDATE object SET body = '{' WHERE name = 'default'"],
                   check=True)
    assert "default" in coracle.fails("fsck")
