"""What no honest client sends: wrong signatures, tampered and broken bodies, limits, slow clients."""
import base64
import concurrent.futures
import hashlib
import os
import pathlib
import socket
import time
import urllib.parse
import zlib

import pytest
from wire import EMPTY, Answer, Signer, call, exchange

STREAM = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


@pytest.fixture
def bucket(server, bucket_name):
    assert call(server, "PUT", f"/{bucket_name}").status == 200
    return bucket_name


def stored(server, bucket, key="k"):
    answer = call(server, "GET", f"/{bucket}/{key}")
    assert answer.status in (200, 404)
    return answer.body if answer.status == 200 else None


def refuses(answer, status, code):
    assert (answer.status, answer.code) == (status, code), answer


def crc32(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


# --- signatures ---

def test_a_good_request_by_hand_is_taken(server, bucket):
    assert call(server, "PUT", f"/{bucket}/k", body=b"hello").status == 200
    assert stored(server, bucket) == b"hello"


def test_every_bit_of_a_signature_counts(server, bucket):
    for at in (0, 31, 63):
        headers = Signer(server).headers("PUT", f"/{bucket}/k", payload="UNSIGNED-PAYLOAD")
        value = headers["Authorization"]
        where = len(value) - 64 + at
        headers["Authorization"] = value[:where] + ("1" if value[where] == "0" else "0") + value[where + 1:]
        headers["Content-Length"] = "1"
        refuses(exchange(server, "PUT", f"/{bucket}/k", headers, b"x"), 403, "SignatureDoesNotMatch")
    assert stored(server, bucket) is None


@pytest.mark.parametrize("change", ["method", "path", "query", "date", "payload", "host", "header"])
def test_whatever_was_signed_cannot_be_changed(server, bucket, change):
    signer = Signer(server)
    method, path, query, payload = "PUT", f"/{bucket}/k", "", "UNSIGNED-PAYLOAD"
    headers = signer.headers(method, path, query, payload, {"x-amz-meta-a": "1"})
    headers["Content-Length"] = "1"
    if change == "method":
        method = "POST"
    elif change == "path":
        path += "2"
    elif change == "query":
        query = "?partNumber=1"
    elif change == "date":
        headers["x-amz-date"] = headers["x-amz-date"][:-2] + ("1Z" if headers["x-amz-date"][-2] != "1" else "2Z")
    elif change == "payload":
        headers["x-amz-content-sha256"] = UNSIGNED_TRAILER
    elif change == "host":
        headers["Host"] = f"localhost:{server.port}"
    else:
        headers["x-amz-meta-a"] = "2"
    refuses(exchange(server, method, path + query, headers, b"x"), 403, "SignatureDoesNotMatch")
    assert stored(server, bucket) is None


def test_what_matters_must_be_signed(server, bucket):
    signer = Signer(server)
    headers = signer.headers("PUT", f"/{bucket}/k", payload="UNSIGNED-PAYLOAD")
    headers.update({"x-amz-meta-a": "1", "Content-Length": "1"})
    refuses(exchange(server, "PUT", f"/{bucket}/k", headers, b"x"), 403, "AccessDenied")
    headers = signer.headers("PUT", f"/{bucket}/k", payload="UNSIGNED-PAYLOAD", unsigned=("host",))
    headers["Content-Length"] = "1"
    refuses(exchange(server, "PUT", f"/{bucket}/k", headers, b"x"), 403, "AccessDenied")
    assert stored(server, bucket) is None


@pytest.mark.parametrize("offset_s", [-16 * 60, 16 * 60])
def test_an_old_or_early_signature_is_refused(server, bucket, offset_s):
    refuses(call(server, "PUT", f"/{bucket}/k", body=b"x", signer=Signer(server, offset_s)), 403, "RequestTimeTooSkewed")


def test_ten_minutes_of_skew_are_forgiven(server, bucket):
    assert call(server, "PUT", f"/{bucket}/k", body=b"x", signer=Signer(server, -600)).status == 200


def test_nobody_gets_nothing(server, bucket):
    call(server, "PUT", f"/{bucket}/k", body=b"secret")
    for method, target in [("GET", "/"), ("GET", f"/{bucket}"), ("GET", f"/{bucket}/k"), ("HEAD", f"/{bucket}/k"),
                           ("DELETE", f"/{bucket}/k"), ("POST", f"/{bucket}?delete"), ("GET", f"/{bucket}?policy")]:
        answer = exchange(server, method, target, {"Host": server.address})
        assert answer.status == 403 and b"secret" not in answer.body
    answer = exchange(server, "PUT", f"/{bucket}/n", {"Host": server.address, "Content-Length": "1"}, b"x")
    refuses(answer, 403, "AccessDenied")
    form = b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nn\r\n--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n'
    answer = exchange(server, "POST", f"/{bucket}", {"Host": server.address, "Content-Length": str(len(form)),
                                                     "Content-Type": "multipart/form-data; boundary=b"}, form)
    refuses(answer, 403, "AccessDenied")
    assert stored(server, bucket, "n") is None and stored(server, bucket) == b"secret"


@pytest.mark.parametrize("value,status,code", [
    ("AWS4-HMAC-SHA256", 400, "AuthorizationHeaderMalformed"), ("AWS4-HMAC-SHA256 Credential=a", 400, "AuthorizationHeaderMalformed"),
    ("AWS4-ECDSA-P256-SHA256 Credential=a/b", 400, "InvalidRequest"), ("AWS a:b", 400, "InvalidRequest"), ("Bearer x", 400, "InvalidRequest")])
def test_a_malformed_authorization_says_so(server, value, status, code):
    refuses(exchange(server, "GET", "/", {"Host": server.address, "Authorization": value}), status, code)


@pytest.mark.parametrize("change,code", [
    (("X-Amz-Expires=60", "X-Amz-Expires=604801"), "AuthorizationQueryParametersError"),
    (("X-Amz-Expires=60", "X-Amz-Expires=0"), "AuthorizationQueryParametersError"),
    (("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=AWS4-HMAC-SHA1"), "AuthorizationQueryParametersError"),
    (("X-Amz-Expires=60", "X-Amz-Expires=61"), "SignatureDoesNotMatch"), (("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=date"), None)])
def test_a_changed_presigned_url_is_refused(server, bucket, change, code):
    target = Signer(server).presigned("PUT", f"/{bucket}/k")
    assert change[0] in target
    answer = exchange(server, "PUT", target.replace(*change), {"Host": server.address, "Content-Length": "1"}, b"x")
    assert answer.status in (400, 403) and (code is None or answer.code == code)
    assert stored(server, bucket) is None
    assert exchange(server, "PUT", target, {"Host": server.address, "Content-Length": "1"}, b"x").status == 200


# --- bodies ---

def test_a_body_must_be_the_one_that_was_signed(server, bucket):
    refuses(call(server, "PUT", f"/{bucket}/k", body=b"y", payload=hashlib.sha256(b"x").hexdigest()), 400, "XAmzContentSHA256Mismatch")
    big = os.urandom(3 << 20)
    refuses(call(server, "PUT", f"/{bucket}/k", body=big, payload=hashlib.sha256(b"x").hexdigest()), 400, "XAmzContentSHA256Mismatch")
    refuses(call(server, "PUT", f"/{bucket}/k", body=b"y", payload=EMPTY), 400, "XAmzContentSHA256Mismatch")
    headers = Signer(server).headers("PUT", f"/{bucket}/k", payload=None)
    refuses(exchange(server, "PUT", f"/{bucket}/k", {**headers, "Content-Length": "1"}, b"y"), 400, "XAmzContentSHA256Mismatch")
    refuses(call(server, "PUT", f"/{bucket}/k", body=b"y", payload="sure"), 400, "InvalidArgument")
    refuses(call(server, "PUT", f"/{bucket}/k", body=b"y", payload="STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"), 501, "NotImplemented")
    delete = b"<Delete><Object><Key>k</Key></Object></Delete>"
    refuses(call(server, "POST", f"/{bucket}", "delete=", body=delete, payload=hashlib.sha256(b"x").hexdigest()), 400, "XAmzContentSHA256Mismatch")
    assert stored(server, bucket) is None


@pytest.mark.parametrize("size", [100, 200_000, 3 << 20])
def test_a_truncated_body_stores_nothing(server, bucket, size):
    body = os.urandom(size)
    headers = Signer(server).headers("PUT", f"/{bucket}/k", payload=hashlib.sha256(body).hexdigest())
    answer = exchange(server, "PUT", f"/{bucket}/k", {**headers, "Content-Length": str(size)}, body[:-1], half=True)
    assert answer.status in (0, 400)
    assert stored(server, bucket) is None


def streaming(server, bucket, pieces, kind=STREAM, decoded=None, extra=None, signer=None):
    """PUT with aws-chunked framing: `pieces` makes the body from the signer, whose chain has begun."""
    signer = signer or Signer(server)
    size = str(decoded) if decoded is not None else None
    extra = {**({"x-amz-decoded-content-length": size} if size else {}), **(extra or {})}
    headers = signer.headers("PUT", f"/{bucket}/k", payload=kind, extra=extra)
    body = pieces(signer)
    headers.update({"Content-Encoding": "aws-chunked", "Content-Length": str(len(body))})
    return exchange(server, "PUT", f"/{bucket}/k", headers, body, half=True)


@pytest.mark.parametrize("sizes", [[5], [65536, 65536, 10], [1, 2, 3], [200_000], [1 << 20] * 3])
def test_signed_chunks_are_joined(server, bucket, sizes):
    data = [os.urandom(n) for n in sizes]
    answer = streaming(server, bucket, lambda s: b"".join(s.chunk(d) for d in [*data, b""]) + b"\r\n", decoded=sum(sizes))
    assert answer.status == 200, answer
    assert stored(server, bucket) == b"".join(data)
    assert "content-encoding" not in call(server, "HEAD", f"/{bucket}/k").headers


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def test_a_tampered_chunk_stores_nothing(server, bucket):
    def tampered(s):
        return s.chunk(b"a" * 1000) + flip(s.chunk(b"b" * 1000), 500) + s.chunk(b"") + b"\r\n"
    refuses(streaming(server, bucket, tampered, decoded=2000), 403, "SignatureDoesNotMatch")
    def swapped(s):
        one, two = s.chunk(b"a" * 1000), s.chunk(b"b" * 1000)
        return two + one + s.chunk(b"") + b"\r\n"
    refuses(streaming(server, bucket, swapped, decoded=2000), 403, "SignatureDoesNotMatch")
    def unsigned(s):
        return b"5\r\nhello\r\n0\r\n\r\n"
    refuses(streaming(server, bucket, unsigned, decoded=5), 400, "IncompleteBody")
    def large_then_tampered(s):
        return b"".join(s.chunk(os.urandom(1 << 20)) for _ in range(3)) + flip(s.chunk(b"c" * 1000), 400) + s.chunk(b"") + b"\r\n"
    refuses(streaming(server, bucket, large_then_tampered, decoded=(3 << 20) + 1000), 403, "SignatureDoesNotMatch")
    assert stored(server, bucket) is None


@pytest.mark.parametrize("what", ["no end", "wrong size", "bytes after", "short", "bare lf", "length lies", "endless line"])
def test_broken_framing_stores_nothing(server, bucket, what):
    def body(s):
        one = s.chunk(b"hello")
        if what == "no end":
            return one
        if what == "wrong size":
            return one.replace(b"5;", b"4;", 1) + s.chunk(b"") + b"\r\n"
        if what == "bytes after":
            return one + s.chunk(b"") + b"\r\nmore"
        if what == "short":
            return one[:-4]
        if what == "bare lf":
            return one.replace(b"\r\n", b"\n") + s.chunk(b"") + b"\r\n"
        if what == "endless line":
            return b"5;" + b"x" * 100_000
        return one + s.chunk(b"") + b"\r\n"
    answer = streaming(server, bucket, body, decoded=6 if what == "length lies" else 5)
    assert answer.status in (400, 403) and answer.code in ("IncompleteBody", "SignatureDoesNotMatch"), answer
    assert stored(server, bucket) is None


def test_aws_chunked_needs_the_decoded_length(server, bucket):
    refuses(streaming(server, bucket, lambda s: s.chunk(b"") + b"\r\n"), 411, "MissingContentLength")


def test_a_signed_trailer_is_checked(server, bucket):
    kind, announced = STREAM + "-TRAILER", {"x-amz-trailer": "x-amz-checksum-crc32"}
    def body(s, text=None, change=lambda t: t):
        return s.chunk(b"hello") + s.chunk(b"") + change(s.trailer(text or f"x-amz-checksum-crc32:{crc32(b'hello')}"))
    assert streaming(server, bucket, body, kind, 5, announced).status == 200
    assert stored(server, bucket) == b"hello"
    assert call(server, "DELETE", f"/{bucket}/k").status == 204
    refuses(streaming(server, bucket, lambda s: body(s, change=lambda t: t.replace(b"signature:", b"signature:0")[:-1]), kind, 5, announced), 403, "SignatureDoesNotMatch")
    refuses(streaming(server, bucket, lambda s: body(s, f"x-amz-checksum-crc32:{crc32(b'x')}"), kind, 5, announced), 400, "BadDigest")
    refuses(streaming(server, bucket, lambda s: s.chunk(b"hello") + s.chunk(b"") + b"\r\n", kind, 5, announced), 403, "SignatureDoesNotMatch")
    def replaced(s):
        return body(s, change=lambda t: t.replace(crc32(b"hello").encode(), crc32(b"other").encode()))
    refuses(streaming(server, bucket, replaced, kind, 5, announced), 403, "SignatureDoesNotMatch")
    assert stored(server, bucket) is None


def test_an_unsigned_trailer_is_checked_and_its_request_signed(server, bucket):
    announced = {"x-amz-trailer": "x-amz-checksum-crc32"}
    good = f"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:{crc32(b'hello')}\r\n\r\n".encode()
    assert streaming(server, bucket, lambda s: good, UNSIGNED_TRAILER, 5, announced).status == 200
    assert stored(server, bucket) == b"hello"
    assert call(server, "DELETE", f"/{bucket}/k").status == 204
    bad = good.replace(crc32(b"hello").encode(), crc32(b"x").encode())
    refuses(streaming(server, bucket, lambda s: bad, UNSIGNED_TRAILER, 5, announced), 400, "BadDigest")
    refuses(streaming(server, bucket, lambda s: b"5\r\nhello\r\n0\r\n\r\n", UNSIGNED_TRAILER, 5, announced), 400, "MalformedTrailerError")
    wrong = Signer(server)
    wrong.key = b"0" * 32
    refuses(streaming(server, bucket, lambda s: good, UNSIGNED_TRAILER, 5, announced, wrong), 403, "SignatureDoesNotMatch")
    # the same by query: a presigned URL signs its payload's kind, too
    target = Signer(server).presigned("PUT", f"/{bucket}/k")
    headers = {"Host": server.address, "Content-Length": str(len(good)), "Content-Encoding": "aws-chunked",
               "x-amz-content-sha256": UNSIGNED_TRAILER, "x-amz-decoded-content-length": "5", **announced}
    assert exchange(server, "PUT", target, headers, good).status == 403
    assert stored(server, bucket) is None


# --- limits and odd requests ---

def test_a_put_needs_a_length(server, bucket):
    headers = Signer(server).headers("PUT", f"/{bucket}/k", payload="UNSIGNED-PAYLOAD")
    refuses(exchange(server, "PUT", f"/{bucket}/k", headers), 411, "MissingContentLength")
    headers["Transfer-Encoding"] = "chunked"
    refuses(exchange(server, "PUT", f"/{bucket}/k", headers, b"1\r\nx\r\n0\r\n\r\n"), 411, "MissingContentLength")
    assert stored(server, bucket) is None


def test_six_gigabytes_are_refused_before_they_come(server, bucket):
    headers = Signer(server).headers("PUT", f"/{bucket}/k", payload="UNSIGNED-PAYLOAD")
    headers.update({"Content-Length": str(6 << 30), "Expect": "100-continue"})
    refuses(exchange(server, "PUT", f"/{bucket}/k", headers), 400, "EntityTooLarge")


def test_a_large_body_waits_for_its_permission(server, bucket):
    body = os.urandom(2 << 20)
    headers = Signer(server).headers("PUT", f"/{bucket}/k", payload="UNSIGNED-PAYLOAD", extra={"Content-Length": str(len(body)), "Expect": "100-continue"})
    with socket.create_connection((server.host, server.port), timeout=10) as s:
        s.sendall(("\r\n".join([f"PUT /{bucket}/k HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]) + "\r\n\r\n").encode())
        assert s.recv(100).startswith(b"HTTP/1.1 100 Continue")
        s.sendall(body)
        assert Answer(s.recv(4096)).status == 200
    headers["Authorization"] = headers["Authorization"][:-1] + "x"
    refuses(exchange(server, "PUT", f"/{bucket}/k", headers), 403, "SignatureDoesNotMatch")
    assert stored(server, bucket) == body


@pytest.mark.parametrize("body", [
    b"", b"<", b"<Delete>", b"<Other/>", b"<Delete/>", b"<Delete><Object/></Delete>", b"not xml",
    b'<!DOCTYPE a [<!ENTITY b "c">]><Delete><Object><Key>&b;</Key></Object></Delete>',
    b"<Delete>" + b"<a>" * 1000 + b"</a>" * 1000 + b"</Delete>",
    b"<Delete>" + b"<Object><Key>k</Key></Object>" * 1001 + b"</Delete>"])
def test_a_broken_document_is_malformed(server, bucket, body):
    call(server, "PUT", f"/{bucket}/k", body=b"x")
    refuses(call(server, "POST", f"/{bucket}", "delete=", body=body), 400, "MalformedXML")
    assert stored(server, bucket) == b"x"


def test_a_document_over_four_megabytes_is_too_large(server, bucket):
    refuses(call(server, "POST", f"/{bucket}", "delete=", body=b"<Delete>" + b" " * (5 << 20) + b"</Delete>"), 400, "EntityTooLarge")


@pytest.mark.parametrize("path", ["%zz", "a%", "%ff", "%c0%80", "a%ed%a0%80"])
def test_a_key_that_is_not_utf8_is_refused(server, bucket, path):
    headers = Signer(server).headers("GET", f"/{bucket}/{path}")
    refuses(exchange(server, "GET", f"/{bucket}/{path}", headers), 400, "InvalidURI")


def test_a_slash_that_is_encoded_belongs_to_the_key(server, bucket):
    # what the client signs is decoded and encoded once: "%2F" is signed as "/"
    path = f"/{bucket}/a%2Fb"
    headers = Signer(server).headers("PUT", f"/{bucket}/a/b", payload="UNSIGNED-PAYLOAD", extra={"Content-Length": "1"})
    assert exchange(server, "PUT", path, headers, b"x").status == 200
    assert stored(server, bucket, "a/b") == b"x"


@pytest.mark.parametrize("method,path,query", [("POST", "k", ""), ("POST", "", ""), ("PATCH", "k", ""), ("DELETE", None, ""), ("PUT", None, "")])
def test_other_methods_are_not_allowed(server, bucket, method, path, query):
    answer = call(server, method, "/" if path is None else f"/{bucket}/{path}", query)
    refuses(answer, 405, "MethodNotAllowed")


def test_health_and_preflight_need_no_key(server):
    host = {"Host": server.address}
    for check in ("live", "ready", "cluster", "cluster/read"):
        assert exchange(server, "GET", f"/minio/health/{check}", host).status == 200
    answer = exchange(server, "OPTIONS", "/b/k", {**host, "Origin": "http://a.example", "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-amz-date"})
    assert answer.status == 204 and answer.headers["access-control-allow-origin"] == "http://a.example"
    assert answer.headers["access-control-allow-methods"] == "put" and answer.headers["access-control-allow-headers"] == "x-amz-date"
    answer = exchange(server, "GET", "/", {**host, "Origin": "http://a.example"})
    assert answer.status == 403 and answer.headers["access-control-allow-origin"] == "http://a.example"


def test_metadata_cannot_make_headers(server, bucket):
    assert call(server, "PUT", f"/{bucket}/k", body=b"", extra={"x-amz-meta-a": "1\tb", "Content-Type": "a/b"}).status == 200
    answer = call(server, "GET", f"/{bucket}/k", "response-content-type=" + urllib.parse.quote("a/b\r\nX-Evil: 1"))
    assert answer.status == 200 and "x-evil" not in answer.headers and answer.headers["x-amz-meta-a"] == "1 b"


def test_a_range_counts_only_for_the_object_it_was_meant_for(server, bucket):
    etag = call(server, "PUT", f"/{bucket}/k", body=b"hello").headers["etag"]
    for value, status in [(etag, 206), ('"0"', 200), ("Thu, 01 Jan 1970 00:00:00 GMT", 200)]:
        answer = call(server, "GET", f"/{bucket}/k", extra={"Range": "bytes=1-2", "If-Range": value})
        assert (answer.status, answer.body) == (status, b"el" if status == 206 else b"hello")


def test_damage_on_disk_is_never_a_whole_answer(server, bucket):
    body = os.urandom(1 << 20)
    for at, status in [(10, 500), (700_000, 200)]:
        assert call(server, "PUT", f"/{bucket}/k", body=body).status == 200
        digest = hashlib.sha256(body).hexdigest()
        file = next(pathlib.Path(server.data, "blobs", digest[:2]).glob(f"{digest[2:]}-*"))
        with open(file, "r+b") as f:
            f.seek(at)
            f.write(bytes([body[at] ^ 1]))
        answer = call(server, "GET", f"/{bucket}/k")
        assert answer.status == status and len(answer.body) < len(body)
        assert answer.code == "InternalError" if status == 500 else body.startswith(answer.body)
        if status == 200:
            assert call(server, "GET", f"/{bucket}/k", extra={"Range": "bytes=0-99"}).body == body[:100]
        assert call(server, "DELETE", f"/{bucket}/k").status == 204
        while file.exists():
            time.sleep(0.01)


def test_expected_owner_is_checked(server, bucket):
    assert call(server, "GET", f"/{bucket}", extra={"x-amz-expected-bucket-owner": "0" * 12}).status == 403


# --- slow and many ---

def test_many_slow_clients_leave_the_others_alone(server, bucket):
    """Small bodies that come a byte at a time hold no worker; requests beside them are answered at once."""
    headers = Signer(server).headers("PUT", f"/{bucket}/slow", payload="UNSIGNED-PAYLOAD", extra={"Content-Length": "100000"})
    head = ("\r\n".join([f"PUT /{bucket}/slow HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]) + "\r\n\r\n").encode()
    slow = [socket.create_connection((server.host, server.port), timeout=10) for _ in range(200)]
    try:
        for s in slow:
            s.sendall(head)
        for _ in range(3):
            for s in slow:
                s.sendall(b"x")
            start = time.monotonic()
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                answers = list(pool.map(lambda i: call(server, "PUT", f"/{bucket}/k{i}", body=b"1" * 1000).status, range(40)))
            assert answers == [200] * 40
            print(f"40 puts beside 200 slow clients: {time.monotonic() - start:.3f} s")
    finally:
        for s in slow:
            s.close()
    assert stored(server, bucket, "slow") is None
