"""Everyday commands of the programs people use: mc, aws, s3cmd, rclone. Each moves a tree of files there and back."""
import filecmp
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
FILES = {"a.txt": 5, "empty": 0, "dir/b c+ü.bin": 200_000, "dir/deep/big": 9 << 20}


@pytest.fixture
def tree(tmp_path):
    top = tmp_path / "tree"
    for name, size in FILES.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(b"hello" if size == 5 else os.urandom(size))
    return top


def same_trees(a, b):
    names = sorted(str(p.relative_to(a)) for p in a.rglob("*") if p.is_file())
    assert names == sorted(str(p.relative_to(b)) for p in b.rglob("*") if p.is_file())
    assert filecmp.cmpfiles(a, b, names, shallow=False)[0] == names


class Command:
    def __init__(self, *prefix, env=None, cwd=None):
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "RCLONE_", "MC_"))}
        self.prefix, self.env, self.cwd = prefix, {**inherited, **(env or {})}, cwd

    def fails(self, *args):
        done = subprocess.run([*self.prefix, *map(str, args)], env=self.env, cwd=self.cwd, capture_output=True, text=True)
        assert done.returncode != 0, done.stdout
        return done.stdout + done.stderr

    def __call__(self, *args, **options):
        done = subprocess.run([*self.prefix, *map(str, args)], env=self.env, cwd=self.cwd, capture_output=True, text=True, **options)
        assert done.returncode == 0, f"{self.prefix[0]} {args}: {done.stdout}{done.stderr}"
        return done.stdout


def test_mc(server, bucket_name, tree, tmp_path):
    binary = ROOT / ".tools/bin/mc"
    if not binary.exists():
        pytest.skip("absent: mc is built by tools/gotools.sh mc, which takes minutes; make test-long does it")
    mc = Command(binary, "--config-dir", tmp_path / "mc", "--quiet")
    mc("alias", "set", "own", server.url, server.access_key, server.secret_key)
    assert "own" in mc("alias", "ls", "own")
    assert "Access Key Id you provided does not exist" in mc.fails("alias", "set", "bad", server.url, "nobody-here", "wrong-secret")
    top = f"own/{bucket_name}"
    mc("mb", top)
    mc("cp", tree / "a.txt", f"{top}/one.txt")
    assert mc("cat", f"{top}/one.txt") == "hello"
    mc("mirror", tree, f"{top}/tree")
    listed = mc("ls", "--recursive", top)
    for name in FILES:
        assert f"tree/{name}" in listed
    assert "deep" in mc("tree", top)
    assert "9.2MiB" in mc("du", f"{top}/tree")
    mc("mirror", f"{top}/tree", tmp_path / "back")
    same_trees(tree, tmp_path / "back")
    assert not mc("diff", tree, f"{top}/tree")
    assert str(9 << 20) in mc("--json", "stat", f"{top}/tree/dir/deep/big")
    assert "Content-Type" in mc("stat", f"{top}/one.txt")
    mc("cp", f"{top}/tree/dir/deep/big", f"{top}/copy")
    mc("mv", f"{top}/copy", f"{top}/moved")
    assert "moved" in mc("find", top, "--name", "mov*")
    assert mc("head", "-n", "1", f"{top}/one.txt").strip() == "hello"
    mc("pipe", f"{top}/piped", input="from a pipe")
    assert mc("cat", f"{top}/piped") == "from a pipe"
    url = next(line.split("Share: ")[1] for line in mc("share", "download", f"{top}/piped").splitlines() if "Share: " in line)
    curl = Command("curl", "-sf")
    assert curl(url) == "from a pipe"
    upload = next(line.split("Share: ")[1] for line in mc("share", "upload", f"{top}/shared.txt").splitlines() if "Share: " in line)
    subprocess.run(["bash", "-c", upload.replace("<FILE>", str(tree / "a.txt")) + " -sf"], check=True)
    assert "shared.txt" in mc("ls", top)
    assert "not" in mc.fails("anonymous", "set", "public", top).lower()
    assert "not" in mc.fails("version", "enable", top).lower()
    mc("rm", f"{top}/one.txt")
    mc("rm", "--recursive", "--force", f"{top}/tree")
    mc("rb", "--force", top)
    assert bucket_name not in mc("ls", "own")
    assert bucket_name in mc.fails("stat", top)


def test_aws(server, bucket_name, tree, tmp_path):
    aws = Command(ROOT / ".venv-awscli/bin/aws", env={**server.env, "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_PAGER": ""})
    top = f"s3://{bucket_name}"
    aws("s3", "mb", top)
    aws("s3", "cp", tree / "a.txt", f"{top}/one.txt")
    aws("s3", "sync", tree, f"{top}/tree")
    assert aws("s3", "sync", tree, f"{top}/tree") == ""
    listed = aws("s3", "ls", "--recursive", top)
    for name in FILES:
        assert f"tree/{name}" in listed
    aws("s3", "sync", f"{top}/tree", tmp_path / "back")
    same_trees(tree, tmp_path / "back")
    aws("s3", "mv", f"{top}/tree/dir/deep/big", f"{top}/moved")
    aws("s3", "cp", "-", f"{top}/piped", input="from a pipe")
    assert aws("s3", "cp", f"{top}/piped", "-") == "from a pipe"
    assert Command("curl", "-sf")(aws("s3", "presign", f"{top}/piped").strip()) == "from a pipe"
    aws("s3api", "put-object", "--bucket", bucket_name, "--key", "sum", "--body", tree / "a.txt", "--checksum-algorithm", "SHA256")
    assert "ChecksumSHA256" in aws("s3api", "head-object", "--bucket", bucket_name, "--key", "sum", "--checksum-mode", "ENABLED")
    assert "404" in aws.fails("s3api", "head-object", "--bucket", bucket_name, "--key", "never")
    aws("s3", "rm", "--recursive", f"{top}/tree")
    assert "BucketNotEmpty" in aws.fails("s3", "rb", top)
    aws("s3", "rb", "--force", top)
    assert bucket_name not in aws("s3", "ls")


def test_s3cmd(server, bucket_name, tree, tmp_path):
    s3cmd = Command("s3cmd", "--config=/dev/null", f"--access_key={server.access_key}", f"--secret_key={server.secret_key}",
                    f"--host={server.address}", f"--host-bucket={server.address}", "--no-ssl", "--no-progress")
    top = f"s3://{bucket_name}"
    s3cmd("mb", top)
    assert bucket_name in s3cmd("ls")
    s3cmd("put", tree / "a.txt", f"{top}/one.txt", "--add-header=x-amz-meta-who:me", "--mime-type=text/x")
    s3cmd("sync", f"{tree}/", f"{top}/tree/")
    listed = s3cmd("ls", "--recursive", top)
    for name in FILES:
        assert f"tree/{name}" in listed
    assert "DIR" in s3cmd("ls", top)
    (tmp_path / "back").mkdir()
    s3cmd("sync", f"{top}/tree/", f"{tmp_path}/back/")
    same_trees(tree, tmp_path / "back")
    info = s3cmd("info", f"{top}/one.txt")
    assert "text/x" in info and "x-amz-meta-who" in info and "FULL_CONTROL" in info
    s3cmd("info", top)
    s3cmd("put", "--multipart-chunk-size-mb=5", tree / "dir/deep/big", f"{top}/parts")
    s3cmd("get", f"{top}/parts", tmp_path / "parts")
    assert filecmp.cmp(tree / "dir/deep/big", tmp_path / "parts", shallow=False)
    s3cmd("cp", f"{top}/one.txt", f"{top}/two.txt")
    s3cmd("mv", f"{top}/two.txt", f"{top}/three.txt")
    s3cmd("modify", "--add-header=Cache-Control: no-cache", f"{top}/three.txt")
    assert str(sum(FILES.values())) in s3cmd("du", f"{top}/tree/")
    assert Command("curl", "-sf")(s3cmd("signurl", f"{top}/three.txt", "+600").strip()) == "hello"
    assert "UploadId" not in s3cmd("multipart", f"{top}/tree")
    s3cmd("del", f"{top}/one.txt")
    s3cmd("del", "--recursive", "--force", f"{top}/tree/")
    assert "not empty" in s3cmd.fails("rb", top)
    s3cmd("rb", "--recursive", "--force", top)
    assert bucket_name not in s3cmd("ls")


def test_rclone(server, bucket_name, tree, tmp_path):
    rclone = Command("rclone", "--config=/dev/null", "--retries=1", "--low-level-retries=1", env={
        "RCLONE_CONFIG_OWN_TYPE": "s3", "RCLONE_CONFIG_OWN_PROVIDER": "Minio", "RCLONE_CONFIG_OWN_ENDPOINT": server.url,
        "RCLONE_CONFIG_OWN_ACCESS_KEY_ID": server.access_key, "RCLONE_CONFIG_OWN_SECRET_ACCESS_KEY": server.secret_key,
        "RCLONE_S3_UPLOAD_CUTOFF": "6M", "RCLONE_S3_CHUNK_SIZE": "5M"})
    top = f"own:{bucket_name}"
    rclone("mkdir", top)
    assert bucket_name in rclone("lsd", "own:")
    rclone("copy", tree, f"{top}/tree")
    rclone("check", tree, f"{top}/tree")
    rclone("check", "--download", tree, f"{top}/tree")
    assert sorted(rclone("lsf", "-R", "--files-only", f"{top}/tree").splitlines()) == sorted(FILES)
    rclone("sync", f"{top}/tree", tmp_path / "back")
    same_trees(tree, tmp_path / "back")
    assert str(sum(FILES.values())) in rclone("size", f"{top}/tree")
    rclone("moveto", f"{top}/tree/a.txt", f"{top}/moved.txt")
    rclone("copyto", f"{top}/tree/dir/deep/big", f"{top}/copy")
    rclone("rcat", f"{top}/piped", input="from a pipe")
    assert rclone("cat", f"{top}/piped") == "from a pipe"
    assert Command("curl", "-sf")(rclone("link", f"{top}/piped").strip()) == "from a pipe"
    rclone("deletefile", f"{top}/piped")
    (tree / "a.txt").unlink()
    rclone("sync", tree, f"{top}/tree")
    rclone("purge", top)
    assert bucket_name not in rclone("lsd", "own:")
