"""Models and request bodies for bench/models.py: iris logistic regression, and the text pipeline on real documents.

Runs in the environment of a peer, so that the peer reads what its own library version wrote.
"""
import json
import os
import pathlib
import sys
import tarfile

import joblib
from sklearn.cluster import MiniBatchKMeans
from sklearn.datasets import load_iris
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)


def documents():
    """20 newsgroups where the data is present, else the docstrings of the standard library."""
    archive = pathlib.Path(os.environ.get("CORACLE_TEST_DATA", "")) / "20news-bydate.tar.gz"
    if archive.is_file():
        train, test = [], []
        with tarfile.open(archive) as tar:
            for member in tar:
                if member.isfile():
                    text = tar.extractfile(member).read().decode("latin-1")
                    (train if "-train/" in member.name else test).append(text)
        return train, test, "20 newsgroups"
    sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "examples/text-clustering"))
    import train as example  # the same corpus as the example's
    texts = example.docstrings()
    return texts[::2], texts[1::2], "docstrings"


x, y = load_iris(return_X_y=True)
joblib.dump(LogisticRegression(max_iter=1000).fit(x, y), out / "iris.joblib")
train, test, corpus = documents()
text = make_pipeline(TfidfVectorizer(max_features=10000, stop_words="english"), TruncatedSVD(100, random_state=0),
                     Normalizer(copy=False), MiniBatchKMeans(20, random_state=0, n_init=3))
text.fit(train)
joblib.dump(text, out / "text.joblib")
(out / "documents.json").write_text(json.dumps({"corpus": corpus, "documents": test[:512]}))
if len(sys.argv) > 2:  # mlflow folders beside them
    import mlflow.sklearn
    mlflow.sklearn.save_model(joblib.load(out / "iris.joblib"), str(out / "iris-mlflow"))
    mlflow.sklearn.save_model(text, str(out / "text-mlflow"))
