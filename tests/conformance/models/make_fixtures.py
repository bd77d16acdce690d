"""Writes what an older scikit-learn pickles, and what it answers: run by a Python that has that release,

    python make_fixtures.py FOLDER [CASE...]

One file a case: CASE.pkl (joblib, zlib) and one CASE.npz with the answers of each method. Inputs are golden.py's, so they are
not stored. tests/fixtures/sklearn/README.md says which releases the committed files come from.
"""
import pathlib
import sys
import warnings

import numpy as np
from sklearn.base import clone

import golden

try:
    import joblib
except ImportError:
    from sklearn.externals import joblib

warnings.filterwarnings("ignore")
out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
only = sys.argv[2:]
for name, estimator, kind in golden.cases():
    if only and name not in only:
        continue
    is_text = kind and "text" in kind
    x, y = (golden.texts(), None) if is_text else golden.data()
    new = golden.texts(7, 60) if is_text else golden.data(3, 61)[0]
    if is_text:
        y = np.random.RandomState(1).randint(0, 4, len(x))
    # One target is enough: labels of every kind are tested on the current release.
    label, target = sorted(golden.targets(kind, y).items())[-1]
    try:
        fitted = clone(estimator).fit(x, target)
    except Exception as e:
        print(name, "cannot be fitted here:", e)
        continue
    joblib.dump(fitted, out / (name + ".pkl"), compress=("zlib", 9), protocol=2)
    answers = {}
    for method in golden.METHODS:
        if not hasattr(fitted, method):
            continue
        got = getattr(fitted, method)(new)
        for i, a in enumerate(got if isinstance(got, list) else [got]):
            a = a.toarray() if hasattr(a, "toarray") else np.asarray(a)
            answers["%s.%d" % (method, i)] = a.astype("U") if a.dtype == object else a
    np.savez_compressed(str(out / (name + ".npz")), **answers)
