"""s3fs, the file system that pandas, dask and MLflow's users reach S3 through."""
import os

import pytest

s3fs = pytest.importorskip("s3fs", reason="runs in its own environment, .venv-s3fs")


def test_files_and_folders(server, bucket_name, tmp_path):
    fs = s3fs.S3FileSystem(key=server.access_key, secret=server.secret_key, client_kwargs={"endpoint_url": server.url})
    fs.mkdir(bucket_name)
    with fs.open(f"{bucket_name}/dir/a b.txt", "w") as f:
        f.write("hello\nworld\n")
    with fs.open(f"{bucket_name}/dir/a b.txt") as f:
        assert f.readlines() == [b"hello\n", b"world\n"]
    data = os.urandom(12 << 20)
    with fs.open(f"{bucket_name}/big", "wb", block_size=5 << 20) as f:
        f.write(data)
    with fs.open(f"{bucket_name}/big", "rb", block_size=1 << 20) as f:
        f.seek(6 << 20)
        assert f.read(100) == data[6 << 20:(6 << 20) + 100]
    assert fs.cat(f"{bucket_name}/big") == data
    fs.pipe({f"{bucket_name}/many/{i}": str(i).encode() for i in range(20)})
    assert sorted(fs.ls(bucket_name)) == [f"{bucket_name}/big", f"{bucket_name}/dir", f"{bucket_name}/many"]
    assert len(fs.find(bucket_name)) == 22 and len(fs.glob(f"{bucket_name}/many/1*")) == 11
    assert fs.info(f"{bucket_name}/big")["size"] == len(data) and fs.isdir(f"{bucket_name}/many")
    assert fs.exists(f"{bucket_name}/big") and not fs.exists(f"{bucket_name}/never")
    with pytest.raises(FileNotFoundError):
        fs.open(f"{bucket_name}/never").read()
    fs.copy(f"{bucket_name}/big", f"{bucket_name}/copy")
    fs.mv(f"{bucket_name}/copy", f"{bucket_name}/moved")
    assert fs.cat_file(f"{bucket_name}/moved", start=-5) == data[-5:]
    with fs.open(f"{bucket_name}/dir/a b.txt", "a") as f:
        f.write("more")
    assert fs.cat(f"{bucket_name}/dir/a b.txt") == b"hello\nworld\nmore"
    fs.get(f"{bucket_name}/many", str(tmp_path / "many"), recursive=True)
    assert (tmp_path / "many/7").read_text() == "7"
    fs.put(str(tmp_path / "many"), f"{bucket_name}/back", recursive=True)
    fs.setxattr(f"{bucket_name}/dir/a b.txt", who="me")
    assert fs.getxattr(f"{bucket_name}/dir/a b.txt", "who") == "me"
    assert "X-Amz" in fs.url(f"{bucket_name}/big") or "Signature" in fs.url(f"{bucket_name}/big")
    fs.rm(bucket_name, recursive=True)
    assert not fs.exists(bucket_name)
