"""Trains a text clustering model: TF-IDF, latent semantic analysis, mini-batch k-means.

Writes transformer.joblib (text to coordinates) and model.joblib (coordinates to a cluster), and prints the top terms
of each cluster, which give the cluster numbers a meaning.

The corpus is the 20 newsgroups collection when it is at hand: a directory or tar.gz given with --data, or
scikit-learn's data home. Otherwise it is a corpus that every machine has: the docstrings of Python's standard library.
"""

import argparse
import ast
import pathlib
import sysconfig
import tarfile
import time

import joblib
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer


def newsgroups(path, subset="20news-bydate-train"):
    """Documents of one subset, from the extracted directory or the published archive."""
    if path.is_file():
        found = {}
        with tarfile.open(path) as archive:  # in the archive's order: going back means decompressing from the start
            for member in archive:
                if member.isfile() and member.name.startswith(subset + "/"):
                    found[member.name] = archive.extractfile(member).read().decode("latin-1")
        return [found[name] for name in sorted(found)]
    return [f.read_text("latin-1") for f in sorted((path / subset).rglob("*")) if f.is_file()]


def data_home():
    """20 newsgroups as scikit-learn has cached it, or None: nothing is downloaded."""
    from sklearn.datasets import fetch_20newsgroups

    try:
        return fetch_20newsgroups(subset="train", download_if_missing=False).data
    except OSError:
        return None


def docstrings():
    """Every docstring of the standard library with more than a few words."""
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
    return found


def corpus(data):
    if data and data.exists():
        return "20 newsgroups", newsgroups(data)
    cached = data_home()
    if cached:
        return "20 newsgroups", cached
    return "docstrings of the Python standard library", docstrings()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, help="20 newsgroups: a directory, or 20news-bydate.tar.gz")
    parser.add_argument("--lsa", type=int, default=100, help="dimensions of the latent semantic analysis")
    parser.add_argument("--clusters", type=int, default=20)
    parser.add_argument("--features", type=int, default=10000)
    parser.add_argument("--output-dir", type=pathlib.Path, default=pathlib.Path("."))
    args = parser.parse_args()

    name, documents = corpus(args.data)
    print(f"{len(documents)} documents: {name}")
    start = time.time()
    vectorizer = TfidfVectorizer(max_df=0.5, max_features=args.features, min_df=2, stop_words="english")
    svd = TruncatedSVD(args.lsa, random_state=0)
    transformer = make_pipeline(vectorizer, svd, Normalizer(copy=False))
    points = transformer.fit_transform(documents)
    model = MiniBatchKMeans(
        n_clusters=args.clusters, init="k-means++", n_init=1, init_size=1000, batch_size=1000, random_state=0
    ).fit(points)
    print(f"trained in {time.time() - start:.1f} s")

    terms = vectorizer.get_feature_names_out()
    centers = svd.inverse_transform(model.cluster_centers_)
    for i, center in enumerate(centers):
        print(f"Cluster {i:02d}: {' '.join(terms[j] for j in center.argsort()[::-1][:10])}")
    joblib.dump(transformer, args.output_dir / "transformer.joblib")
    joblib.dump(model, args.output_dir / "model.joblib")


if __name__ == "__main__":
    main()
