"""Models of scikit-learn served by `coracle serve`, asked by Triton's own client. CORACLE names the binary."""
import os
import pathlib
import signal
import subprocess

import joblib
import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.cluster import KMeans
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ROOT = pathlib.Path(__file__).resolve().parents[3]
CORACLE = os.environ.get("CORACLE", str(ROOT / "build/coracle"))

TEXTS = ["the boat leaves the harbour", "a harbour of small boats", "stars and a telescope", "the telescope sees stars",
         "naïve café in the harbour", "stars, boats and cafés"]

MIXED = np.array([[f"id-{i}", text, float(i)] for i, text in enumerate(TEXTS)], dtype=object)


@pytest.fixture(scope="session")
def iris():
    return load_iris(return_X_y=True)


@pytest.fixture(scope="session")
def folder(tmp_path_factory, iris):
    root = tmp_path_factory.mktemp("repository")
    for name, model in (("iris", LogisticRegression(max_iter=1000).fit(*iris)),
                        ("mixed", make_pipeline(ColumnTransformer([("t", TfidfVectorizer(), 1), ("n", StandardScaler(), [2])]),
                                                LogisticRegression()).fit(MIXED, [0, 1] * 3)),
                        ("text", make_pipeline(TfidfVectorizer(), KMeans(2, random_state=0, n_init=3)).fit(TEXTS))):
        (root / name / "3").mkdir(parents=True)
        joblib.dump(model, root / name / "3/model.joblib")
    return root


@pytest.fixture(scope="session")
def address(folder):
    process = subprocess.Popen([CORACLE, "serve", str(folder), "--http", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    assert "3 of 3 models" in line, line
    yield line.split("http://")[1].strip()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
