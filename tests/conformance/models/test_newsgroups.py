"""The pipeline of seed 004 on every document of the 20 newsgroups test set: TF-IDF of 10,000 features with English stop words,
latent semantic analysis to 100 dimensions, mini-batch k-means of 20. The cluster of each document must be scikit-learn's, the
coordinates equal to 1e-9, at every pickle protocol and joblib codec.

Without the data (CORACLE_TEST_DATA), the corpus is the docstrings of the Python standard library, and the test says so."""
import ast
import os
import pathlib
import pickle
import sysconfig
import tarfile

import joblib
import numpy as np
import pytest
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

DATA = pathlib.Path(os.environ.get("CORACLE_TEST_DATA", "")) / "20news-bydate.tar.gz"


def newsgroups():
    train, test = [], []
    with tarfile.open(DATA) as archive:
        for member in archive:
            if member.isfile():
                text = archive.extractfile(member).read().decode("latin-1")
                (train if member.name.startswith("20news-bydate-train/") else test).append(text)
    return train, test


def docstrings():
    found = []
    for file in sorted(pathlib.Path(sysconfig.get_paths()["stdlib"]).rglob("*.py")):
        if "site-packages" in file.parts or "dist-packages" in file.parts:
            continue
        try:
            tree = ast.parse(file.read_text("utf-8"))
        except (SyntaxError, UnicodeDecodeError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                text = ast.get_docstring(node)
                if text and len(text.split()) > 8:
                    found.append(text)
    return found[::2], found[1::2]


class Job:
    def __init__(self):
        self.real = DATA.is_file()
        train, self.test = newsgroups() if self.real else docstrings()
        self.transformer = make_pipeline(TfidfVectorizer(max_df=0.5, max_features=10000, min_df=2, stop_words="english"),
                                         TruncatedSVD(100, random_state=0), Normalizer(copy=False))
        points = self.transformer.fit_transform(train)
        self.model = MiniBatchKMeans(n_clusters=20, init="k-means++", n_init=1, init_size=1000, batch_size=1000, random_state=0)
        self.model.fit(points)
        self.coordinates = self.transformer.transform(self.test)
        self.clusters = self.model.predict(self.coordinates)


# In the names of the tests, so that a run says which corpus it was.
CORPUS = pytest.mark.parametrize("corpus", ["20-newsgroups" if DATA.is_file() else "generated-docstrings"])


@pytest.fixture(scope="module")
def job():
    return Job()


@CORPUS
def test_the_corpus_is_large(job, corpus):
    assert len(job.test) >= (7532 if job.real else 2000)


@CORPUS
@pytest.mark.parametrize("plain", [False, True])
def test_coordinates_agree(job, corpus, plain, runner, tmp_path):
    joblib.dump(job.transformer, tmp_path / "transformer.joblib")
    got = runner.run(tmp_path / "transformer.joblib", "transform", job.test, plain=plain)
    np.testing.assert_allclose(got, job.coordinates, rtol=1e-9, atol=1e-9)


def dumped(job, folder, how):
    if isinstance(how, int):
        for name, what in (("transformer.pkl", job.transformer), ("model.pkl", job.model)):
            (folder / name).write_bytes(pickle.dumps(what, how))
        return folder / "transformer.pkl", folder / "model.pkl"
    for name, what in (("transformer.joblib", job.transformer), ("model.joblib", job.model)):
        joblib.dump(what, folder / name, compress=(how, 1) if how else 0)
    return folder / "transformer.joblib", folder / "model.joblib"


@CORPUS
@pytest.mark.parametrize("how", [2, 3, 4, 5, None, "zlib", "gzip", "bz2", "lzma", "xz", "lz4"])
def test_every_document_gets_its_cluster(job, corpus, how, runner, tmp_path):
    transformer, model = dumped(job, tmp_path, how)
    got = runner.run(model, "predict", job.test, fuse=[str(transformer), "transform"])
    assert (got == job.clusters).all()
