"""boto3, client and resource API, with version 4 and version 2 signatures."""
import base64
import concurrent.futures
import hashlib
import io
import os
import time
import urllib.error
import urllib.request
import zlib
from datetime import datetime, timedelta, timezone

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

MIB = 1 << 20


def make_client(server, **options):
    config = Config(**{"signature_version": "s3v4", "retries": {"max_attempts": 1}, **options.pop("config", {})})
    return boto3.client("s3", endpoint_url=server.url, aws_access_key_id=server.access_key,
                        aws_secret_access_key=server.secret_key, region_name="us-east-1", config=config, **options)


@pytest.fixture(scope="module")
def s3(server):
    return make_client(server)


@pytest.fixture
def bucket(s3, bucket_name):
    s3.create_bucket(Bucket=bucket_name)
    return bucket_name


def refused(call, code, status, **arguments):
    with pytest.raises(ClientError) as e:
        call(**arguments)
    assert e.value.response["Error"]["Code"] == code
    assert e.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    return e.value.response


# --- buckets ---

def test_a_bucket_is_made_found_and_deleted(s3, bucket_name):
    s3.create_bucket(Bucket=bucket_name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert bucket_name in [b["Name"] for b in s3.list_buckets()["Buckets"]]
    assert s3.head_bucket(Bucket=bucket_name)["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"] == "us-east-1"
    assert s3.get_bucket_location(Bucket=bucket_name)["LocationConstraint"] is None
    refused(s3.create_bucket, "BucketAlreadyOwnedByYou", 409, Bucket=bucket_name)
    s3.delete_bucket(Bucket=bucket_name)
    refused(s3.head_bucket, "404", 404, Bucket=bucket_name)
    refused(s3.delete_bucket, "NoSuchBucket", 404, Bucket=bucket_name)


def test_buckets_are_listed_in_pages(s3, bucket_name):
    names = [f"{bucket_name}-{i}" for i in range(5)]
    for name in names:
        s3.create_bucket(Bucket=name)
    pages = s3.get_paginator("list_buckets").paginate(Prefix=bucket_name, PaginationConfig={"PageSize": 2})
    assert [b["Name"] for page in pages for b in page["Buckets"]] == names


@pytest.mark.parametrize("name", ["ab", "Upper", "with_underscore", "a..b", "-dash", "192.168.1.1", "x" * 64])
def test_a_bad_bucket_name_is_refused(server, name):
    client = make_client(server)
    client.meta.events.unregister("before-parameter-build.s3", __import__("botocore.handlers").handlers.validate_bucket_name)
    refused(client.create_bucket, "InvalidBucketName", 400, Bucket=name)


def test_a_bucket_with_objects_stays(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    refused(s3.delete_bucket, "BucketNotEmpty", 409, Bucket=bucket)


# --- objects ---

def test_an_object_comes_back_as_it_was_put(s3, bucket):
    expires = datetime(2031, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    put = s3.put_object(Bucket=bucket, Key="dir/a b+c&d?é", Body=b"hello", ContentType="text/x-test",
                        CacheControl="max-age=7", ContentDisposition='attachment; filename="a"',
                        ContentEncoding="x-own", ContentLanguage="de", Expires=expires, Metadata={"One": "1", "two": "zwei"})
    assert put["ETag"] == f'"{hashlib.md5(b"hello").hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key="dir/a b+c&d?é")
    assert got["Body"].read() == b"hello"
    for answer in (got, s3.head_object(Bucket=bucket, Key="dir/a b+c&d?é")):
        assert answer["ContentType"] == "text/x-test" and answer["CacheControl"] == "max-age=7"
        assert answer["ContentDisposition"] == 'attachment; filename="a"' and answer["ContentEncoding"] == "x-own"
        assert answer["ContentLanguage"] == "de" and answer["Expires"] == expires
        assert answer["Metadata"] == {"one": "1", "two": "zwei"}
        assert answer["ContentLength"] == 5 and answer["AcceptRanges"] == "bytes" and answer["ETag"] == put["ETag"]
        assert abs(answer["LastModified"] - datetime.now(timezone.utc)) < timedelta(minutes=5)


def test_an_object_without_a_type_has_the_default(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert s3.get_object(Bucket=bucket, Key="k")["ContentType"] == "binary/octet-stream"


@pytest.mark.parametrize("key", ["a//b", "a/../b", "./a", "x/", "%41", "ünïcødé/日本語", "a\u00a0b", "1024" * 256, " lead", "a\tb"])
def test_every_key_is_kept_as_it_is(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    assert [o["Key"] for o in s3.list_objects(Bucket=bucket)["Contents"]] == [key]
    s3.delete_object(Bucket=bucket, Key=key)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_leading_slashes_of_a_key_are_dropped(s3, bucket):
    s3.put_object(Bucket=bucket, Key="/a/b", Body=b"1")
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a/b"]
    assert s3.get_object(Bucket=bucket, Key="///a/b")["Body"].read() == b"1"


def test_a_key_of_1025_bytes_is_too_long(s3, bucket):
    refused(s3.put_object, "KeyTooLongError", 400, Bucket=bucket, Key="k" * 1025, Body=b"")


@pytest.mark.parametrize("size", [0, 1, 4096, 128 * 1024, 128 * 1024 + 1, 3 * MIB + 17])
def test_ranges_give_their_bytes(s3, bucket, size):
    data = os.urandom(size)
    s3.put_object(Bucket=bucket, Key="k", Body=data)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == data
    if not size:
        refused(s3.get_object, "InvalidRange", 416, Bucket=bucket, Key="k", Range="bytes=0-")
        return
    for text, part in [("bytes=0-0", data[:1]), ("bytes=0-", data), (f"bytes={size - 1}-", data[-1:]),
                       ("bytes=-1", data[-1:]), (f"bytes=-{size + 5}", data), ("bytes=0-99999999", data),
                       (f"bytes={size // 3}-{size // 2}", data[size // 3:size // 2 + 1])]:
        got = s3.get_object(Bucket=bucket, Key="k", Range=text)
        assert got["Body"].read() == part and got["ResponseMetadata"]["HTTPStatusCode"] == 206
        first = size - len(part) if text.startswith("bytes=-") else int(text[6:].split("-")[0])
        assert got["ContentRange"] == f"bytes {first}-{first + len(part) - 1}/{size}"
    refused(s3.get_object, "InvalidRange", 416, Bucket=bucket, Key="k", Range=f"bytes={size}-")
    for text in ("bytes=5-2", "items=0-1", "bytes=0-0,2-3"):
        assert s3.get_object(Bucket=bucket, Key="k", Range=text)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_reads_hold_to_their_conditions(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["ETag"]
    now = datetime.now(timezone.utc)
    past, future = now - timedelta(hours=1), now + timedelta(hours=1)
    for call in (s3.get_object, s3.head_object):
        failed = "PreconditionFailed" if call == s3.get_object else "412"
        call(Bucket=bucket, Key="k", IfMatch=etag)
        call(Bucket=bucket, Key="k", IfMatch="*")
        refused(call, failed, 412, Bucket=bucket, Key="k", IfMatch='"0"')
        call(Bucket=bucket, Key="k", IfNoneMatch='"0"')
        refused(call, "304", 304, Bucket=bucket, Key="k", IfNoneMatch=etag)
        call(Bucket=bucket, Key="k", IfModifiedSince=past)
        refused(call, "304", 304, Bucket=bucket, Key="k", IfModifiedSince=future)
        call(Bucket=bucket, Key="k", IfUnmodifiedSince=future)
        refused(call, failed, 412, Bucket=bucket, Key="k", IfUnmodifiedSince=past)
        call(Bucket=bucket, Key="k", IfMatch=etag, IfUnmodifiedSince=past)
        refused(call, "304", 304, Bucket=bucket, Key="k", IfNoneMatch=etag, IfModifiedSince=past)


def test_writes_hold_to_their_conditions(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    refused(s3.put_object, "PreconditionFailed", 412, Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")
    refused(s3.put_object, "PreconditionFailed", 412, Bucket=bucket, Key="k", Body=b"2", IfMatch='"0"')
    refused(s3.put_object, "NoSuchKey", 404, Bucket=bucket, Key="other", Body=b"2", IfMatch=etag)
    s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfMatch=etag)
    refused(s3.delete_object, "PreconditionFailed", 412, Bucket=bucket, Key="k", IfMatch=etag)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2"
    refused(s3.put_object, "NotImplemented", 501, Bucket=bucket, Key="k", Body=b"2", IfNoneMatch=etag)


def test_one_of_many_writers_wins_a_key(s3, bucket):
    def put(i):
        try:
            s3.put_object(Bucket=bucket, Key="k", Body=str(i).encode(), IfNoneMatch="*")
            return i
        except ClientError as e:
            assert e.response["Error"]["Code"] == "PreconditionFailed"
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        winners = [i for i in pool.map(put, range(24)) if i is not None]
    assert len(winners) == 1
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == str(winners[0]).encode()


def test_response_headers_can_be_overridden(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", ContentType="text/plain")
    got = s3.get_object(Bucket=bucket, Key="k", ResponseContentType="a/b", ResponseCacheControl="no-cache",
                        ResponseContentDisposition="inline", ResponseContentEncoding="x", ResponseContentLanguage="fr")
    assert (got["ContentType"], got["CacheControl"], got["ContentDisposition"], got["ContentEncoding"],
            got["ContentLanguage"]) == ("a/b", "no-cache", "inline", "x", "fr")


def test_too_much_metadata_is_refused(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"", Metadata={"a": "x" * 2047})
    refused(s3.put_object, "MetadataTooLarge", 400, Bucket=bucket, Key="k", Body=b"", Metadata={"a": "x" * 2048})


# --- copies and deletes ---

def test_a_copy_keeps_or_replaces_what_describes_it(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a b/ü", Body=b"1", ContentType="text/plain", Metadata={"m": "1"})
    source = {"Bucket": bucket, "Key": "a b/ü"}
    s3.copy_object(Bucket=bucket, Key="kept", CopySource=source)
    s3.copy_object(Bucket=bucket, Key="new", CopySource=source, MetadataDirective="REPLACE", Metadata={"n": "2"},
                   ContentType="text/html")
    kept, new = s3.get_object(Bucket=bucket, Key="kept"), s3.get_object(Bucket=bucket, Key="new")
    assert kept["Body"].read() == new["Body"].read() == b"1"
    assert (kept["ContentType"], kept["Metadata"]) == ("text/plain", {"m": "1"})
    assert (new["ContentType"], new["Metadata"]) == ("text/html", {"n": "2"})
    refused(s3.copy_object, "InvalidRequest", 400, Bucket=bucket, Key="kept", CopySource=f"{bucket}/kept")
    s3.copy_object(Bucket=bucket, Key="kept", CopySource=f"{bucket}/kept", MetadataDirective="REPLACE", Metadata={"o": "3"})
    assert s3.head_object(Bucket=bucket, Key="kept")["Metadata"] == {"o": "3"}
    refused(s3.copy_object, "NoSuchKey", 404, Bucket=bucket, Key="x", CopySource=f"{bucket}/none")
    refused(s3.copy_object, "NoSuchBucket", 404, Bucket=bucket, Key="x", CopySource=f"no-such-{bucket}/none")


def test_a_copy_holds_to_the_conditions_of_its_source(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="a", Body=b"1")["ETag"]
    past = datetime.now(timezone.utc) - timedelta(hours=1)
    same = dict(Bucket=bucket, Key="b", CopySource=f"{bucket}/a")
    s3.copy_object(**same, CopySourceIfMatch=etag)
    s3.copy_object(**same, CopySourceIfModifiedSince=past)
    refused(s3.copy_object, "PreconditionFailed", 412, **same, CopySourceIfMatch='"0"')
    refused(s3.copy_object, "PreconditionFailed", 412, **same, CopySourceIfNoneMatch=etag)
    refused(s3.copy_object, "PreconditionFailed", 412, **same, CopySourceIfUnmodifiedSince=past)


def test_many_keys_are_deleted_at_once(s3, bucket):
    for i in range(12):
        s3.put_object(Bucket=bucket, Key=f"k{i}", Body=b"")
    keys = [{"Key": f"k{i}"} for i in range(10)] + [{"Key": "never"}]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
    assert sorted(d["Key"] for d in answer["Deleted"]) == sorted(k["Key"] for k in keys)
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k10"}], "Quiet": True})
    assert "Deleted" not in answer and "Errors" not in answer
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k11", "VersionId": "abc"}]})
    assert answer["Errors"][0]["Code"] == "NoSuchVersion"
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["k11"]
    refused(s3.delete_objects, "MalformedXML", 400, Bucket=bucket, Delete={"Objects": [{"Key": str(i)} for i in range(1001)]})


def test_deleting_nothing_is_success(s3, bucket):
    assert s3.delete_object(Bucket=bucket, Key="never")["ResponseMetadata"]["HTTPStatusCode"] == 204
    refused(s3.get_object, "NoSuchKey", 404, Bucket=bucket, Key="never")
    refused(s3.delete_object, "NoSuchBucket", 404, Bucket="no-such-" + bucket, Key="k")


# --- lists ---

KEYS = ["a", "b/1", "b/2", "b/c/3", "b0", "c/", "d d/ü+1", "z"]


@pytest.fixture
def filled(s3, bucket):
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    return bucket


@pytest.mark.parametrize("api", ["list_objects", "list_objects_v2", "list_object_versions"])
@pytest.mark.parametrize("page", [1, 2, 3, 1000])
@pytest.mark.parametrize("prefix,delimiter", [("", ""), ("", "/"), ("b", "/"), ("b/", "/"), ("b/", ""), ("", "c"), ("x", "/"), ("d d/", "/")])
def test_pages_of_every_size_list_the_same(s3, filled, api, page, prefix, delimiter):
    keys, prefixes = [], []
    for k in KEYS:
        if k.startswith(prefix):
            at = k.find(delimiter, len(prefix)) if delimiter else -1
            if at < 0:
                keys.append(k)
            elif k[:at + len(delimiter)] not in prefixes:
                prefixes.append(k[:at + len(delimiter)])
    arguments = {"Bucket": filled, "Prefix": prefix, "PaginationConfig": {"PageSize": page}}
    if delimiter:
        arguments["Delimiter"] = delimiter
    got_keys, got_prefixes = [], []
    for answer in s3.get_paginator(api).paginate(**arguments):
        entries = answer.get("Versions" if api == "list_object_versions" else "Contents", [])
        common = answer.get("CommonPrefixes", [])
        assert len(entries) + len(common) <= page
        if api == "list_objects_v2":
            assert answer["KeyCount"] == len(entries) + len(common)
        got_keys += [e["Key"] for e in entries]
        got_prefixes += [c["Prefix"] for c in common]
    assert (got_keys, got_prefixes) == (keys, prefixes)


def test_a_list_says_what_its_objects_are(s3, filled):
    entry = s3.list_objects_v2(Bucket=filled, FetchOwner=True, MaxKeys=1)["Contents"][0]
    head = s3.head_object(Bucket=filled, Key="a")
    assert entry["ETag"] == head["ETag"] and entry["Size"] == 1 and entry["StorageClass"] == "STANDARD"
    assert entry["LastModified"].replace(microsecond=0) == head["LastModified"] and len(entry["Owner"]["ID"]) == 64
    assert "Owner" not in s3.list_objects_v2(Bucket=filled)["Contents"][0]
    version = s3.list_object_versions(Bucket=filled)["Versions"][0]
    assert version["VersionId"] == "null" and version["IsLatest"] is True


def test_a_list_starts_after_a_key(s3, filled):
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=filled, StartAfter="b/c")["Contents"]] == KEYS[3:]
    assert [o["Key"] for o in s3.list_objects(Bucket=filled, Marker="b0")["Contents"]] == KEYS[5:]
    assert "Contents" not in s3.list_objects_v2(Bucket=filled, MaxKeys=0)
    refused(s3.list_objects_v2, "InvalidArgument", 400, Bucket=filled, ContinuationToken="!")
    refused(s3.list_objects_v2, "InvalidArgument", 400, Bucket=filled, MaxKeys=-1)
    refused(s3.list_objects_v2, "NoSuchBucket", 404, Bucket="no-such-" + filled)


# --- multipart ---

def parts_of(s3, bucket, key, bodies, order=None, **options):
    algorithm = {k: v for k, v in options.items() if k == "ChecksumAlgorithm"}
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key, **options)["UploadId"]
    done = {}
    for i in order or range(1, len(bodies) + 1):
        done[i] = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=i, Body=bodies[i - 1], **algorithm)
    return upload, [{"PartNumber": i, **{k: v for k, v in done[i].items() if k == "ETag" or k.startswith("Checksum")}}
                    for i in sorted(done)]


def test_an_upload_in_parts_arrives_in_any_order(s3, bucket):
    bodies = [os.urandom(5 * MIB), os.urandom(5 * MIB + 3), os.urandom(11)]
    upload, parts = parts_of(s3, bucket, "k", bodies, order=[3, 1, 2], ContentType="text/x", Metadata={"a": "b"})
    assert [u["UploadId"] for u in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == [upload]
    listed = s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)["Parts"]
    assert [(p["PartNumber"], p["Size"], p["ETag"]) for p in listed] == [
        (p["PartNumber"], len(b), p["ETag"]) for p, b in zip(parts, bodies)]
    refused(s3.head_object, "404", 404, Bucket=bucket, Key="k")
    answer = s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    etag = hashlib.md5(b"".join(hashlib.md5(b).digest() for b in bodies)).hexdigest()
    assert answer["ETag"] == f'"{etag}-3"'
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == b"".join(bodies) and got["ContentType"] == "text/x" and got["Metadata"] == {"a": "b"}
    second = s3.get_object(Bucket=bucket, Key="k", PartNumber=2)
    assert second["Body"].read() == bodies[1] and second["PartsCount"] == 3
    assert s3.head_object(Bucket=bucket, Key="k", PartNumber=3)["ContentLength"] == 11
    refused(s3.get_object, "InvalidPartNumber", 416, Bucket=bucket, Key="k", PartNumber=4)
    refused(s3.complete_multipart_upload, "NoSuchUpload", 404, Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    attributes = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ETag", "ObjectSize", "ObjectParts"])
    assert attributes["ObjectSize"] == sum(map(len, bodies)) and attributes["ObjectParts"]["TotalPartsCount"] == 3


def test_a_wrong_list_of_parts_is_refused(s3, bucket):
    upload, parts = parts_of(s3, bucket, "k", [b"x" * 100, b"y" * 100, b"z"])
    def complete(parts):
        return dict(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    refused(s3.complete_multipart_upload, "EntityTooSmall", 400, **complete(parts))
    refused(s3.complete_multipart_upload, "InvalidPartOrder", 400, **complete(parts[::-1]))
    refused(s3.complete_multipart_upload, "InvalidPart", 400, **complete([{"PartNumber": 9, "ETag": parts[0]["ETag"]}]))
    refused(s3.complete_multipart_upload, "InvalidPart", 400, **complete([{"PartNumber": 1, "ETag": parts[1]["ETag"]}]))
    refused(s3.complete_multipart_upload, "MalformedXML", 400, Bucket=bucket, Key="k", UploadId=upload)
    refused(s3.upload_part, "InvalidArgument", 400, Bucket=bucket, Key="k", UploadId=upload, PartNumber=10001, Body=b"")
    refused(s3.upload_part, "NoSuchUpload", 404, Bucket=bucket, Key="k", UploadId="0" * 32, PartNumber=1, Body=b"")
    s3.complete_multipart_upload(**complete(parts[2:]))
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"z"


def test_an_aborted_upload_is_gone(s3, bucket):
    upload, _ = parts_of(s3, bucket, "k", [b"x"])
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    refused(s3.list_parts, "NoSuchUpload", 404, Bucket=bucket, Key="k", UploadId=upload)
    refused(s3.abort_multipart_upload, "NoSuchUpload", 404, Bucket=bucket, Key="k", UploadId=upload)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_uploads_and_parts_are_listed_in_pages(s3, bucket):
    for key in ("a", "b/1", "b/2", "b/2", "c"):
        s3.create_multipart_upload(Bucket=bucket, Key=key)
    pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
    assert [u["Key"] for page in pages for u in page["Uploads"]] == ["a", "b/1", "b/2", "b/2", "c"]
    answer = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert [c["Prefix"] for c in answer["CommonPrefixes"]] == ["b/"] and [u["Key"] for u in answer["Uploads"]] == ["a", "c"]
    upload, _ = parts_of(s3, bucket, "p", [b"1"] * 5)
    pages = s3.get_paginator("list_parts").paginate(Bucket=bucket, Key="p", UploadId=upload, PaginationConfig={"PageSize": 2})
    assert [p["PartNumber"] for page in pages for p in page["Parts"]] == [1, 2, 3, 4, 5]


def test_parts_can_be_copied_from_objects(s3, bucket):
    data = os.urandom(6 * MIB)
    etag = s3.put_object(Bucket=bucket, Key="source", Body=data)["ETag"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    same = dict(Bucket=bucket, Key="k", UploadId=upload, CopySource=f"{bucket}/source")
    one = s3.upload_part_copy(**same, PartNumber=1, CopySourceRange=f"bytes=0-{5 * MIB - 1}", CopySourceIfMatch=etag)
    two = s3.upload_part_copy(**same, PartNumber=2)
    refused(s3.upload_part_copy, "InvalidArgument", 400, **same, PartNumber=3, CopySourceRange=f"bytes=0-{6 * MIB}")
    refused(s3.upload_part_copy, "InvalidArgument", 400, **same, PartNumber=3, CopySourceRange="bytes=-5")
    refused(s3.upload_part_copy, "PreconditionFailed", 412, **same, PartNumber=3, CopySourceIfMatch='"0"')
    s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": [
        {"PartNumber": 1, "ETag": one["CopyPartResult"]["ETag"]}, {"PartNumber": 2, "ETag": two["CopyPartResult"]["ETag"]}]})
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == data[:5 * MIB] + data


def test_the_transfer_manager_goes_both_ways_at_once(server, bucket_name, tmp_path):
    s3 = boto3.resource("s3", endpoint_url=server.url, aws_access_key_id=server.access_key,
                        aws_secret_access_key=server.secret_key, config=Config(signature_version="s3v4"))
    bucket = s3.create_bucket(Bucket=bucket_name)
    files = {f"models/{i}.bin": os.urandom(size) for i, size in enumerate([10, 200_000, 20 * MIB + 1])}
    for name, data in files.items():
        (tmp_path / "in").write_bytes(data)
        bucket.upload_file(str(tmp_path / "in"), name)
    assert {o.key: o.size for o in bucket.objects.filter(Prefix="models/")} == {k: len(v) for k, v in files.items()}
    for name, data in files.items():
        bucket.download_file(name, str(tmp_path / "out"))
        assert (tmp_path / "out").read_bytes() == data
    s3.Bucket(bucket_name).copy({"Bucket": bucket_name, "Key": "models/2.bin"}, "copied")
    assert s3.Object(bucket_name, "copied").content_length == 20 * MIB + 1
    bucket.objects.all().delete()
    bucket.delete()


# --- checksums ---

def checksum(algorithm, data):
    if algorithm == "CRC32":
        return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
    if algorithm.startswith("SHA"):
        return base64.b64encode(hashlib.new(algorithm.lower(), data).digest()).decode()
    return None


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_a_checksum_is_checked_kept_and_returned(server, bucket, algorithm, tls):
    s3 = boto3.client("s3", endpoint_url=server.url.replace("http", "https") if tls else server.url, verify=server.ca,
                      aws_access_key_id=server.access_key, aws_secret_access_key=server.secret_key, region_name="us-east-1")
    data, field = os.urandom(300_000), f"Checksum{algorithm}"
    assert s3.put_object(Bucket=bucket, Key="k", Body=data, ChecksumAlgorithm=algorithm)[field] == checksum(algorithm, data)
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == data and got[field] == checksum(algorithm, data) and got["ChecksumType"] == "FULL_OBJECT"
    assert field not in s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED", Range="bytes=0-4")
    wrong = checksum(algorithm, b"other")
    refused(s3.put_object, "BadDigest", 400, Bucket=bucket, Key="bad", Body=data, **{field: wrong})
    refused(s3.head_object, "404", 404, Bucket=bucket, Key="bad")
    attributes = s3.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["Checksum"])
    assert attributes["Checksum"][field] == checksum(algorithm, data)


def test_crc32c_and_crc64nvme_given_by_the_client_are_checked(s3, bucket):
    # the check values of "123456789"
    for field, value in [("ChecksumCRC32C", "e3069283"), ("ChecksumCRC64NVME", "ae8b14860a799888")]:
        text = base64.b64encode(bytes.fromhex(value)).decode()
        assert s3.put_object(Bucket=bucket, Key="k", Body=b"123456789", **{field: text})[field] == text
        refused(s3.put_object, "BadDigest", 400, Bucket=bucket, Key="k", Body=b"12345678", **{field: text})


def test_checksums_of_parts_make_one_of_the_whole(s3, bucket):
    bodies = [os.urandom(5 * MIB), os.urandom(77)]
    upload, parts = parts_of(s3, bucket, "k", bodies, ChecksumAlgorithm="SHA256")
    answer = s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    whole = base64.b64encode(hashlib.sha256(b"".join(hashlib.sha256(b).digest() for b in bodies)).digest()).decode() + "-2"
    assert (answer["ChecksumSHA256"], answer["ChecksumType"]) == (whole, "COMPOSITE")
    assert s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")["ChecksumSHA256"] == whole
    upload, parts = parts_of(s3, bucket, "f", bodies, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    crc = checksum("CRC32", b"".join(bodies))
    same = dict(Bucket=bucket, Key="f", UploadId=upload, MultipartUpload={"Parts": parts}, ChecksumType="FULL_OBJECT")
    refused(s3.complete_multipart_upload, "BadDigest", 400, **same, ChecksumCRC32=checksum("CRC32", b"other"))
    answer = s3.complete_multipart_upload(**same, ChecksumCRC32=crc)
    assert (answer["ChecksumCRC32"], answer["ChecksumType"]) == (crc, "FULL_OBJECT")
    refused(s3.create_multipart_upload, "InvalidRequest", 400, Bucket=bucket, Key="x", ChecksumAlgorithm="SHA1", ChecksumType="FULL_OBJECT")


def test_a_copy_can_ask_for_another_checksum(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"hello", Metadata={"m": "1"})
    answer = s3.copy_object(Bucket=bucket, Key="b", CopySource=f"{bucket}/a", ChecksumAlgorithm="SHA256")
    assert answer["CopyObjectResult"]["ChecksumSHA256"] == checksum("SHA256", b"hello")
    got = s3.get_object(Bucket=bucket, Key="b")
    assert got["Body"].read() == b"hello" and got["Metadata"] == {"m": "1"}


def test_a_wrong_md5_is_refused(s3, bucket):
    good = base64.b64encode(hashlib.md5(b"1").digest()).decode()
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", ContentMD5=good)
    refused(s3.put_object, "BadDigest", 400, Bucket=bucket, Key="k", Body=b"2", ContentMD5=good)
    refused(s3.put_object, "InvalidDigest", 400, Bucket=bucket, Key="k", Body=b"2", ContentMD5="bad")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"1"


# --- presigned URLs and virtual hosts ---

def fetch(url, method="GET", data=None, headers=None):
    request = urllib.request.Request(url, method=method, data=data, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as e:
        return e.code, e.read()


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_presigned_urls_put_get_and_expire(server, bucket, version):
    s3 = make_client(server, config={"signature_version": version})
    key = "a b/ü+&.txt"
    put = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key, "ContentType": "text/x"})
    assert fetch(put, "PUT", b"hello", {"Content-Type": "text/x"})[0] == 200
    assert fetch(put, "PUT", b"hello", {"Content-Type": "text/other"})[0] == 403
    get = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key, "ResponseContentType": "a/b"})
    assert fetch(get) == (200, b"hello")
    assert fetch(get, "DELETE")[0] == 403
    assert fetch(get.replace(".txt", ".txu"))[0] == 403
    assert fetch(get.replace("a%2Fb", "a%2Fc"))[0] == 403
    short = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=1)
    time.sleep(2.1)
    status, body = fetch(short)
    assert status == 403 and b"<Code>AccessDenied</Code>" in body and b"expired" in body
    assert fetch(s3.generate_presigned_url("delete_object", Params={"Bucket": bucket, "Key": key}), "DELETE")[0] == 204
    assert fetch(get)[0] == 404


def test_a_bucket_can_stand_in_the_host(server, bucket):
    for version in ("s3v4", "s3"):
        s3 = boto3.client("s3", endpoint_url=f"http://localhost:{server.port}", aws_access_key_id=server.access_key,
                          aws_secret_access_key=server.secret_key, region_name="us-east-1",
                          config=Config(signature_version=version, s3={"addressing_style": "virtual"}))
        url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a/b", "ContentType": "a/b"})
        assert url.startswith(f"http://{bucket}.localhost:{server.port}/a/b")
        plain = url.replace(f"{bucket}.localhost", "127.0.0.1")
        assert fetch(plain, "PUT", b"1", {"Host": f"{bucket}.localhost:{server.port}", "Content-Type": "a/b"})[0] == 200
    assert make_client(server).get_object(Bucket=bucket, Key="a/b")["Body"].read() == b"1"


def test_a_browsers_form_uploads_with_a_signed_policy(s3, bucket):
    def send(post, data, **changed):
        border, lines = "xBORDERx", []
        for name, value in {**post["fields"], **changed}.items():
            lines.append(f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
        lines.append(f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n'
                     "Content-Type: text/plain\r\n\r\n".encode() + data + f"\r\n--{border}--\r\n".encode())
        return fetch(post["url"], "POST", b"".join(lines), {"Content-Type": f"multipart/form-data; boundary={border}"})
    conditions = [["content-length-range", 1, 1000], {"x-amz-meta-who": "me"}, ["starts-with", "$Content-Type", "text/"]]
    fields = {"x-amz-meta-who": "me", "Content-Type": "text/x"}
    post = s3.generate_presigned_post(bucket, "up/${filename}", Fields=dict(fields), Conditions=list(conditions))
    assert send(post, b"--hello\r\n")[0] == 204
    got = s3.get_object(Bucket=bucket, Key="up/f.txt")
    assert got["Body"].read() == b"--hello\r\n" and got["Metadata"] == {"who": "me"} and got["ContentType"] == "text/x"
    assert send(post, b"x" * 1001)[0] == 400
    assert send(post, b"x", **{"x-amz-meta-who": "you"})[0] == 403
    assert send(post, b"x", **{"x-amz-signature": "0" * 64})[0] == 403
    assert send(post, b"x", key="elsewhere")[0] == 403
    assert send(post, b"x", **{"x-amz-meta-more": "1"})[0] == 403
    assert s3.get_object(Bucket=bucket, Key="up/f.txt")["Body"].read() == b"--hello\r\n"
    late = s3.generate_presigned_post(bucket, "late", ExpiresIn=1)
    time.sleep(2.1)
    assert send(late, b"x")[0] == 403
    created = s3.generate_presigned_post(bucket, "c", Fields={"success_action_status": "201"},
                                         Conditions=[{"success_action_status": "201"}])
    status, body = send(created, b"x")
    assert status == 201 and b"<Key>c</Key>" in body


# --- what is not there ---

@pytest.mark.parametrize("call,code", [
    ("get_bucket_policy", "NoSuchBucketPolicy"), ("get_bucket_policy_status", "NoSuchBucketPolicy"),
    ("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration"), ("get_bucket_tagging", "NoSuchTagSet"),
    ("get_object_lock_configuration", "ObjectLockConfigurationNotFoundError"), ("get_bucket_cors", "NoSuchCORSConfiguration"),
    ("get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError"),
    ("get_bucket_replication", "ReplicationConfigurationNotFoundError"), ("get_bucket_website", "NoSuchWebsiteConfiguration"),
    ("get_bucket_ownership_controls", "OwnershipControlsNotFoundError"),
    ("get_public_access_block", "NoSuchPublicAccessBlockConfiguration")])
def test_what_is_not_configured_says_so(s3, bucket, call, code):
    refused(getattr(s3, call), code, 404, Bucket=bucket)
    refused(getattr(s3, call), "NoSuchBucket", 404, Bucket="no-such-" + bucket)


def test_what_is_not_built_is_never_a_success(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    for call, arguments in [
            (s3.put_bucket_versioning, {"VersioningConfiguration": {"Status": "Enabled"}}),
            (s3.put_bucket_policy, {"Policy": "{}"}), (s3.delete_bucket_policy, {}),
            (s3.put_bucket_tagging, {"Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}}),
            (s3.put_bucket_cors, {"CORSConfiguration": {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}}),
            (s3.put_bucket_acl, {"ACL": "public-read"}),
            (s3.put_object_acl, {"Key": "k", "ACL": "public-read"}),
            (s3.put_object_tagging, {"Key": "k", "Tagging": {"TagSet": []}}),
            (s3.delete_object_tagging, {"Key": "k"}),
            (s3.put_object, {"Key": "k", "Body": b"2", "ServerSideEncryption": "AES256"}),
            (s3.put_object, {"Key": "k", "Body": b"2", "Tagging": "a=b"}),
            (s3.restore_object, {"Key": "k", "RestoreRequest": {"Days": 1}})]:
        refused(call, "NotImplemented", 501, Bucket=bucket, **arguments)
    refused(s3.put_object, "AccessControlListNotSupported", 400, Bucket=bucket, Key="k", Body=b"2", ACL="public-read")
    refused(s3.put_object, "InvalidStorageClass", 400, Bucket=bucket, Key="k", Body=b"2", StorageClass="GLACIER")
    refused(s3.get_object, "NoSuchVersion", 404, Bucket=bucket, Key="k", VersionId="abc")
    assert s3.get_object(Bucket=bucket, Key="k", VersionId="null")["Body"].read() == b"1"


def test_defaults_are_told(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    for acl in (s3.get_bucket_acl(Bucket=bucket), s3.get_object_acl(Bucket=bucket, Key="k")):
        assert [g["Permission"] for g in acl["Grants"]] == ["FULL_CONTROL"]
        assert acl["Grants"][0]["Grantee"]["ID"] == acl["Owner"]["ID"]


# --- errors ---

def test_wrong_keys_are_refused(server, bucket):
    for access, secret, code in [(server.access_key, "wrong", "SignatureDoesNotMatch"), ("NOBODY", server.secret_key, "InvalidAccessKeyId")]:
        client = boto3.client("s3", endpoint_url=server.url, aws_access_key_id=access, aws_secret_access_key=secret,
                              region_name="us-east-1", config=Config(signature_version="s3v4"))
        refused(client.put_object, code, 403, Bucket=bucket, Key="k", Body=b"1")
        refused(client.list_buckets, code, 403)
    refused(make_client(server).head_object, "404", 404, Bucket=bucket, Key="k")


def test_any_region_signs(server, bucket):
    client = boto3.client("s3", endpoint_url=server.url, aws_access_key_id=server.access_key, region_name="eu-central-1",
                          aws_secret_access_key=server.secret_key, config=Config(signature_version="s3v4"))
    client.put_object(Bucket=bucket, Key="k", Body=b"1")


def test_an_error_names_its_subject(s3, bucket):
    error = refused(s3.get_object, "NoSuchKey", 404, Bucket=bucket, Key="a b")
    assert error["Error"]["Key"] == "a b" and error["Error"]["BucketName"] == bucket
    assert error["Error"]["Resource"] == f"/{bucket}/a%20b" and len(error["ResponseMetadata"]["RequestId"]) == 16


def test_an_error_says_it_in_the_words_of_aws(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    upload = {"Bucket": bucket, "Key": "p", "UploadId": s3.create_multipart_upload(Bucket=bucket, Key="p")["UploadId"]}
    tags = [s3.upload_part(**upload, PartNumber=n, Body=b"x")["ETag"] for n in (1, 2)]

    def parts(*pairs):
        return {**upload, "MultipartUpload": {"Parts": [{"PartNumber": n, "ETag": tag} for n, tag in pairs]}}

    for call, code, status, arguments, text, detail in (
            (s3.get_object, "NoSuchKey", 404, {"Bucket": bucket, "Key": "none"}, "The specified key does not exist.", None),
            (s3.get_object, "NoSuchBucket", 404, {"Bucket": "not-there", "Key": "k"}, "The specified bucket does not exist", "not-there"),
            (s3.create_bucket, "InvalidBucketName", 400, {"Bucket": "A_b"}, "The specified bucket is not valid.", "3 to 63"),
            (s3.create_bucket, "BucketAlreadyOwnedByYou", 409, {"Bucket": bucket},
             "Your previous request to create the named bucket succeeded and you already own it.", None),
            (s3.delete_bucket, "BucketNotEmpty", 409, {"Bucket": bucket}, "The bucket you tried to delete is not empty", None),
            (s3.put_object, "PreconditionFailed", 412, {"Bucket": bucket, "Key": "k", "IfNoneMatch": "*"},
             "At least one of the pre-conditions you specified did not hold", "exists"),
            (s3.put_object, "KeyTooLongError", 400, {"Bucket": bucket, "Key": "k" * 1025}, "Your key is too long", "1024"),
            (s3.list_parts, "NoSuchUpload", 404, {**upload, "UploadId": "none"}, "The specified upload does not exist.", None),
            (s3.complete_multipart_upload, "InvalidPart", 400, parts((3, tags[0])), "One or more of the specified parts could not be found.", "part 3"),
            (s3.complete_multipart_upload, "InvalidPartOrder", 400, parts((2, tags[1]), (1, tags[0])), "The list of parts was not in ascending order.", "part 1"),
            (s3.complete_multipart_upload, "EntityTooSmall", 400, parts((1, tags[0]), (2, tags[1])),
             "Your proposed upload is smaller than the minimum allowed size", "part 1")):
        error = refused(call, code, status, **arguments)["Error"]
        assert error["Message"].startswith(text), error
        assert detail is None or detail in error["Detail"], error
    s3.abort_multipart_upload(**upload)
