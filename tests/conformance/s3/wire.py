"""Requests by hand over a socket, with signatures of our own making, so that each part of one can be wrong."""
import hashlib
import hmac
import re
import socket
import urllib.parse
from datetime import datetime, timedelta, timezone

EMPTY = hashlib.sha256(b"").hexdigest()


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Signer:
    """Version 4 over a method, path and headers; remembers what a chain of chunk signatures starts from."""

    def __init__(self, server, offset_s=0):
        self.server = server
        self.date = (datetime.now(timezone.utc) + timedelta(seconds=offset_s)).strftime("%Y%m%dT%H%M%SZ")
        self.scope = f"{self.date[:8]}/us-east-1/s3/aws4_request"
        key = f"AWS4{server.secret_key}".encode()
        for part in self.scope.split("/"):
            key = mac(key, part)
        self.key = key
        self.signature = None

    def sign(self, text):
        return mac(self.key, text).hex()

    def canonical(self, method, path, query, headers, signed, payload):
        pairs = sorted((urllib.parse.quote(k, safe="-._~"), urllib.parse.quote(v, safe="-._~"))
                       for k, v in urllib.parse.parse_qsl(query, keep_blank_values=True))
        lower = {k.lower(): v for k, v in headers.items()}
        lines = [method, path, "&".join(f"{k}={v}" for k, v in pairs), *(f"{h}:{lower[h]}" for h in signed), "", ";".join(signed), payload]
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        return f"AWS4-HMAC-SHA256\n{self.date}\n{self.scope}\n{digest}"

    def headers(self, method, path, query="", payload=EMPTY, extra=None, unsigned=()):
        headers = {"Host": self.server.address, "x-amz-date": self.date, **({"x-amz-content-sha256": payload} if payload else {}), **(extra or {})}
        signed = sorted(h.lower() for h in headers if h.lower() not in unsigned and h.lower() not in ("content-length", "expect", "transfer-encoding"))
        self.signature = self.sign(self.canonical(method, path, query, headers, signed, payload or EMPTY))
        headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.server.access_key}/{self.scope}, "
                                    f"SignedHeaders={';'.join(signed)}, Signature={self.signature}")
        return headers

    def presigned(self, method, path, query="", payload="UNSIGNED-PAYLOAD", expires=60):
        all_of = urllib.parse.urlencode([*urllib.parse.parse_qsl(query, keep_blank_values=True), ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
                                         ("X-Amz-Credential", f"{self.server.access_key}/{self.scope}"), ("X-Amz-Date", self.date),
                                         ("X-Amz-Expires", str(expires)), ("X-Amz-SignedHeaders", "host")])
        text = self.canonical(method, path, all_of, {"Host": self.server.address}, ["host"], payload)
        self.signature = self.sign(text)
        return f"{path}?{all_of}&X-Amz-Signature={self.signature}"

    def chunk(self, data, size=None):
        """One signed chunk; the next one's signature builds on it."""
        self.signature = self.sign(f"AWS4-HMAC-SHA256-PAYLOAD\n{self.date}\n{self.scope}\n{self.signature}\n{EMPTY}\n{hashlib.sha256(data).hexdigest()}")
        head = f"{len(data) if size is None else size:x};chunk-signature={self.signature}\r\n".encode()
        return head + data + (b"\r\n" if data else b"")

    def trailer(self, text):
        """Signed trailer fields, "name:value", after the last chunk."""
        self.signature = self.sign(f"AWS4-HMAC-SHA256-TRAILER\n{self.date}\n{self.scope}\n{self.signature}\n{hashlib.sha256((text + chr(10)).encode()).hexdigest()}")
        return f"{text}\r\nx-amz-trailer-signature:{self.signature}\r\n\r\n".encode()


class Answer:
    def __init__(self, data):
        head, _, self.body = data.partition(b"\r\n\r\n")
        while head.startswith(b"HTTP/1.1 100"):
            head, _, self.body = self.body.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1]) if head else 0
        self.headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        code = re.search(rb"<Code>(\w+)</Code>", self.body)
        self.code = code.group(1).decode() if code else None

    def __repr__(self):
        return f"{self.status} {self.code} {self.body[:200]}"


def exchange(server, method, target, headers, body=b"", close=True, half=False, timeout=30):
    """Sends one request, reads until the server closes. `half`: our side is closed after the body."""
    with socket.create_connection((server.host, server.port), timeout=timeout) as s:
        lines = [f"{method} {target} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
        if close:
            lines.append("Connection: close")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        try:
            s.sendall(head + body)
            if half:
                s.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass
        data = b""
        try:
            while piece := s.recv(1 << 16):
                data += piece
        except ConnectionError:
            pass
        return Answer(data)


def call(server, method, path, query="", body=b"", payload=None, extra=None, signer=None, **options):
    """A good request but for what the arguments change."""
    signer = signer or Signer(server)
    payload = payload or hashlib.sha256(body).hexdigest()
    headers = signer.headers(method, path, query, payload, extra)
    if body or method in ("PUT", "POST"):
        headers.setdefault("Content-Length", str(len(body)))
    return exchange(server, method, f"{path}?{query}" if query else path, headers, body, **options)
