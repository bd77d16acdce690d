"""Reading the recordings of a real API server: NAME.http files, one command each, and whole documents.

A file has what a person typed and saw, then blocks "### N": the request's lines begin with "> ", the answer's with
"< ", bodies stand below them. A body that was too long ends in "… (cut: N bytes in all)"; bytes that are no text are
quoted at their start.
"""
import ast
import json
import re
from urllib.parse import parse_qsl, urlsplit

CUT = re.compile(r"… \(cut: (\d+) bytes in all\)")
BYTES = re.compile(r'^\((\d+) bytes that are not text, starting "(.*)"\)$', re.S)


class Body:
    """One body: `documents` when it is JSON (several in a watch), `raw` when every byte of it is known, else `cut`."""

    def __init__(self, text):
        self.text = text
        self.cut = bool(CUT.search(text))
        self.raw = None
        m = BYTES.match(text)
        if m:
            raw = ast.literal_eval('b"' + "".join(c if ord(c) < 128 else "".join(f"\\x{b:02x}" for b in c.encode())
                                                 for c in m[2]) + '"')
            self.cut = len(raw) != int(m[1])
            self.raw = None if self.cut else raw
            self.documents = []
            return
        self.raw = text.encode()
        self.documents = []
        if not self.cut:
            try:
                self.documents = list(documents(text))
            except ValueError:
                pass


def documents(text):
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        doc, at = decoder.raw_decode(text, at)
        yield doc


class Exchange:
    def __init__(self, name, number, request, request_headers, request_body, status, headers, body):
        self.name = f"{name}#{number}"
        self.method, self.target = request.split(" ", 1)
        self.headers = request_headers
        self.request = request_body
        self.status = status
        self.answer_headers = headers
        self.answer = body
        split = urlsplit(self.target)
        self.path, self.query = split.path, dict(parse_qsl(split.query, keep_blank_values=True))
        self.at = Path(self.path)

    @property
    def document(self):
        return self.answer.documents[0] if len(self.answer.documents) == 1 else None

    @property
    def watch(self):
        return self.query.get("watch", "").lower() in ("1", "true")


class Path:
    """/api/v1/namespaces/NS/pods/NAME/status, taken apart; kind of thing None when it is no object's path."""

    def __init__(self, path):
        self.group = self.version = self.namespace = self.plural = self.name = self.sub = None
        parts = path.strip("/").split("/")
        if parts[0] == "api" and len(parts) > 2:
            self.group, self.version, parts = "", parts[1], parts[2:]
        elif parts[0] == "apis" and len(parts) > 3:
            self.group, self.version, parts = parts[1], parts[2], parts[3:]
        else:
            return
        if parts[0] == "namespaces" and len(parts) > 2 and parts[2] not in ("status", "finalize"):
            self.namespace, parts = parts[1], parts[2:]
        self.plural = parts[0]
        self.name = parts[1] if len(parts) > 1 else None
        self.sub = "/".join(parts[2:]) or None

    def collection(self, namespace=None):
        root = "/api/" + self.version if not self.group else f"/apis/{self.group}/{self.version}"
        namespace = namespace or self.namespace
        return f"{root}/namespaces/{namespace}/{self.plural}" if namespace else f"{root}/{self.plural}"


def headers_and_body(lines, mark):
    head, body = [], []
    for line in lines:
        if line.startswith(mark) and not body:
            head.append(line[2:])
        else:
            body.append(line)
    return head, "\n".join(body).strip("\n")


def read(path):
    """Every exchange of a recording; requests without an answer, and those cut from the file, are left out."""
    text = path.read_text(errors="surrogateescape")
    for block in re.split(r"\n### ", "\n" + text)[1:]:
        number, _, block = block.partition("\n")
        lines = block.split("\n")
        at = next((i for i, line in enumerate(lines) if re.match(r"< \d{3} ", line)), None)
        if at is None:
            continue
        request, request_body = headers_and_body(lines[:at], "> ")
        answer, answer_body = headers_and_body(lines[at:], "< ")
        if not request or not re.match(r"[A-Z]+ /", request[0]):
            continue
        pairs = lambda head: {k.strip(): v.strip() for k, _, v in (line.partition(":") for line in head)}
        yield Exchange(path.name, number.strip(), request[0], pairs(request[1:]), Body(request_body),
                       int(answer[0].split()[0]), pairs(answer[1:]), Body(answer_body))
