"""minio-py: everyday calls, over plain HTTP and TLS (whose bodies are signed otherwise)."""
import io
import os
from datetime import timedelta

import pytest
import urllib3
from minio import Minio
from minio.commonconfig import CopySource
from minio.datatypes import PostPolicy
from minio.deleteobjects import DeleteObject
from minio.error import S3Error

MIB = 1 << 20


@pytest.mark.parametrize("tls", [False, True])
def test_everyday_calls(server, bucket_name, tmp_path, tls):
    pool = urllib3.PoolManager(cert_reqs="CERT_REQUIRED", ca_certs=server.ca) if tls else None
    c = Minio(server.address, access_key=server.access_key, secret_key=server.secret_key, secure=tls, http_client=pool)
    assert not c.bucket_exists(bucket_name)
    c.make_bucket(bucket_name)
    assert c.bucket_exists(bucket_name) and bucket_name in [b.name for b in c.list_buckets()]
    data = os.urandom(11 * MIB + 5)
    c.put_object(bucket_name, "dir/big ü", io.BytesIO(data), len(data), part_size=5 * MIB, metadata={"who": "me"})
    c.put_object(bucket_name, "stream", io.BytesIO(b"of unknown length"), -1, part_size=5 * MIB)
    with c.get_object(bucket_name, "dir/big ü") as got:
        assert got.read() == data
    with c.get_object(bucket_name, "dir/big ü", offset=7, length=9) as got:
        assert got.read() == data[7:16]
    stat = c.stat_object(bucket_name, "dir/big ü")
    assert stat.size == len(data) and stat.etag.endswith("-3") and stat.metadata["x-amz-meta-who"] == "me"
    (tmp_path / "f").write_bytes(b"a file")
    c.fput_object(bucket_name, "file", str(tmp_path / "f"), content_type="text/x")
    c.fget_object(bucket_name, "file", str(tmp_path / "g"))
    assert (tmp_path / "g").read_bytes() == b"a file"
    assert sorted(o.object_name for o in c.list_objects(bucket_name)) == ["dir/", "file", "stream"]
    assert [o.object_name for o in c.list_objects(bucket_name, recursive=True, include_version=True)] == ["dir/big ü", "file", "stream"]
    c.copy_object(bucket_name, "copied", CopySource(bucket_name, "file"))
    http = pool or urllib3.PoolManager()
    assert http.request("GET", c.presigned_get_object(bucket_name, "copied", expires=timedelta(minutes=5))).data == b"a file"
    assert http.request("PUT", c.presigned_put_object(bucket_name, "put"), body=b"1").status == 200
    assert c.get_bucket_versioning(bucket_name).status in (None, "Off", "")
    with pytest.raises(S3Error) as e:
        c.stat_object(bucket_name, "never")
    assert e.value.code == "NoSuchKey"
    with pytest.raises(S3Error) as e:
        c.get_bucket_policy(bucket_name)
    assert e.value.code == "NoSuchBucketPolicy"
    names = [o.object_name for o in c.list_objects(bucket_name, recursive=True)]
    assert list(c.remove_objects(bucket_name, [DeleteObject(n) for n in names])) == []
    c.remove_bucket(bucket_name)
    assert not c.bucket_exists(bucket_name)


def test_post_policy(server, bucket_name):
    from datetime import datetime, timezone
    c = Minio(server.address, access_key=server.access_key, secret_key=server.secret_key, secure=False)
    c.make_bucket(bucket_name)
    policy = PostPolicy(bucket_name, datetime.now(timezone.utc) + timedelta(hours=1))
    policy.add_starts_with_condition("key", "up/")
    policy.add_content_length_range_condition(1, 100)
    fields = {**c.presigned_post_policy(policy), "key": "up/a", "file": ("a", b"posted")}
    assert urllib3.PoolManager().request("POST", f"{server.url}/{bucket_name}", fields=fields).status == 204
    with c.get_object(bucket_name, "up/a") as got:
        assert got.read() == b"posted"
    fields["key"] = "down/a"
    assert urllib3.PoolManager().request("POST", f"{server.url}/{bucket_name}", fields=fields).status == 403
