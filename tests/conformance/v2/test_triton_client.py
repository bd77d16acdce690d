"""tritonclient.http as it comes from PyPI: health, metadata, inference with JSON and binary tensors, compression."""
import joblib
import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from conftest import MIXED, TEXTS


@pytest.fixture(scope="module")
def client(address):
    c = triton.InferenceServerClient(address)
    yield c
    c.close()


@pytest.fixture(scope="module")
def model(folder):
    return joblib.load(folder / "iris/3/model.joblib")


def make_input(name, array, datatype, binary):
    i = triton.InferInput(name, array.shape, datatype)
    i.set_data_from_numpy(array, binary_data=binary)
    return i


def test_health_and_metadata(client):
    assert client.is_server_live() and client.is_server_ready()
    assert client.is_model_ready("iris") and client.is_model_ready("iris", "3")
    assert not client.is_model_ready("rose")
    assert not client.is_model_ready("iris", "4")
    assert client.get_server_metadata()["name"] == "coracle"
    meta = client.get_model_metadata("iris")
    assert (meta["name"], meta["versions"]) == ("iris", ["3"])
    assert meta["inputs"] == [{"name": "input-0", "datatype": "FP64", "shape": [-1, 4]}]
    assert meta["outputs"][0] == {"name": "output-0", "datatype": "INT64", "shape": [-1]}
    text = client.get_model_metadata("text")
    assert text["inputs"] == [{"name": "input-0", "datatype": "BYTES", "shape": [-1]}]
    assert {(m["name"], m["state"], m["version"]) for m in client.get_model_repository_index()} == {
        ("iris", "READY", "3"), ("mixed", "READY", "3"), ("text", "READY", "3")}


def test_columns_of_text_and_numbers_are_inputs_of_their_own(client, folder):
    model = joblib.load(folder / "mixed/3/model.joblib")
    meta = client.get_model_metadata("mixed")
    assert [(i["name"], i["shape"]) for i in meta["inputs"]] == [(f"input-{n}", [-1]) for n in range(3)]
    assert [i["datatype"] for i in meta["inputs"]][1:] == ["BYTES", "FP64"]
    assert {"name": "predict_proba", "datatype": "FP64", "shape": [-1, 2]} in meta["outputs"]
    for binary in (False, True):
        inputs = [make_input(f"input-{n}", MIXED[:, n].astype(kind), datatype, binary)
                  for n, kind, datatype in ((0, object, "BYTES"), (1, object, "BYTES"), (2, np.float64, "FP64"))]
        got = client.infer("mixed", inputs)
        np.testing.assert_array_equal(got.as_numpy("output-0"), model.predict(MIXED))


@pytest.mark.parametrize("binary_in", [False, True])
@pytest.mark.parametrize("binary_out", [False, True])
@pytest.mark.parametrize("dtype, datatype", [(np.float64, "FP64"), (np.float32, "FP32")])
def test_labels_and_probabilities(client, model, iris, dtype, datatype, binary_in, binary_out):
    x = iris[0].astype(dtype)
    outputs = [triton.InferRequestedOutput(n, binary_data=binary_out) for n in ("predict", "predict_proba")]
    got = client.infer("iris", [make_input("x", x, datatype, binary_in)], outputs=outputs, request_id="7", model_version="3")
    assert got.get_response()["id"] == "7" and got.get_response()["model_version"] == "3"
    np.testing.assert_array_equal(got.as_numpy("predict"), model.predict(x))
    np.testing.assert_allclose(got.as_numpy("predict_proba"), model.predict_proba(x.astype(np.float64)), rtol=1e-9, atol=1e-12)


def test_the_default_output_is_what_the_model_predicts(client, model, iris):
    got = client.infer("iris", [make_input("anything", iris[0], "FP64", True)])
    np.testing.assert_array_equal(got.as_numpy("output-0"), model.predict(iris[0]))


@pytest.mark.parametrize("datatype, dtype", [("INT8", np.int8), ("INT32", np.int32), ("INT64", np.int64), ("UINT8", np.uint8),
                                             ("UINT16", np.uint16), ("FP16", np.float16)])
@pytest.mark.parametrize("binary", [False, True])
def test_other_datatypes(client, model, datatype, dtype, binary):
    if datatype == "FP16" and not binary:
        with pytest.raises(InferenceServerException, match="FP16"):
            make_input("x", np.zeros((1, 4), dtype), datatype, binary)
            client.infer("iris", [make_input("x", np.zeros((1, 4), dtype), datatype, binary)])
        return
    x = np.array([[5, 3, 1, 0], [7, 3, 5, 2]], dtype)
    got = client.infer("iris", [make_input("x", x, datatype, binary)])
    np.testing.assert_array_equal(got.as_numpy("output-0"), model.predict(x.astype(np.float64)))


@pytest.mark.parametrize("algorithm", ["gzip", "deflate"])
def test_compressed_requests_and_answers(client, model, iris, algorithm):
    got = client.infer("iris", [make_input("x", np.tile(iris[0], (100, 1)), "FP64", True)],
                       request_compression_algorithm=algorithm, response_compression_algorithm=algorithm)
    np.testing.assert_array_equal(got.as_numpy("output-0"), np.tile(model.predict(iris[0]), 100))


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("shape", [(6,), (6, 1), (1, 6)])
def test_each_element_of_a_bytes_input_is_one_text(client, folder, binary, shape):
    x = np.array([t.encode() for t in TEXTS], dtype=np.object_).reshape(shape)
    got = client.infer("text", [make_input("text", x, "BYTES", binary)])
    want = joblib.load(folder / "text/3/model.joblib").predict(TEXTS)
    np.testing.assert_array_equal(got.as_numpy("output-0"), want)


def test_errors_reach_the_client(client, iris):
    def refused(match, name="iris", array=iris[0], **kwargs):
        with pytest.raises(InferenceServerException, match=match):
            client.infer(name, [make_input("x", array, "FP64", True)], **kwargs)
    refused("Model with name rose does not exist.", name="rose")
    refused("X has 3 features, but LogisticRegression is expecting 4", array=iris[0][:, :3].copy())
    refused("there is no output 'guess'", outputs=[triton.InferRequestedOutput("guess")])
    with pytest.raises(InferenceServerException, match="not loaded or unloaded"):
        client.load_model("iris")


def test_many_requests_at_once(address, model, iris):
    with triton.InferenceServerClient(address, concurrency=4) as c:
        x = iris[0]
        waiting = [c.async_infer("iris", [make_input("x", x[i:i + 1].copy(), "FP64", True)]) for i in range(len(x))]
        got = np.concatenate([w.get_result().as_numpy("output-0") for w in waiting])
    np.testing.assert_array_equal(got, model.predict(x))
