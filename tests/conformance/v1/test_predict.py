"""KServe V1 against `coracle serve`: answers JSON-equal to the library's, KServe's texts and codes for what is wrong."""
import gzip
import json
import shutil
import socket
import subprocess
import zlib

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from conftest import CORACLE, Server


def test_labels_are_the_library_s_and_stay_integers(server, models, iris):
    model = joblib.load(models / "iris.joblib")
    answer = server.predict("iris", {"instances": iris[0].tolist()})
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json == {"predictions": model.predict(iris[0]).tolist()}
    assert answer.body.startswith(b'{"predictions":[0,0,0')
    for row in iris[0][::10]:
        assert server.predict("iris", {"instances": [row.tolist()]}).json == {"predictions": model.predict([row]).tolist()}


def test_probabilities_are_the_library_s(models, iris):
    model = joblib.load(models / "iris.joblib")
    s = Server(models / "iris.joblib", "--method", "predict_proba", "--name", "p")
    got = s.predict("p", {"instances": iris[0].tolist()}).json["predictions"]
    np.testing.assert_allclose(got, model.predict_proba(iris[0]), rtol=1e-9, atol=1e-12)
    assert s.stop()[0] == 0


@pytest.mark.parametrize("labels", [["setosa", "versicolor", "virgínica"], [1.0, 2.0, 3.0], [True, False, True]])
def test_a_label_keeps_its_kind(tmp_path, iris, labels):
    y = np.array(labels)[iris[1]]
    model = LogisticRegression(max_iter=1000).fit(iris[0], y)
    joblib.dump(model, tmp_path / "m.joblib")
    s = Server(tmp_path / "m.joblib")
    assert s.predict("m", {"instances": iris[0].tolist()}).json == {"predictions": model.predict(iris[0]).tolist()}
    assert s.stop()[0] == 0


def test_floats_are_written_to_read_back_the_same(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 3))
    model = LinearRegression().fit(x, x @ [1e-7, 3.0, 1e9] + rng.normal(size=500))
    joblib.dump(model, tmp_path / "m.joblib")
    s = Server(tmp_path / "m.joblib")
    body = s.predict("m", {"instances": x.tolist()}).body
    got = json.loads(body)["predictions"]
    np.testing.assert_allclose(got, model.predict(x), rtol=1e-9, atol=1e-12)
    assert body.decode() == json.dumps({"predictions": got}, separators=(",", ":"))
    assert s.stop()[0] == 0


def test_cluster_numbers_of_seed_004_s_predictor(tmp_path):
    x = np.random.default_rng(1).normal(size=(400, 20))
    model = KMeans(5, random_state=0, n_init=3).fit(x)
    joblib.dump(model, tmp_path / "model.joblib")
    s = Server(tmp_path, "--name", "textclustering")
    assert s.predict("textclustering", {"instances": x.tolist()}).json == {"predictions": model.predict(x).tolist()}
    assert s.stop()[0] == 0


def test_objects_are_rows_of_named_columns(tmp_path, iris):
    names = ["sepal length", "sepal width", "petal length", "petal width"]
    model = LogisticRegression(max_iter=1000).fit(*iris)
    model.feature_names_in_ = np.array(names, dtype=object)
    joblib.dump(model, tmp_path / "m.joblib")
    s = Server(tmp_path / "m.joblib")
    want = {"predictions": LogisticRegression(max_iter=1000).fit(*iris).predict(iris[0]).tolist()}
    rows = [dict(zip(names, row)) for row in iris[0].tolist()]
    shuffled = [dict(reversed(r.items())) if i % 2 else r for i, r in enumerate(rows)]
    kserve = [{k: {"0": v} for k, v in r.items()} for r in rows]
    for body in (rows, shuffled, [rows], kserve, iris[0].tolist()):
        assert s.predict("m", {"instances": body}).json == want
    del rows[3]["petal width"]
    answer = s.predict("m", {"instances": rows})
    assert answer.status == 400 and "NaN" in answer.json["error"] and "instance 3" in answer.json["error"]
    answer = s.predict("m", {"instances": [{"sepal length": 1, "other": 2}]})
    assert answer.status == 400 and "sepal width" in answer.json["error"]
    answer = s.predict("m", {"instances": [{"sepal length": 1}, {"sepal length": "long"}]})
    assert answer.status == 400 and "instances[1].sepal length: could not convert string to float: 'long'" in answer.json["error"]
    assert s.stop()[0] == 0


def kserve_input(instances):
    """What KServe's sklearnserver gives to predict()."""
    first = instances[0]
    if isinstance(first, dict) or (isinstance(first, list) and first and isinstance(first[0], dict)):
        return pd.concat([pd.DataFrame(i) for i in instances], axis=0)
    return np.array(instances)


def put(rows, row, column, value):
    rows = json.loads(json.dumps(rows))
    rows[row][column] = {"0": value} if isinstance(rows[row], dict) else value
    return rows


def test_columns_of_text_and_numbers_are_taken_as_kserve_takes_them(tmp_path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"id": [f"id-{i}" for i in range(60)], "text": [f"foo bar {i % 7}" if i % 2 else "brown fox" for i in range(60)],
                          "a": rng.normal(size=60), "b": rng.integers(0, 9, 60)})
    y = rng.integers(0, 2, 60)
    for kind, text, numbers in (("names", "text", ["a", "b"]), ("places", 1, [2, 3])):
        columns = ColumnTransformer([("t", TfidfVectorizer(), text), ("n", make_pipeline(SimpleImputer(), StandardScaler()), numbers)])
        model = make_pipeline(columns, LogisticRegression()).fit(table if kind == "names" else table.to_numpy(), y)
        joblib.dump(model, tmp_path / f"{kind}.joblib")
        s = Server(tmp_path / f"{kind}.joblib")
        records = [{k: {"0": v} for k, v in r.items()} for r in json.loads(table.to_json(orient="records"))]
        rows = json.loads(table.to_json(orient="values"))
        first, text, number = ("id", "text", "a") if kind == "names" else (0, 1, 2)
        good = records if kind == "names" else rows
        for body in (good, good[:1], put(good, 3, first, 5), put(good, 3, first, None), put(good, 3, number, "1.5"),
                     put(good, 3, number, " 1e1\n"), put(good, 3, number, "nan"), put(good, 3, number, None)):
            assert s.predict(kind, {"instances": body}).json == {"predictions": model.predict(kserve_input(body)).tolist()}
        place = {"names": "instances[3].{}", "places": "instances[3][{}]"}[kind]
        for column, value, fault in ((text, None, "null among texts"), (text, True, "a truth value among texts"),
                                     (number, "x", "could not convert string to float: 'x'"), (number, "", "float: ''"),
                                     (number, "0x10", "float: '0x10'"), (number, "1" * 400, "float: '111")):
            answer = s.predict(kind, {"instances": put(good, 3, column, value)})
            assert answer.status == 400 and answer.json["error"].startswith(place.format(column) + ": ")
            assert fault in answer.json["error"]
        for body, fault in (([r[:3] for r in rows], "instances[0]: X has 3 features, but ColumnTransformer is expecting 4 features as input."),
                            ([r + [1] for r in rows], "instances[0]: X has 5 features, but ColumnTransformer is expecting 4 features as input."),
                            ([rows[0], rows[1][:2]], "instances[1]: 2 values where instances[0] has 4"),
                            ([rows[0], rows[1] * 2], "instances[1]: 8 values where instances[0] has 4"),
                            ([[1, [2]]], "instances[0][1]: a list where others are values"), ([[]], "X has 0 features"),
                            ([rows[0], {"id": 1}], "instances[1]: an object beside"), ([[[1]]], "Found array with dim 3"),
                            (["x", "y"], "instances[0]: Expected 2D array, got 1D array instead"), ([{"zzz": [1]}], "")):
            answer = s.predict(kind, {"instances": body})
            assert answer.status == 400 and fault in answer.json["error"], (body, answer.json)
        assert s.predict(kind, {"instances": [records[5]]}).json == s.predict(kind, {"instances": [rows[5]]}).json
        assert s.stop()[0] == 0


def test_inputs_stand_for_instances_and_unknown_keys_are_passed_over(server):
    row = [5.1, 3.5, 1.4, 0.2]
    for body in ({"inputs": [row]}, {"instances": [row]}, {"inputs": [row], "instances": [[1]]},
                 {"signature_name": "serving_default", "x": {"y": [None, {"z": "é"}]}, "instances": [row]}):
        assert server.predict("iris", body).json == {"predictions": [0]}, body


def test_integers_and_whole_floats_are_one_to_the_model(server):
    assert server.predict("iris", '{"instances":[[5,3,1,0],[5.0,3.0,1.0,0.0],[5e0,30e-1,1,0]]}').json == {"predictions": [0, 0, 0]}


@pytest.mark.parametrize("content_type", [None, "application/json", "application/x-www-form-urlencoded", "text/plain",
                                          "application/octet-stream", "application/json; charset=utf-8"])
def test_the_content_type_does_not_matter(server, content_type):
    headers = {"Content-Type": content_type} if content_type else {}
    assert server.predict("iris", {"instances": [[5.1, 3.5, 1.4, 0.2]]}, headers=headers).json == {"predictions": [0]}


@pytest.mark.parametrize("colon", ["%3A", "%3a"])
def test_the_colon_may_be_escaped(server, colon):
    assert server.ask("POST", f"/v1/models/iris{colon}predict", '{"instances": [[5.1, 3.5, 1.4, 0.2]]}').json == {"predictions": [0]}
    assert server.ask("POST", f"/v1/models/iris{colon}explain", "{}").status == 501


def test_curl_as_seed_004_calls_it(server):
    if not shutil.which("curl"):
        pytest.skip("curl is missing")
    out = subprocess.run(["curl", "-s", f"http://{server.address}/v1/models/iris:predict", "-d",
                          '{"instances": [[5.1, 3.5, 1.4, 0.2]]}'], capture_output=True, text=True, check=True).stdout
    assert json.loads(out) == {"predictions": [0]}


def test_compressed_and_chunked_bodies(server):
    body = json.dumps({"instances": [[5.1, 3.5, 1.4, 0.2]] * 50}).encode()
    for coding, data in (("gzip", gzip.compress(body)), ("deflate", zlib.compress(body))):
        assert server.predict("iris", data, headers={"Content-Encoding": coding}).json == {"predictions": [0] * 50}
    pieces = [body[i:i + 7] for i in range(0, len(body), 7)]
    assert server.predict("iris", iter(pieces)).json == {"predictions": [0] * 50}


def test_requests_follow_each_other_on_one_connection(server):
    connection = server.connect()
    for i in range(50):
        connection.request("POST", "/v1/models/iris:predict", json.dumps({"instances": [[5.1, 3.5, 1.4, 0.2]] * (i + 1)}))
        assert json.loads(connection.getresponse().read()) == {"predictions": [0] * (i + 1)}
    connection.close()


def test_pipelined_requests_are_answered_in_order(server):
    host, port = server.address.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as s:
        for n in range(1, 30):
            body = json.dumps({"instances": [[5.1, 3.5, 1.4, 0.2]] * n})
            s.sendall(f"POST /v1/models/iris:predict HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        f = s.makefile("rb")
        for n in range(1, 30):
            length = None
            while (line := f.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            assert json.loads(f.read(length)) == {"predictions": [0] * n}


def test_a_large_batch(server, models, iris):
    x = np.tile(iris[0], (700, 1))
    want = joblib.load(models / "iris.joblib").predict(x).tolist()
    assert server.predict("iris", {"instances": x.tolist()}).json == {"predictions": want}


ERRORS = [
    ('', 400, "Unrecognized request format: Expecting value: line 1 column 1 (char 0)"),
    ('{"instances": [[1,2,3,4]', 400, "Unrecognized request format: Expecting ',' delimiter: line 1 column 25 (char 24)"),
    ('{"instances": [[1,2,3,4]]} x', 400, "Unrecognized request format: Extra data: line 1 column 28 (char 27)"),
    ('{"instances": [[NaN,2,3,4]]}', 400, "Unrecognized request format: Expecting value: line 1 column 17 (char 16)"),
    ('{}', 400, 'Expected "instances" or "inputs" to be a list'),
    ('{"instances": {"a": 1}}', 400, 'Expected "instances" or "inputs" to be a list'),
    ('{"inputs": "x"}', 400, 'Expected "instances" or "inputs" to be a list'),
    ('[[1,2,3,4]]', 400, 'Expected "instances" or "inputs" to be a list'),
    ('{"instances": [[1,2,3]]}', 400, "instances[0]: X has 3 features, but LogisticRegression is expecting 4 features as input."),
    ('{"instances": [[1,2,3,4],[1,2,3,4],[1,2,3,4],[1,2]]}', 400, "instances[3]: 2 values where instances[0] has 4"),
    ('{"instances": [[1,2,3,"x"]]}', 400, "instances[0][3]: a text among numbers"),
    ('{"instances": [[1,2,3,1e400]]}', 400, "instances[0][3]: a number outside of float64's range among numbers"),
    ('{"instances": [[1,2,3,null]]}', 400, "Input X contains NaN"),
    ('{"instances": []}', 400, '"instances" is empty: at least one instance is needed'),
    ('{"instances": ' + '[' * 65 + ']' * 65 + '}', 400, "Unrecognized request format: Nested too deeply"),
    (b'{"instances": [["\xff"]]}', 400, "Unrecognized request format: Invalid UTF-8: line 1 column 18 (char 17)"),
    ('{"instances": [["\\ud800"]]}', 400, "Unrecognized request format: Lone surrogate in a \\uXXXX escape"),
]


@pytest.mark.parametrize("body, status, text", ERRORS, ids=[str(e[0])[:40] for e in ERRORS])
def test_what_is_wrong_is_told(server, body, status, text):
    answer = server.predict("iris", body)
    assert answer.status == status
    assert list(answer.json) == ["error"]
    assert text in answer.json["error"]
    assert server.predict("iris", {"instances": [[5.1, 3.5, 1.4, 0.2]]}).status == 200


@pytest.mark.parametrize("method, path, status, body", [
    ("GET", "/", 200, {"status": "alive"}),
    ("GET", "/v1/models", 200, {"models": ["iris"]}),
    ("GET", "/v1/models/iris", 200, {"name": "iris", "ready": True}),
    ("GET", "/v1/models/rose", 404, {"error": "Model with name rose does not exist."}),
    ("POST", "/v1/models/rose:predict", 404, {"error": "Model with name rose does not exist."}),
    ("POST", "/v1/models/iris:explain", 501, {"error": "Model iris has no explainer."}),
    ("PUT", "/v1/models/iris", 405, {"error": "Method Not Allowed"}),
    ("GET", "/nothing", 404, {"error": "Not Found"}),
])
def test_what_is_there(server, method, path, status, body):
    answer = server.ask(method, path, "{}" if method != "GET" else None)
    assert (answer.status, answer.json) == (status, body)


def test_metrics_count_under_kserve_s_names(server):
    server.predict("iris", {"instances": [[5.1, 3.5, 1.4, 0.2]]})
    text = server.ask("GET", "/metrics").body.decode()
    for phase in ("preprocess", "predict", "postprocess", "explain"):
        assert f"# TYPE request_{phase}_seconds histogram" in text
        assert f'request_{phase}_seconds_count{{model_name="iris"}}' in text


def test_a_body_over_the_limit_is_413_and_a_token_is_asked_for(models):
    s = Server(models / "iris.joblib", "--limit", "inference_body_bytes=2048", "--token", "geheim")
    headers = {"Authorization": "Bearer geheim"}
    small, large = ({"instances": [[5.1, 3.5, 1.4, 0.2]] * n} for n in (50, 200))
    assert s.predict("iris", small, headers=headers).status == 200
    answer = s.predict("iris", large, headers=headers)
    assert answer.status == 413 and "2048" in answer.json["error"]
    answer = s.predict("iris", iter([json.dumps(large).encode()]), headers=headers)
    assert answer.status == 413
    answer = s.predict("iris", gzip.compress(json.dumps(large).encode()), headers={**headers, "Content-Encoding": "gzip"})
    assert answer.status == 413
    assert s.predict("iris", small).status == 401
    assert s.predict("iris", small, headers={"Authorization": "Bearer x"}).status == 401
    assert s.stop()[0] == 0


def test_a_repository_serves_its_newest_versions_and_tells_what_is_broken(tmp_path, iris):
    def clusters(n):
        return KMeans(n, random_state=0, n_init=2).fit(iris[0])

    for version in ("1", "2", "10"):
        folder = tmp_path / "clusters" / version
        folder.mkdir(parents=True)
        joblib.dump(clusters(int(version)), folder / "model.joblib")
    (tmp_path / "linear").mkdir()
    joblib.dump(LinearRegression().fit(*iris), tmp_path / "linear/model.joblib")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/model.joblib").write_bytes(b"\x80\x04cposix\nsystem\n.")
    s = Server(tmp_path)
    assert "2 of 3 models" in s.line
    assert s.ask("GET", "/v1/models").json == {"models": ["broken", "clusters", "linear"]}
    want = clusters(10).predict(iris[0]).tolist()
    assert s.predict("clusters", {"instances": iris[0].tolist()}).json == {"predictions": want}
    answer = s.predict("broken", {"instances": [[1]]})
    assert answer.status == 503
    assert answer.json["error"].startswith("Model with name broken is not ready. ") and "posix" in answer.json["error"]
    assert s.ask("GET", "/v1/models/broken").status == 503
    assert s.stop()[0] == 0


def run(*argv, **kwargs):
    return subprocess.run([CORACLE, *map(str, argv)], capture_output=True, text=True, timeout=60, **kwargs)


def test_commands_say_what_is_wrong(tmp_path, models, server):
    bad = tmp_path / "bad.joblib"
    bad.write_bytes(b"\x80\x04cposix\nsystem\n(S'echo'\ntR.")
    for argv, code, text in (
            (("serve", bad, "--http", "127.0.0.1:0"), 1, "posix.system"),
            (("serve", tmp_path / "absent", "--http", "127.0.0.1:0"), 1, "absent"),
            (("serve", models / "iris.joblib", "--http", server.address), 1, server.address),
            (("serve", models / "iris.joblib", "--http", "0.0.0.0:0"), 2, "--insecure-listen"),
            (("serve", models / "iris.joblib", "--grpc", "127.0.0.1:0"), 2, "gRPC"),
            (("serve", models / "iris.joblib", "--method", "guess"), 2, "guess"),
            (("serve", models / "iris.joblib", "--http", "127.0.0.1:0", "--method", "transform"), 1, "transform"),
            (("inspect", bad), 1, "posix.system"),
            (("predict", bad, "--input", bad), 1, "posix.system")):
        done = run(*argv)
        assert done.returncode == code, (argv, done)
        assert text in done.stderr and not done.stdout, (argv, done)


def test_inspect_and_predict_offline(models, iris):
    done = run("inspect", models / "iris.joblib")
    assert done.returncode == 0
    for word in ("LogisticRegression", "sklearn", "4 columns", "predict_proba", "seccomp"):
        assert word in done.stdout
    want = {"predictions": joblib.load(models / "iris.joblib").predict(iris[0]).tolist()}
    body = json.dumps({"instances": iris[0].tolist()})
    assert json.loads(run("predict", models / "iris.joblib", input=body).stdout) == want
    done = run("predict", models / "iris.joblib", input='{"instances":[[1]]}')
    assert done.returncode == 1 and "X has 1 features" in done.stderr
