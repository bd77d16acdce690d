#!/usr/bin/env python3
"""Replays recordings of a real API server (with KServe's controller) against ours and compares the parsed answers.

    replay.py APISERVER FOLDER [FILTER...]

Each request is replayed alone, on a fresh server: what it needs to find (the object a PATCH changes, the items a list
shows) is put there first, as the recordings show it, with its managedFields. Then the very request is sent: method,
target, headers, body. Status code and parsed answer must agree but for what must differ:
- uids, resourceVersions, times of the server, addresses, generated names, tokens; descriptions of columns (ours are our own)
- generation: it must have grown by as much as in the recording
- what this project decides otherwise, in DELIBERATE below, each with its reason
Answers that the recording cut, or quotes as bytes, are compared by status code and content type. Prints PASS, FAIL and
SKIP lines; a SKIP names its reason.
"""
import copy
import json
import pathlib
import re
import sys

import recording
from server import Server

# ---- what must differ ----

PLACE = "…"
SERVER_TIMES = {"creationTimestamp", "deletionTimestamp", "expirationTimestamp", "time"}
ADDRESSES = {"clusterIP", "clusterIPs"}

# A Warning that only ours has: what is stored but not acted on is said (no silent acceptance).
OUR_WARNINGS = re.compile(r": the object is stored and |not evaluated|not served yet")
SYSTEM = ("default", "kube-system", "kube-public", "kube-node-lease")


def deliberate(doc):
    """What DESIGN decides otherwise than the KServe of the recordings: the defaults that seed 004 prints are filled in
    (name, protocolVersion, runtimeVersion, resources, the finalizer), the annotations of newer KServe are not."""
    meta = doc.get("metadata", {})
    if isinstance(meta, dict) and meta.get("finalizers") == ["inferenceservice.finalizers"]:
        del meta["finalizers"]
    if doc.get("kind") != "InferenceService":
        return
    for annotation in ("modelFormat", "serving.kserve.io/deploymentMode"):
        meta.get("annotations", {}).pop(annotation, None)
    if not meta.get("annotations", True):
        meta.pop("annotations")
    for part in doc.get("spec", {}).values():
        for spec in part.values() if isinstance(part, dict) else ():
            if isinstance(spec, dict):
                for field in ("name", "protocolVersion", "runtimeVersion", "resources"):
                    spec.pop(field, None)
    for entry in meta.get("managedFields", []):
        for part in entry.get("fieldsV1", {}).get("f:spec", {}).values():
            for spec in part.values():
                for field in ("f:name", "f:protocolVersion", "f:runtimeVersion", "f:resources"):
                    spec.pop(field, None)


def normalised(doc, key=None):
    """A copy in which everything that must differ is a placeholder."""
    if isinstance(doc, dict):
        out = {}
        for k, v in doc.items():
            if k in ("ownerReferences", "f:ownerReferences"):
                continue  # seeded objects have no owner: the collector would take them away
            if k in ("uid", "resourceVersion", "selfLink", "token") or k in SERVER_TIMES and isinstance(v, str):
                v = PLACE
            elif k in ADDRESSES:
                v = PLACE if isinstance(v, str) else [PLACE]
            elif k == "generation" and isinstance(v, int):
                v = PLACE
            elif k == "continue" and v or k == "name" and "generateName" in doc:
                v = PLACE
            elif k == "managedFields":  # ordered by time
                v = sorted(normalised(v, k), key=lambda e: (e["operation"], e["manager"], e.get("subresource", "")))
            else:
                v = normalised(v, k)
            out[k] = v
        deliberate(out)
        return out
    if isinstance(doc, list):
        return [normalised(v, key) for v in doc]
    if isinstance(doc, str) and re.fullmatch(r"kube-api-access-[a-z0-9]{5}", doc):
        return "kube-api-access-" + PLACE
    if isinstance(doc, str) and key in ("kubectl.kubernetes.io/last-applied-configuration",):
        return json.dumps(json.loads(doc), sort_keys=True)
    return doc


def differences(want, got, path=""):
    if type(want) is not type(got) and not (isinstance(want, (int, float)) and isinstance(got, (int, float))):
        yield f"{path or '.'}: {brief(want)} here {brief(got)}"
    elif isinstance(want, dict):
        for k in want.keys() | got.keys():
            if k not in got:
                yield f"{path}.{k}: {brief(want[k])} missing here"
            elif k not in want:
                yield f"{path}.{k}: only here: {brief(got[k])}"
            else:
                yield from differences(want[k], got[k], f"{path}.{k}")
    elif isinstance(want, list):
        if len(want) != len(got):
            yield f"{path}: {len(want)} items {brief(want)}, here {len(got)} {brief(got)}"
        for i, (a, b) in enumerate(zip(want, got)):
            yield from differences(a, b, f"{path}[{i}]")
    elif want != got:
        yield f"{path}: {brief(want)} here {brief(got)}"


def brief(v, most=300):
    text = json.dumps(v, sort_keys=True, ensure_ascii=False)
    return text if len(text) <= most else text[:most] + "…"


# ---- what stands in the recordings ----

class World:
    """Whole objects by run (with and without KServe's controllers), path and resourceVersion."""

    def __init__(self):
        self.objects = {}

    def learn(self, run, exchange):
        if exchange.method == "DELETE":
            return
        for doc in exchange.answer.documents:
            for item in self.items(doc):
                self.add(run, exchange.at, item)

    @staticmethod
    def items(doc):
        if not isinstance(doc, dict):
            return
        if doc.get("type") in ("ADDED", "MODIFIED") and "object" in doc:
            yield from World.items(doc["object"])
        elif "items" in doc and str(doc.get("kind", "")).endswith("List"):
            for item in doc["items"]:
                yield dict(item, kind=doc["kind"][:-4], apiVersion=doc["apiVersion"])
        elif doc.get("kind") == "Table":
            for row in doc.get("rows", []):
                if row.get("object", {}).get("kind") != "PartialObjectMetadata":
                    yield row.get("object", {})
        elif "metadata" in doc and doc.get("kind") not in ("Status", "Scale", "PartialObjectMetadata"):
            yield doc

    def add(self, run, at, doc):
        meta = doc.get("metadata", {})
        if at.plural and meta.get("name") and meta.get("resourceVersion"):
            key = (run, at.group, at.plural, meta.get("namespace"), meta["name"])
            self.objects.setdefault(key, {})[int(meta["resourceVersion"])] = doc

    def at_version(self, run, at, meta):
        versions = self.objects.get((run, at.group, at.plural, meta.get("namespace"), meta["name"]), {})
        return versions.get(int(meta["resourceVersion"]))

    def before(self, run, at, version):
        versions = self.objects.get((run, at.group, at.plural, at.namespace, at.name), {})
        known = [v for v in versions if (version is None or v < version) and
                 "deletionTimestamp" not in versions[v]["metadata"]]
        return versions[max(known)] if known else None


# ---- one request ----

class Skip(Exception):
    pass


class Mismatch(Exception):
    pass


class Replay:
    def __init__(self, server, world, run, exchange, earlier):
        self.server, self.world, self.run, self.x, self.earlier = server, world, run, exchange, earlier
        self.seeded = {}

    # -- seeding --

    def namespace(self, name):
        if name and self.server.json("GET", f"/api/v1/namespaces/{name}")[0] == 404:
            self.server.json("POST", "/api/v1/namespaces", {"metadata": {"name": name}})

    def seed(self, at, doc):
        """The object as the recording shows it, its managedFields included."""
        meta = doc["metadata"]
        self.namespace(meta.get("namespace"))
        collection = at.collection(meta.get("namespace"))
        one = f"{collection}/{meta['name']}"
        fresh = copy.deepcopy(doc)
        for field in ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink",
                      "ownerReferences", "deletionTimestamp", "deletionGracePeriodSeconds"):
            fresh["metadata"].pop(field, None)
        if at.plural == "jobs":
            raise Skip("a Job's selector carries its uid")
        if meta.get("deletionTimestamp") and (at.plural == "namespaces" or "foregroundDeletion" in
                                              meta.get("finalizers", [])):
            raise Skip("an object whose content is being deleted changes while it is read")
        agent = {"User-Agent": "seed/1"}
        if at.plural == "namespaces" and self.server.json("GET", one)[0] == 200:
            status = 201
        else:
            status, answer = self.server.json("POST", collection, fresh, agent)
            if status not in (201, 409):
                raise Mismatch(f"the recorded object cannot be made here: {status} {brief(answer)}")
        if doc.get("status") and at.plural != "namespaces":
            now = self.server.json("GET", one)[1]
            now["status"] = copy.deepcopy(doc["status"])
            self.server.json("PUT", one + "/status", now, agent)
        now = self.server.json("GET", one)[1]
        for field in ("uid", "resourceVersion", "creationTimestamp", "generation"):
            if field in now["metadata"]:
                fresh["metadata"][field] = now["metadata"][field]
        fresh["metadata"]["managedFields"] = meta.get("managedFields", [{}])
        if now.get("status") and not doc.get("status"):
            fresh.pop("status", None)
        status, answer = self.server.json("PUT", one, fresh, agent)
        if status != 200:
            raise Mismatch(f"the recorded object cannot be written here: {status} {brief(answer)}")
        if meta.get("deletionTimestamp"):
            self.server.json("DELETE", one, {"propagationPolicy": "Background"}, agent)
        self.seeded[one] = answer
        return answer

    def clear(self, at):
        if at.plural and at.name and at.plural != "namespaces":
            self.server.json("DELETE", f"{at.collection()}/{at.name}?gracePeriodSeconds=0")

    def prepare(self):
        x, at = self.x, self.x.at
        if not at.plural:
            return
        self.namespace(at.namespace)
        if at.plural == "serviceaccounts" and at.sub == "token":
            self.server.json("POST", at.collection(), {"metadata": {"name": at.name}})
        if x.status == 404 or x.method == "POST" and x.status not in (405, 409):
            return
        if x.method == "POST" and x.status == 409:
            self.send()
            return
        if at.name is None:
            self.prepare_list()
            return
        doc = x.document
        if x.method == "GET" and doc and doc.get("kind") == "Table":
            self.prepare_list()
            return
        if x.method == "GET" and doc and doc.get("kind") not in ("Status", "Scale") and x.status == 200:
            self.seed(at, doc)
            return
        version = None
        if doc and doc.get("metadata", {}).get("resourceVersion"):
            version = int(doc["metadata"]["resourceVersion"])
        before = self.earlier.get((at.group, at.plural, at.namespace, at.name)) or self.world.before(self.run, at, version)
        if before:
            self.seed(at, before)
        elif x.status != 201 and at.plural != "namespaces":
            raise Skip("the recordings do not show the object as it was before")

    def prepare_list(self):
        doc = self.x.document
        if self.x.watch:
            for event in self.x.answer.documents:
                if event.get("type") not in ("ADDED", "BOOKMARK"):
                    raise Skip("a watch on changes by controllers")
                if event["type"] == "ADDED" and event["object"].get("kind") != "Table":
                    self.seed_if_free(event["object"])
            return
        if not doc:
            return
        if doc.get("kind") == "Table":
            for row in doc["rows"]:
                obj = row["object"]
                full = obj if obj.get("kind") != "PartialObjectMetadata" else \
                    self.world.at_version(self.run, self.x.at, obj["metadata"])
                if full:
                    self.seed_if_free(full)
                elif self.x.at.name:
                    raise Skip("the recordings do not show the whole object")
        elif "items" in doc:
            for item in World.items(doc):
                self.seed_if_free(item)
                if doc["metadata"].get("continue"):  # there is more of them
                    more = copy.deepcopy(item)
                    more["metadata"]["name"] += "-2"
                    self.seed_if_free(more)

    def seed_if_free(self, doc):
        if self.x.at.plural == "namespaces" and doc["metadata"]["name"] in SYSTEM:
            return
        self.seed(self.x.at, doc)

    # -- sending --

    def target(self):
        t = self.x.target
        t = re.sub(r"timeoutSeconds=\d+", "timeoutSeconds=1", t)
        if self.x.watch and "resourceVersion=" in t and "resourceVersion=0" not in t:
            t = re.sub(r"resourceVersion=\d+", "resourceVersion=0", t)
        if self.x.watch and "timeoutSeconds" not in t:
            t += "&timeoutSeconds=1"
        return t

    def body(self):
        raw = self.x.request.raw
        if raw is None:
            raise Skip("the recording does not have the whole body of the request")
        if self.x.request.documents and isinstance(self.x.request.documents[0], dict):
            body = copy.deepcopy(self.x.request.documents[0])
            meta = body.get("metadata")
            ours = next(iter(self.seeded.values()), None)
            if isinstance(meta, dict) and ours:
                if "uid" in meta:
                    meta["uid"] = ours["metadata"]["uid"]
                if meta.get("resourceVersion") and self.x.status != 409:
                    meta["resourceVersion"] = ours["metadata"]["resourceVersion"]
            preconditions = body.get("preconditions")
            if isinstance(preconditions, dict) and ours:
                preconditions.update({k: ours["metadata"][k] for k in preconditions})
            return json.dumps(body).encode()
        return raw or None

    def send(self):
        headers = {k: v for k, v in self.x.headers.items()
                   if k.lower() not in ("accept-encoding", "content-length", "if-none-match", "authorization", "host")}
        if self.x.status == 304:
            _, first, _ = self.server.send("GET", self.target(), None, headers)
            if first.get("ETag"):
                headers["If-None-Match"] = first["ETag"]
        return self.server.send(self.x.method, self.target(), self.body(), headers)

    # -- comparing --

    def compare(self, status, headers, text):
        x = self.x
        if status != x.status:
            raise Mismatch(f"{x.status} here {status}: {text[:400].decode(errors='replace')}")
        kind = x.answer_headers.get("Content-Type")
        if kind and status != 304 and (headers.get("Content-Type") or "").split(";")[0] != kind.split(";")[0]:
            raise Mismatch(f"Content-Type {kind} here {headers.get('Content-Type')}")
        warning = headers.get("Warning") or ""
        if OUR_WARNINGS.search(warning):
            warning = ""
        if x.answer_headers.get("Warning", "") != warning:
            raise Mismatch(f"Warning: {x.answer_headers.get('Warning')} here {headers.get('Warning')}")
        if x.answer.cut or not x.answer.documents:
            return "status and type"
        got = list(recording.documents(text.decode()))
        if x.watch:
            self.same(self.events(x.answer.documents), self.events(got)[:len(x.answer.documents)])
        elif x.document.get("kind") == "Table":
            self.compare_table(x.document, got[0])
        elif x.document.get("kind") in ("APIResourceList", "APIGroupList", "APIGroupDiscoveryList", "APIVersions"):
            return self.compare_discovery(x.document, got[0])
        elif x.path == "/version":
            self.same({"major": x.document["major"], "minor": x.document["minor"]},
                      {"major": got[0].get("major"), "minor": got[0].get("minor")})
        elif x.path.startswith("/openapi/"):
            return "status and type"
        else:
            self.same(x.document, got[0])
            self.compare_versions(got[0])
        return "whole"

    @staticmethod
    def events(list_of):
        """The objects of ADDED events, by name; our own system objects are nobody's business."""
        out = [e for e in list_of if e["type"] != "ADDED" or e["object"]["metadata"]["name"] not in
               (*SYSTEM, "kube-root-ca.crt")]
        return sorted(out, key=lambda e: (e["type"] == "BOOKMARK", e["object"]["metadata"].get("name", "")))

    def same(self, want, got):
        want, got = normalised(want), normalised(got)
        found = list(differences(want, got))
        if found:
            raise Mismatch("; ".join(found[:6]))

    def compare_versions(self, got):
        """generation grows as in the recording; an object that did not change keeps its resourceVersion."""
        ours = self.seeded.get(f"{self.x.at.collection()}/{self.x.at.name}") if self.x.at.plural and self.x.at.name else None
        before = self.earlier.get((self.x.at.group, self.x.at.plural, self.x.at.namespace, self.x.at.name))
        doc = self.x.document
        if not ours or not before or doc.get("kind") == "Status" or self.x.method not in ("PATCH", "PUT") or "metadata" not in doc:
            return
        g = lambda d: d["metadata"].get("generation", 0)
        if g(doc) and g(doc) - g(before) != g(got) - g(ours):
            raise Mismatch(f"generation grew by {g(doc) - g(before)} here by {g(got) - g(ours)}")
        if "dryRun" in self.x.query:
            return
        v = lambda d: d["metadata"]["resourceVersion"]
        if (v(doc) == v(before)) != (v(got) == v(ours)):
            raise Mismatch("a write that changed nothing here changed the resourceVersion, or the other way round")

    def compare_table(self, want, got):
        columns = lambda t: [{k: v for k, v in c.items() if k != "description"} for c in t["columnDefinitions"] or []]
        self.same(columns(want), columns(got))
        names = [c["name"] for c in want["columnDefinitions"] or []]
        rows = {r["object"]["metadata"]["name"]: r for r in got["rows"]}
        for row in want["rows"]:
            meta = row["object"]["metadata"]
            full = row["object"] if row["object"].get("kind") != "PartialObjectMetadata" else \
                self.world.at_version(self.run, self.x.at, meta)
            if not full:
                continue
            if meta["name"] not in rows:
                raise Mismatch(f"no row {meta['name']}")
            ours = rows[meta["name"]]
            for name, a, b in zip(names, row["cells"], ours["cells"]):
                if name in ("Age", "Last Seen", "First Seen", "Duration") or "ago" in str(a):
                    continue
                if name in ("Cluster-IP",) and a and a[0].isdigit():
                    continue
                if a != b:
                    raise Mismatch(f"cell {name} of {meta['name']}: {a!r} here {b!r}")
            self.same(row["object"], ours["object"])

    def compare_discovery(self, want, got):
        if want["kind"] == "APIVersions":
            self.same(want["versions"], got["versions"])
        elif want["kind"] == "APIResourceList":
            ours = {r["name"]: r for r in got["resources"]}
            for r in want["resources"]:
                if r["name"] in ours:
                    drop = lambda d: {k: sorted(v) if isinstance(v, list) else v for k, v in d.items()
                                      if k != "storageVersionHash"}
                    self.same(drop(r), drop(ours[r["name"]]))
        elif want["kind"] == "APIGroupList":
            ours = {g["name"]: g for g in got["groups"]}
            for g in want["groups"]:
                if g["name"] in ours and len(g["versions"]) == len(ours[g["name"]]["versions"]):
                    self.same(g, ours[g["name"]])
        else:
            self.compare_aggregated(want, got)
        return "what both have"

    def compare_aggregated(self, want, got):
        flat = lambda doc: {(g["metadata"].get("name", ""), v["version"], r["resource"]): r
                            for g in doc["items"] for v in g["versions"] for r in v["resources"]}
        ours = flat(got)
        for key, r in flat(want).items():
            if key not in ours:
                continue
            a, b = copy.deepcopy(r), copy.deepcopy(ours[key])
            for side in (a, b):
                side["subresources"] = {s["subresource"]: s for s in side.get("subresources", [])}
                for thing in (side, *side["subresources"].values()):
                    thing["verbs"] = sorted(thing["verbs"])
            a["subresources"] = {k: v for k, v in a["subresources"].items() if k in b["subresources"]}
            self.same(a, b)


# ---- what is not replayed ----

def not_replayed(x):
    if x.status == 101:
        return "exec, attach and port-forward are not built: they answer a 501 Status (see docs/kubernetes.md)"
    if x.method == "POST" and x.query.get("fieldManager") == "kubectl-run":
        return "kubectl run answers a 501 Status until pods are processes"
    if x.at.sub == "log":
        return "logs are of pods that run; replayed by the kubectl tests"
    if x.path.startswith("/openapi/v3/") and "hash" in x.query:
        return "the hash of a document is ours"
    if "continue" in x.query:
        return "a continue token is the server's own"
    if "timeoutSeconds" in x.query and x.watch and "allowWatchBookmarks" in x.query and "resourceVersion" in x.query:
        return "a watch on changes by controllers"
    if x.name.startswith(("live-09", "live-10")) and x.status == 500:
        return "KServe's webhook crashed there; ours refuses with its reason"
    if x.method == "DELETE" and x.at.plural == "inferenceservices" and x.document.get("kind") == "Status":
        return "there KServe's controller did not run, so nothing held the object; ours has its finalizer from the start"
    if x.at.plural == "customresourcedefinitions" and x.request.cut:
        return "the recording does not have the whole body of the request"
    return None


class Fresh:
    """A server that nothing was written to: the last one again when the last request only read."""

    def __init__(self, program):
        self.program, self.server, self.used = program, None, False

    def get(self):
        if self.server and self.used:
            self.stop()
        if not self.server:
            self.server, self.used = Server(self.program), False
        return self.server

    def stop(self):
        if self.server:
            self.server.stop()
            self.server = None


def judge(fresh, world, run, x, earlier):
    reason = not_replayed(x)
    if reason:
        return "SKIP", reason
    server = fresh.get()
    try:
        replay = Replay(server, world, run, x, earlier)
        fresh.used = True
        replay.prepare()
        fresh.used = bool(replay.seeded) or x.method != "GET"
        how = replay.compare(*replay.send())
        return "PASS", how
    except Skip as e:
        return "SKIP", str(e)
    except Mismatch as e:
        return "FAIL", str(e)
    except Exception as e:  # noqa: BLE001: a broken answer is a failure with its name, not the end of the run
        fresh.used = True
        return "FAIL", f"{type(e).__name__}: {e}"

def whole_documents(folder, program):
    """The *.json files: one GET each."""
    targets = {
        "aggregated-api": ("/api", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"),
        "aggregated-apis": ("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"),
        "api-v1": ("/api/v1", None), "api": ("/api", None), "apis": ("/apis", None), "apis-apps": ("/apis/apps", None),
        "apis-apps-v1": ("/apis/apps/v1", None), "version": ("/version", None),
        "crd-inferenceservice-discovery": ("/apis/serving.kserve.io/v1beta1", None),
        "status-404-object": None, "status-404-path": None, "status-406": None, "status-400-bad-continue": None,
    }
    for name, how in targets.items():
        path = folder / f"{name}.json"
        if not path.exists() or how is None:
            continue
        target, accept = how
        headers = {"Accept": accept or "application/json"}
        text = path.read_text()
        yield recording.Exchange(name + ".json", 1, "GET " + target, headers, recording.Body(""), 200,
                                 {"Content-Type": "application/json"}, recording.Body(text))


def main():
    program, folder, filters = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
    world, files = World(), {}
    for path in sorted(folder.glob("*.http")):
        run = "live" if path.name.startswith("live-") else "golden"
        files[path.name] = (run, list(recording.read(path)))
        for x in files[path.name][1]:
            world.learn(run, x)
    files["documents"] = ("golden", list(whole_documents(folder, program)))
    fresh = Fresh(program)
    totals = {"PASS": 0, "FAIL": 0, "SKIP": 0}
    for name, (run, exchanges) in files.items():
        earlier = {}
        for x in exchanges:
            if not filters or any(f in x.name for f in filters):
                verdict, why = judge(fresh, world, run, x, earlier)
                totals[verdict] += 1
                where = f"kubernetes/golden/{x.name.replace('.http', '')}"
                print(f"{verdict} {where}" + ("" if verdict == "PASS" and not filters else f": {x.method} {x.path[:90]}: {why}"),
                      flush=True)
            at = x.at
            if x.document and at.name and not at.sub and x.status in (200, 201) and x.method != "DELETE" \
                    and "dryRun" not in x.query:
                earlier[(at.group, at.plural, at.namespace, at.name)] = x.document
    fresh.stop()
    print(f"golden recordings: {totals['PASS']} agree, {totals['FAIL']} differ, {totals['SKIP']} not replayed")
    return totals["FAIL"] > 0


if __name__ == "__main__":
    sys.exit(main())
