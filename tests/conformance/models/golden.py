"""Estimators and options for the golden tests: what is fitted on what. Works with every scikit-learn from 0.20 on, so that
the same list makes the fixtures of old releases (make_fixtures.py)."""
import tempfile

import numpy as np
import sklearn
from scipy import stats
from sklearn import linear_model
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA, IncrementalPCA, TruncatedSVD
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.metrics import fbeta_score, make_scorer
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.naive_bayes import BernoulliNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (Binarizer, FunctionTransformer, MaxAbsScaler, MinMaxScaler, Normalizer, RobustScaler,
                                   StandardScaler)
from sklearn.svm import LinearSVC, LinearSVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

try:
    import joblib
except ImportError:
    from sklearn.externals import joblib

VERSION = tuple(int(p) for p in sklearn.__version__.split(".")[:2])
METHODS = ["predict", "predict_proba", "predict_log_proba", "decision_function", "transform"]


def data(seed=0, rows=150, columns=7, classes=4):
    """Blobs that overlap: scores are neither sure nor equal."""
    rng = np.random.RandomState(seed)
    y = rng.randint(0, classes, rows)
    x = rng.randn(rows, columns) + rng.randn(classes, columns)[y]
    x[:, 1] *= 1000
    x[:, 2] = x[:, 2] * 1e-3 + 7
    return x, y


LABELS = {
    "int": lambda y: y * 3 - 1,
    "str": lambda y: np.array(["", "ham", "späm", "longer label"])[y],
    "object": lambda y: np.array(["a", "b", "c", "d"], dtype=object)[y],
    "float": lambda y: y + 2.0,
    "bool": lambda y: y > 1,
    "binary": lambda y: (y > 1).astype(int),
}

WORDS = ("the of and to a in is it you that he was for on are with as I his they be at one have this from or had by hot but some "
         "what there we can out other were all your when up use word how said an each she which do their time if will way about "
         "many then them would write like so these her long make thing see him two has look more day could go come did my sound "
         "no most number who over know water than call first people may down side been now find any new work part Größe naïve "
         "ÉCOLE straße Ελλάς ΟΔΟΣ İstanbul Москва МОСКВА 東京 x1 42 3.14 foo_bar don't e-mail CamelCase").split()


def texts(seed=0, rows=120):
    rng = np.random.RandomState(seed)
    glue = [" ", ", ", ". ", "  ", "\n", "\t", " - ", "; ", "\u00a0", "\x1c", "!", " (", ") "]
    out = []
    for n in rng.randint(0, 60, rows):
        words = [WORDS[int(len(WORDS) * rng.rand() ** 2)] for _ in range(n)]
        out.append("".join(w + glue[int(len(glue) * rng.rand() ** 3)] for w in words))
    out += ["", " ", "é", "ab", "ΟΔΟΣ", "ΑΣ ΣΑΣ.", "İİ", "x\u0301y", "①② ½x", "𝒳𝒴 𝟘𝟙", "😀 emoji"]
    return out


def linear_cases():
    lm = linear_model
    log = "log_loss" if VERSION >= (1, 1) else "log"
    yield "logistic", lm.LogisticRegression(max_iter=50), "classes"
    if VERSION < (1, 8):
        yield "logistic-liblinear", lm.LogisticRegression(solver="liblinear"), "classes"
        yield "logistic-ovr", lm.LogisticRegression(multi_class="ovr", solver="lbfgs", max_iter=50), "classes"
        yield "logistic-multinomial", lm.LogisticRegression(multi_class="multinomial", solver="lbfgs", max_iter=50), "classes"
    yield "logistic-cv", lm.LogisticRegressionCV(Cs=2, cv=3, solver="lbfgs", max_iter=50), "int"
    yield "logistic-no-intercept", lm.LogisticRegression(fit_intercept=False, max_iter=50), "int"
    yield "ridge-classifier", lm.RidgeClassifier(), "classes"
    yield "perceptron", lm.Perceptron(random_state=0), "classes"
    yield "passive-aggressive", lm.PassiveAggressiveClassifier(random_state=0), "int"
    for loss in ("hinge", log, "modified_huber", "squared_hinge"):
        yield "sgd-" + loss, make_pipeline(StandardScaler(), lm.SGDClassifier(loss=loss, random_state=0, max_iter=50)), "classes"
    yield "sgd-average", lm.SGDClassifier(loss=log, average=True, random_state=0, max_iter=50), "binary"
    yield "linear-svc", LinearSVC(random_state=0, max_iter=50), "classes"
    yield "linear", lm.LinearRegression(), "numbers"
    for name in ("Ridge", "Lasso", "ElasticNet", "RidgeCV", "HuberRegressor"):
        yield name, getattr(lm, name)(), "number"
    yield "sgd-regressor", make_pipeline(StandardScaler(), lm.SGDRegressor(random_state=0, max_iter=50)), "number"
    yield "linear-svr", LinearSVR(random_state=0, max_iter=50), "number"
    yield "linear-no-intercept", lm.LinearRegression(fit_intercept=False), "numbers"


def scale_cases():
    yield "standard", StandardScaler(), None
    yield "standard-no-mean", StandardScaler(with_mean=False), None
    yield "standard-no-std", StandardScaler(with_std=False), None
    yield "min-max", MinMaxScaler(feature_range=(-2, 3)), None
    if VERSION >= (0, 24):
        yield "min-max-clip", MinMaxScaler(clip=True), None
    yield "max-abs", MaxAbsScaler(), None
    yield "robust", RobustScaler(), None
    yield "robust-no-centering", RobustScaler(with_centering=False), None
    for norm in ("l1", "l2", "max"):
        yield "normalizer-" + norm, make_pipeline(StandardScaler(), Normalizer(norm=norm)), None
    yield "binarizer", make_pipeline(StandardScaler(), Binarizer(threshold=0.3)), None
    yield "identity", make_pipeline(FunctionTransformer(validate=True), StandardScaler()), None
    yield "pca", PCA(3), None
    yield "pca-whiten", PCA(3, whiten=True), None
    yield "pca-incremental", IncrementalPCA(3), None
    yield "svd", TruncatedSVD(3, random_state=0), None
    yield "kmeans", KMeans(5, n_init=2, random_state=0), None
    yield "minibatch-kmeans", MiniBatchKMeans(6, n_init=2, random_state=0), None
    yield "chain", make_pipeline(StandardScaler(), PCA(4), MinMaxScaler(), linear_model.LogisticRegression()), "str"
    yield "scaler-kmeans", make_pipeline(MaxAbsScaler(), KMeans(4, n_init=1, random_state=1)), None
    yield "union", make_pipeline(FeatureUnion([("a", StandardScaler()), ("b", PCA(2)), ("c", TruncatedSVD(2))],
                                              transformer_weights={"b": 2.5}), linear_model.LogisticRegression(max_iter=50)), "int"
    yield "columns", ColumnTransformer([("s", StandardScaler(), [0, 2]), ("p", "passthrough", [5]), ("m", MinMaxScaler(), slice(3, 5))]), None
    yield "columns-remainder", make_pipeline(ColumnTransformer([("s", RobustScaler(), [1, -1]), ("d", "drop", [0])],
                                                               remainder="passthrough"), linear_model.Ridge()), "number"
    yield "columns-estimator", ColumnTransformer([("s", MaxAbsScaler(), np.array([True, False, True] + [False] * 4))],
                                                 remainder=StandardScaler()), None


def search_cases():
    logistic = make_pipeline(StandardScaler(), linear_model.LogisticRegression(max_iter=50))
    yield "grid", GridSearchCV(logistic, {"logisticregression__C": [0.1, 1.0]}, cv=3), "str"
    yield "random-search", RandomizedSearchCV(linear_model.Ridge(), {"alpha": [0.1, 1.0, 9.0]}, n_iter=2, cv=3, random_state=0), "number"
    yield "grid-scorer", GridSearchCV(logistic, {"logisticregression__C": [0.1, 1.0]}, cv=3, scoring="f1_macro"), "str"
    yield "grid-scorers", GridSearchCV(logistic, {"logisticregression__C": [0.1, 1.0]}, cv=3, refit="log",
                                       scoring={"log": "neg_log_loss", "own": make_scorer(fbeta_score, beta=2, average="macro")}), "int"
    yield "random-search-drawn", RandomizedSearchCV(linear_model.Ridge(), {"alpha": stats.uniform(0.1, 9)}, n_iter=2, cv=3, random_state=0,
                                                    scoring="neg_mean_squared_error"), "number"
    yield "cached", Pipeline([("scale", StandardScaler()), ("last", linear_model.LogisticRegression(max_iter=50))],
                             memory=joblib.Memory(tempfile.mkdtemp(), verbose=0)), "int"
    yield "grid-step", make_pipeline(MaxAbsScaler(), GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [2, 4]}, cv=3)), "int"
    yield "grid-text", GridSearchCV(make_pipeline(TfidfVectorizer(), linear_model.LogisticRegression(max_iter=50)),
                                    {"tfidfvectorizer__ngram_range": [(1, 1), (1, 2)]}, cv=3), "text-classes"


def bayes_cases():
    yield "gaussian", GaussianNB(), "classes"
    yield "gaussian-priors", GaussianNB(priors=[0.1, 0.2, 0.3, 0.4]), "int"
    positive = MinMaxScaler(feature_range=(0, 9))
    yield "multinomial", make_pipeline(positive, MultinomialNB(alpha=0.3)), "classes"
    yield "complement", make_pipeline(positive, ComplementNB(norm=True)), "str"
    yield "bernoulli", BernoulliNB(binarize=0.2), "classes"
    yield "bernoulli-none", make_pipeline(Binarizer(), BernoulliNB(binarize=None)), "int"
    if VERSION >= (0, 22):
        from sklearn.naive_bayes import CategoricalNB
        yield "categorical", make_pipeline(Binarizer(threshold=0.5), CategoricalNB()), "str"


def tree_cases():
    yield "tree", DecisionTreeClassifier(random_state=0), "classes"
    yield "tree-small", DecisionTreeClassifier(max_depth=3, criterion="entropy", random_state=0), "classes"
    yield "tree-leaves", DecisionTreeClassifier(max_leaf_nodes=9, class_weight="balanced", random_state=0), "str"
    yield "tree-regressor", DecisionTreeRegressor(random_state=0), "number"
    yield "tree-regressor-many", DecisionTreeRegressor(max_depth=5, random_state=0), "numbers"
    yield "tree-many", DecisionTreeClassifier(max_depth=4, random_state=0), "labels"
    yield "extra-tree", ExtraTreeClassifier(random_state=0), "classes"
    yield "extra-tree-regressor", ExtraTreeRegressor(random_state=0), "number"
    yield "forest", RandomForestClassifier(n_estimators=13, random_state=0), "classes"
    yield "forest-weights", RandomForestClassifier(n_estimators=9, class_weight="balanced", max_depth=5, random_state=0), "str"
    yield "forest-many", RandomForestClassifier(n_estimators=5, random_state=0), "labels"
    yield "forest-regressor", RandomForestRegressor(n_estimators=11, random_state=0), "number"
    yield "forest-regressor-many", RandomForestRegressor(n_estimators=5, max_depth=6, random_state=0), "numbers"
    yield "extra-trees", ExtraTreesClassifier(n_estimators=10, random_state=0), "classes"
    yield "extra-trees-regressor", ExtraTreesRegressor(n_estimators=10, random_state=0), "number"
    yield "scaled-forest", make_pipeline(StandardScaler(), RandomForestClassifier(n_estimators=10, random_state=0)), "str"


def text_cases():
    yield "count-int", CountVectorizer(dtype=int), "texts"
    for name, options in {
        "default": {}, "english": {"stop_words": "english"}, "stop-list": {"stop_words": ["the", "of", "größe"]},
        "bigrams": {"ngram_range": (1, 2)}, "bigrams-english": {"ngram_range": (2, 3), "stop_words": "english"},
        "char": {"analyzer": "char", "ngram_range": (1, 3)}, "char-wb": {"analyzer": "char_wb", "ngram_range": (2, 4)},
        "char-wb-case": {"analyzer": "char_wb", "ngram_range": (1, 2), "lowercase": False}, "case": {"lowercase": False},
        "accents-unicode": {"strip_accents": "unicode"}, "accents-ascii": {"strip_accents": "ascii"},
        "one-letter": {"token_pattern": r"(?u)\b\w+\b"}, "letters": {"token_pattern": r"\b[a-zA-Z]{3,}\b"},
        "group": {"token_pattern": r"(\w)\w*\s"}, "empty": {"token_pattern": r"\w*"}, "not-space": {"token_pattern": r"[^\s,.]+"},
        "binary": {"binary": True},
    }.items():
        yield "count-" + name, CountVectorizer(**options), "texts"
        yield "hash-" + name, HashingVectorizer(n_features=97, **options), "texts"
        yield "tfidf-" + name, TfidfVectorizer(max_features=200, **options), "texts"
    for name, options in {"sublinear": {"sublinear_tf": True}, "l1": {"norm": "l1"}, "no-norm": {"norm": None},
                          "no-idf": {"use_idf": False}, "no-smooth": {"smooth_idf": False}}.items():
        yield "tfidf-" + name, TfidfVectorizer(**options), "texts"
    for name, options in {"plain": {"alternate_sign": False}, "l1": {"norm": "l1"}, "no-norm": {"norm": None},
                          "large": {"n_features": 2 ** 13}}.items():
        yield "hash-" + name, HashingVectorizer(**dict({"n_features": 1000}, **options)), "texts"
    yield "count-float", CountVectorizer(dtype=np.float64), "texts"
    yield "count-vocabulary", CountVectorizer(vocabulary=["word", "time", "größe", "water"]), "texts"
    yield "count-tfidf", make_pipeline(CountVectorizer(), TfidfTransformer(sublinear_tf=True)), "texts"
    yield "lsa-kmeans", make_pipeline(TfidfVectorizer(stop_words="english"), TruncatedSVD(5, random_state=0), Normalizer(copy=False),
                                      MiniBatchKMeans(4, n_init=2, random_state=0)), "texts"
    yield "text-logistic", make_pipeline(TfidfVectorizer(), linear_model.LogisticRegression()), "text-classes"
    yield "text-multinomial", make_pipeline(CountVectorizer(), MultinomialNB()), "text-classes"
    yield "text-bernoulli", make_pipeline(CountVectorizer(), BernoulliNB()), "text-classes"
    yield "text-kmeans", make_pipeline(TfidfVectorizer(), KMeans(4, n_init=1, random_state=0)), "texts"
    yield "text-forest", make_pipeline(TfidfVectorizer(max_features=50), RandomForestClassifier(n_estimators=5, random_state=0)), "text-classes"
    yield "text-max-abs", make_pipeline(CountVectorizer(), MaxAbsScaler(), Normalizer(norm="max"), LinearSVC(random_state=0)), "text-classes"
    yield "text-standard", make_pipeline(CountVectorizer(), StandardScaler(with_mean=False), linear_model.SGDClassifier(random_state=0)), "text-classes"
    yield "text-union", make_pipeline(FeatureUnion([("w", TfidfVectorizer()), ("c", CountVectorizer(analyzer="char", binary=True))]),
                                      linear_model.LogisticRegression(max_iter=50)), "text-classes"
    yield "text-union-dense", FeatureUnion([("w", CountVectorizer()), ("l", make_pipeline(TfidfVectorizer(), TruncatedSVD(3, random_state=0)))]), "texts"


EVERY_LABEL = {"logistic", "logistic-ovr", "linear-svc", "gaussian", "tree", "forest", "text-logistic"}


def targets(kind, y, name=""):
    """Names and targets to fit a case of this kind with: every kind of label for some, text and two classes for the rest."""
    rng = np.random.RandomState(5)
    if kind == "classes" or kind == "text-classes":
        return {k: f(y) for k, f in LABELS.items() if name in EVERY_LABEL or k in ("str", "binary")}
    if kind == "number":
        return {"": y + rng.randn(len(y))}
    if kind == "numbers":
        return {"": y + rng.randn(len(y)), "two": np.c_[y + rng.randn(len(y)), rng.randn(len(y))]}
    if kind == "labels":
        return {"": np.c_[y, y % 2, (y > 2) * 5]}
    return {"": None if kind in (None, "texts") else LABELS[kind](y)}


def cases():
    for group in (linear_cases, scale_cases, search_cases, bayes_cases, tree_cases, text_cases):
        for name, estimator, kind in group():
            yield name, estimator, kind
