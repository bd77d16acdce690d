"""Every estimator with its options against the scikit-learn of this environment: all methods, plain and AVX2 kernels, any cut
of the batch, and every dtype a request may have."""
import joblib
import numpy as np
import pytest
from sklearn.base import clone

import golden
from conftest import Refused, agree

CASES = {name: (estimator, kind) for name, estimator, kind in golden.cases()}


def fitted(name):
    estimator, kind = CASES[name]
    is_text = kind and "text" in kind
    x, y = (golden.texts(), None) if is_text else golden.data()
    if is_text:
        y = np.random.RandomState(1).randint(0, 4, len(x))
    for label, target in golden.targets(kind, y, name).items():
        yield clone(estimator).fit(x, target), golden.texts(7, 60) if is_text else golden.data(3, 61)[0]


def answers(estimator, x):
    for method in golden.METHODS:
        if hasattr(estimator, method):
            yield method, getattr(estimator, method)(x)


@pytest.mark.parametrize("name", CASES)
def test_agrees_with_scikit_learn(name, runner, tmp_path):
    path = tmp_path / "model.joblib"
    for estimator, x in fitted(name):
        joblib.dump(estimator, path)
        for method, want in answers(estimator, x):
            for plain in (False, True):
                got = runner.run(path, method, x, plain=plain)
                agree(got, want)
                for batch in (1, 13):
                    again = runner.run(path, method, x, plain=plain, batch=batch)
                    for a, b in zip(got if isinstance(got, list) else [got], again if isinstance(again, list) else [again]):
                        assert a.tobytes() == b.tobytes() if a.dtype != object else (a == b).all()


NUMERIC = [name for name, (_, kind) in CASES.items() if not (kind and "text" in kind)]


@pytest.mark.parametrize("name", NUMERIC)
def test_any_numeric_dtype_may_come(name, runner, tmp_path):
    path = tmp_path / "model.joblib"
    for estimator, x in fitted(name):
        joblib.dump(estimator, path)
        whole = np.round(x)
        method, want = next(answers(estimator, whole.astype(np.float64)))
        for dtype in ("int64", "int16", "float32", "float64"):
            agree(runner.run(path, method, whole.astype(dtype)), want)
        break


def test_a_float32_request_is_answered_within_float32(runner, tmp_path):
    path = tmp_path / "model.joblib"
    for name in ("logistic", "standard", "pca", "forest", "Ridge"):
        estimator, x = next(fitted(name))
        joblib.dump(estimator, path)
        for method, want in answers(estimator, x.astype(np.float32)):
            got = runner.run(path, method, x.astype(np.float32))
            if np.asarray(want).dtype.kind == "f":
                np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6 * np.abs(want[np.isfinite(want)]).max())
            else:
                agree(got, want)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_pickle_protocol_gives_the_same_model(protocol, runner, tmp_path):
    import pickle
    for name in ("logistic", "forest", "tfidf-english", "count-int", "columns", "union"):
        estimator, x = next(fitted(name))
        path = tmp_path / "model.pkl"
        path.write_bytes(pickle.dumps(estimator, protocol))
        for method, want in answers(estimator, x):
            agree(runner.run(path, method, x), want)


# --- missing values: the rule of the version ---

def test_missing_values_go_where_the_tree_sends_them(runner, tmp_path):
    from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier, RandomForestRegressor
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
    x, y = golden.data()
    holes = x.copy()
    holes[np.random.RandomState(2).rand(*x.shape) < 0.2] = np.nan
    path = tmp_path / "model.joblib"
    for estimator in (DecisionTreeClassifier(random_state=0), DecisionTreeRegressor(random_state=0), RandomForestClassifier(9, random_state=0),
                      RandomForestRegressor(9, random_state=0), ExtraTreesClassifier(9, random_state=0)):
        for trained_on in (x, holes):
            estimator.fit(trained_on, y)
            joblib.dump(estimator, path)
            for method, want in answers(estimator, holes):
                for plain in (False, True):
                    agree(runner.run(path, method, holes, plain=plain), want)


@pytest.mark.parametrize("name", ["logistic", "kmeans", "pca", "gaussian", "standard", "min-max", "tree", "chain"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e39])
def test_nan_and_infinity_are_taken_or_refused_as_scikit_learn_does(name, bad, runner, tmp_path):
    estimator, x = next(fitted(name))
    path = tmp_path / "model.joblib"
    joblib.dump(estimator, path)
    x = x.copy()
    x[5, 3] = bad
    method = "predict" if hasattr(estimator, "predict") else "transform"
    try:
        want = getattr(estimator, method)(x)
    except ValueError as e:
        with pytest.raises(Refused) as refused:
            runner.run(path, method, x)
        assert str(e).splitlines()[0].rstrip(".") in str(refused.value).replace(" (instance 5)", "")
        assert "instance 5" in str(refused.value) and refused.value.code == "INVALID"
    else:
        agree(runner.run(path, method, x), want)


# --- a transformer and a predictor of their own files, run as one ---

@pytest.mark.parametrize("front", ["count-vocabulary", "tfidf-default", "count-tfidf"])
@pytest.mark.parametrize("back", ["tree", "forest", "logistic", "gaussian", "kmeans", "multinomial"])
def test_a_transformer_in_front_of_a_predictor(front, back, runner, tmp_path):
    texts, x = golden.texts(), golden.texts(7, 60)
    transformer, predictor = clone(CASES[front][0]).fit(texts), clone(CASES[back][0])
    y = np.random.RandomState(1).randint(0, 4, len(texts))
    dense = np.asarray(transformer.transform(texts).todense())
    predictor.fit(dense, y)
    joblib.dump(transformer, tmp_path / "front.joblib")
    joblib.dump(predictor, tmp_path / "back.joblib")
    want = predictor.predict(np.asarray(transformer.transform(x).todense()))
    agree(runner.run(tmp_path / "back.joblib", "predict", x, fuse=[str(tmp_path / "front.joblib"), "transform"]), want)


# --- wrong input, in scikit-learn's words ---

def test_a_wrong_width_is_refused_in_scikit_learns_words(runner, tmp_path):
    path = tmp_path / "model.joblib"
    for name in ("logistic", "kmeans", "chain", "forest", "columns", "union", "standard", "svd"):
        estimator, x = next(fitted(name))
        joblib.dump(estimator, path)
        method = "predict" if hasattr(estimator, "predict") else "transform"
        with pytest.raises(ValueError) as theirs:
            getattr(estimator, method)(x[:, :3])
        with pytest.raises(Refused) as ours:
            runner.run(path, method, x[:, :3])
        assert str(ours.value) == str(theirs.value) and ours.value.code == "INVALID"


def test_wrong_kinds_and_shapes_are_refused(runner, tmp_path):
    path = tmp_path / "model.joblib"
    estimator, x = next(fitted("logistic"))
    joblib.dump(estimator, path)
    for bad, words in ((x[0], "Expected 2D array, got 1D array"), (x[:0], "Found array with 0 sample(s)"), (["a", "b"], "Expected 2D array")):
        with pytest.raises(Refused, match=None) as refused:
            runner.run(path, "predict", bad)
        assert words in str(refused.value) and refused.value.code == "INVALID"
    with pytest.raises(Refused) as refused:
        runner.run(path, "transform", x)
    assert str(refused.value) == "LogisticRegression has no transform"
    estimator, x = next(fitted("tfidf-default"))
    joblib.dump(estimator, path)
    with pytest.raises(Refused) as refused:
        runner.run(path, "transform", np.zeros((3, 1)))
    assert "TfidfVectorizer expects text" in str(refused.value)


def test_what_is_not_understood_is_refused_by_name(runner, tmp_path):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer
    from sklearn.svm import SVC
    x, y = golden.data()
    docs = golden.texts()
    path = tmp_path / "model.joblib"
    for estimator, words in (
            (SVC().fit(x, y), ["sklearn.svm._classes.SVC", "cannot be served"]),
            (make_pipeline(FunctionTransformer(np.log1p), LogisticRegression()).fit(abs(x), y), ["FunctionTransformer", "func"]),
            (TfidfVectorizer(tokenizer=str.split).fit(docs), ["nothing that it names is imported or called"]),
            (TfidfVectorizer(token_pattern=r"\b\w+\b(?a:x)?").fit(docs), ["token_pattern"]),
            (LogisticRegression(), ["LogisticRegression"]),
            ({"a": 1}, ["no estimator"])):
        joblib.dump(estimator, path)
        with pytest.raises(Refused) as refused:
            runner.run(path, "predict", x)
        assert refused.value.code in ("UNSUPPORTED", "FORBIDDEN"), refused.value
        for w in words:
            assert w in str(refused.value)


# --- tables with names ---

def frame():
    import pandas as pd
    x, y = golden.data()
    t = pd.DataFrame(x[:, :4], columns=["age", "income", "größe", "x"])
    t["text"] = (golden.texts() * 2)[:len(t)]
    return t, y


def columns_of(table):
    return {c: list(table[c]) if table[c].dtype == object else table[c].to_numpy() for c in table.columns}


def test_named_columns_of_numbers_and_text(runner, tmp_path):
    from sklearn.compose import ColumnTransformer, make_column_selector
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler
    table, y = frame()
    path = tmp_path / "model.joblib"
    for pre in (ColumnTransformer([("n", StandardScaler(), ["age", "income"]), ("t", TfidfVectorizer(), "text")]),
                ColumnTransformer([("t", TfidfVectorizer(), "text"), ("d", "drop", ["x"])], remainder=MinMaxScaler()),
                ColumnTransformer([("n", "passthrough", make_column_selector(dtype_include=float)), ("t", TfidfVectorizer(), "text")]),
                ColumnTransformer([("n", StandardScaler(), slice("age", "größe"))])):
        model = make_pipeline(pre, LogisticRegression(max_iter=300)).fit(table, y)
        joblib.dump(model, path)
        for method, want in answers(model, table):
            agree(runner.run(path, method, columns_of(table)), want)
            shuffled = columns_of(table[["text", "x", "income", "größe", "age"]])
            agree(runner.run(path, method, shuffled), want)
    with pytest.raises(Refused) as refused:
        runner.run(path, "predict", columns_of(table[["age", "income", "text"]]))
    assert "columns are missing" in str(refused.value) and "größe" in str(refused.value)


@pytest.mark.parametrize("kept", ["1.5", "0.24", "0.22"])
def test_column_names_and_remainders_as_other_releases_keep_them(kept, runner, tmp_path, monkeypatch):
    """1.5 and 1.6 wrap the columns of the remainder; before 1.0 the names had an attribute of another name."""
    from collections import UserList
    from sklearn.compose import ColumnTransformer, _column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    table, y = frame()
    numbers = table[["age", "income", "größe", "x"]]
    pre = ColumnTransformer([("n", StandardScaler(), ["income", "age"])], remainder="passthrough")
    model = make_pipeline(pre, LogisticRegression(max_iter=300)).fit(numbers, y)
    want = model.predict_proba(numbers)
    wrapped = type("_RemainderColsList", (UserList,), {"__module__": _column_transformer.__name__})
    monkeypatch.setattr(_column_transformer, "_RemainderColsList", wrapped, raising=False)
    if kept == "1.5":
        pre.transformers_[-1] = (*pre.transformers_[-1][:2], wrapped([2, 3]))
    else:
        names = numbers.columns if kept == "0.22" else numbers.columns.to_numpy()
        setattr(pre, "_df_columns" if kept == "0.22" else "_feature_names_in", names)
        del pre.feature_names_in_
    joblib.dump(model, tmp_path / "model.joblib")
    agree(runner.run(tmp_path / "model.joblib", "predict_proba", columns_of(numbers)), want)


def test_a_constant_to_impute_may_be_kept_as_an_object(runner, tmp_path, monkeypatch):
    """As 1.8 keeps it."""
    from sklearn.impute import SimpleImputer
    x, _ = golden.data()
    x[::3, 2] = np.nan
    model = SimpleImputer(strategy="constant", fill_value=7).fit(x)
    want = model.transform(x)
    for statistics in (model.statistics_, model.statistics_.astype(object)):
        model.statistics_ = statistics
        joblib.dump(model, tmp_path / "model.joblib")
        agree(runner.run(tmp_path / "model.joblib", "transform", x), want)
    model.statistics_ = np.array([7] * (x.shape[1] - 1) + [np.nan], dtype=object)  # 1.8 drops what was empty at fit
    monkeypatch.setattr("sklearn.base.__version__", "1.8.0")
    joblib.dump(model, tmp_path / "model.joblib")
    agree(runner.run(tmp_path / "model.joblib", "transform", x), want[:, :-1])
    model.statistics_ = np.array(["none"] * x.shape[1], dtype=object)
    joblib.dump(model, tmp_path / "model.joblib")
    with pytest.raises(Refused, match="statistics_ is numpy.ndarray of object"):
        runner.run(tmp_path / "model.joblib", "transform", x)


def test_a_predictor_that_was_trained_on_a_table_takes_names_and_rows(runner, tmp_path):
    from sklearn.linear_model import LogisticRegression
    table, y = frame()
    numbers = table[["age", "income", "größe", "x"]]
    model = LogisticRegression(max_iter=200).fit(numbers, y)
    joblib.dump(model, tmp_path / "model.joblib")
    want = model.predict(numbers)
    agree(runner.run(tmp_path / "model.joblib", "predict", columns_of(numbers)), want)
    agree(runner.run(tmp_path / "model.joblib", "predict", numbers.to_numpy()), want)


# --- a transformer in front ---

def test_a_fused_transformer_and_predictor_give_what_the_two_give(runner, tmp_path):
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.tree import DecisionTreeClassifier
    docs, new = golden.texts(), golden.texts(9)
    y = np.random.RandomState(1).randint(0, 3, len(docs))
    front = TfidfVectorizer().fit(docs)
    joblib.dump(front, tmp_path / "front.joblib")
    for model in (LogisticRegression(), KMeans(3, n_init=1, random_state=0), DecisionTreeClassifier(random_state=0)):
        model.fit(front.transform(docs), y)
        joblib.dump(model, tmp_path / "model.joblib")
        got = runner.run(tmp_path / "model.joblib", "predict", new, fuse=[str(tmp_path / "front.joblib"), "transform"])
        agree(got, model.predict(front.transform(new)))
    model = KMeans(3, n_init=1).fit(golden.data()[0])
    joblib.dump(model, tmp_path / "model.joblib")
    with pytest.raises(Refused) as refused:
        runner.run(tmp_path / "model.joblib", "predict", new, fuse=[str(tmp_path / "front.joblib"), "transform"])
    assert str(refused.value) == f"X has {len(front.vocabulary_)} features, but KMeans is expecting 7 features as input."
