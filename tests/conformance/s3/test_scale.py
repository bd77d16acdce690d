"""Many keys and large objects. Full size in make test-long; figures are printed, memory is judged on a release build."""
import concurrent.futures
import hashlib
import http.client
import os
import pathlib
import time

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from conftest import CORACLE
from wire import Signer, call

LONG, MIB = os.environ.get("CORACLE_TEST_LONG") == "1", 1 << 20
SANITIZED = "asan" in CORACLE


def memory_mib(server, field="VmRSS"):
    for line in pathlib.Path(f"/proc/{server.status['pid']}/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024


def test_many_keys_are_listed_page_by_page(server, bucket_name):
    count = 100_000 if LONG else 10_000
    assert call(server, "PUT", f"/{bucket_name}").status == 200

    def put(first):
        connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
        for i in range(first, count, 8):
            path = f"/{bucket_name}/dir-{i % 10}/k{i:06}"
            connection.request("PUT", path, b"", Signer(server).headers("PUT", path))
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(8)))
    wanted = sorted(f"dir-{i % 10}/k{i:06}" for i in range(count))
    s3 = boto3.client("s3", endpoint_url=server.url, aws_access_key_id=server.access_key, aws_secret_access_key=server.secret_key, region_name="us-east-1")
    seen, times, token = [], [], {}
    while True:
        start = time.perf_counter()
        page = s3.list_objects_v2(Bucket=bucket_name, **token)
        times.append((time.perf_counter() - start) * 1e3)
        seen += [o["Key"] for o in page["Contents"]]
        if not page["IsTruncated"]:
            break
        token = {"ContinuationToken": page["NextContinuationToken"]}
    assert seen == wanted
    assert [p["Prefix"] for p in s3.list_objects_v2(Bucket=bucket_name, Delimiter="/")["CommonPrefixes"]] == [f"dir-{i}/" for i in range(10)]
    tenth = max(1, len(times) // 10)
    print(f"{count} keys in {len(times)} pages: first {sum(times[:tenth]) / tenth:.1f} ms a page, last {sum(times[-tenth:]) / tenth:.1f}, slowest {max(times):.1f}")


class Source:
    """`size` bytes that are cheap to make, and whose digest is known at the end; not seekable, so that it streams."""

    def __init__(self, size):
        self.left, self.block, self.number, self.digest, self.rest = size, os.urandom(MIB), 0, hashlib.sha256(), b""

    def read(self, n):
        pieces, wanted = [], n
        while wanted and (self.rest or self.left):
            if not self.rest:
                self.rest = (self.number.to_bytes(8, "big") + self.block[8:])[:self.left]
                self.number += 1
                self.left -= len(self.rest)
                self.digest.update(self.rest)
            pieces.append(self.rest[:wanted])
            self.rest = self.rest[wanted:]
            wanted -= len(pieces[-1])
        return b"".join(pieces)


class Sink:
    """Takes ranges in order (one thread at a time writes), and digests them."""

    def __init__(self):
        self.digest, self.size = hashlib.sha256(), 0

    def write(self, data):
        self.digest.update(data)
        self.size += len(data)
        return len(data)


@pytest.mark.timeout(1800)
def test_a_large_object_goes_both_ways_in_flat_memory(server, bucket_name):
    size = 5 << 30 if LONG else 256 * MIB
    assert call(server, "PUT", f"/{bucket_name}").status == 200
    s3 = boto3.client("s3", endpoint_url=server.url, aws_access_key_id=server.access_key, aws_secret_access_key=server.secret_key, region_name="us-east-1")
    config = TransferConfig(multipart_chunksize=16 * MIB, max_concurrency=4)
    before = memory_mib(server)
    source, sink = Source(size), Sink()
    start = time.monotonic()
    s3.upload_fileobj(source, bucket_name, "large", Config=config)
    up = time.monotonic()
    head = s3.head_object(Bucket=bucket_name, Key="large")
    assert head["ContentLength"] == size and head["ETag"].endswith(f"-{size // (16 * MIB)}\"")
    for offset in range(0, size, 64 * MIB):
        got = s3.get_object(Bucket=bucket_name, Key="large", Range=f"bytes={offset}-{min(size, offset + 64 * MIB) - 1}")
        for piece in got["Body"].iter_chunks(MIB):
            sink.write(piece)
    down = time.monotonic()
    peak = memory_mib(server, "VmHWM")
    assert (sink.size, sink.digest.hexdigest()) == (size, source.digest.hexdigest())
    print(f"{size // MIB} MiB: up {up - start:.1f} s, down {down - up:.1f} s, resident {before:.1f} MiB before, {peak:.1f} at most")
    assert SANITIZED or peak - before < 64
    s3.delete_object(Bucket=bucket_name, Key="large")
