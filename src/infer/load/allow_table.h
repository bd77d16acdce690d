/*
 * The names that a model file may mention, and as what. Everything else is refused. To let another name in:
 *
 *   NAME(module, name)        may be mentioned, as a value (a dtype's class, a function given as a parameter)
 *   CLASS(module, name)       may also have instances, which are data: PY_OBJECT
 *   DICT(module, name)        a dict by another name: PY_DICT
 *   MAKE(module, name, make)  make_*.c builds the value
 *   PACKAGE(module)           every class in this module and below it is CLASS: what is spelled as a class, a capital
 *                             letter after any underscores. Functions are not: they need a row of their own.
 *   FUNCTIONS(module)         every function in this module and below it is NAME: what is spelled in lower case
 *
 * A row lets data in, never code: nothing named here is called, so a wrong row is at worst an "unsupported" later.
 * Included several times with different macros; no include guard on purpose.
 */
#ifndef NAME
#define NAME(module, name)
#endif
#ifndef CLASS
#define CLASS(module, name)
#endif
#ifndef DICT
#define DICT(module, name)
#endif
#ifndef MAKE
#define MAKE(module, name, make)
#endif
#ifndef PACKAGE
#define PACKAGE(module)
#endif
#ifndef FUNCTIONS
#define FUNCTIONS(module)
#endif

/* Python itself; protocols 0 to 2 use the module names of Python 2. */
#define BUILTINS(module)                       \
	MAKE(module, "set", make_set)          \
	MAKE(module, "frozenset", make_set)    \
	MAKE(module, "list", make_list)        \
	MAKE(module, "tuple", make_tuple)      \
	MAKE(module, "dict", make_dict)        \
	MAKE(module, "bytes", make_bytes)      \
	MAKE(module, "bytearray", make_bytes)  \
	CLASS(module, "complex")               \
	CLASS(module, "slice")                 \
	CLASS(module, "range")                 \
	CLASS(module, "xrange")                \
	NAME(module, "object")                 \
	NAME(module, "int")                    \
	NAME(module, "long")                   \
	NAME(module, "float")                  \
	NAME(module, "bool")                   \
	NAME(module, "str")                    \
	NAME(module, "unicode")
BUILTINS("builtins")
BUILTINS("__builtin__")
#undef BUILTINS
MAKE("copyreg", "_reconstructor", make_reconstructed)
MAKE("copy_reg", "_reconstructor", make_reconstructed)
MAKE("copyreg", "__newobj__", make_newobj)
MAKE("copy_reg", "__newobj__", make_newobj)
MAKE("_codecs", "encode", make_encoded)
DICT("collections", "OrderedDict")
DICT("collections", "defaultdict")
DICT("collections", "Counter")

/* numpy, by its old and its new module names. */
#define NUMPY_CORE(core)                                             \
	MAKE(core ".multiarray", "_reconstruct", make_array)         \
	MAKE(core ".multiarray", "scalar", make_scalar)              \
	MAKE(core ".numeric", "_frombuffer", make_frombuffer)
NUMPY_CORE("numpy.core")
NUMPY_CORE("numpy._core")
#undef NUMPY_CORE
NAME("numpy", "ndarray")
NAME("numpy", "matrix")
NAME("numpy", "memmap")
NAME("numpy.core.memmap", "memmap")
NAME("numpy._core.memmap", "memmap")
NAME("numpy.matrixlib.defmatrix", "matrix")
MAKE("numpy", "dtype", make_dtype_object)
MAKE("numpy.ma.core", "_mareconstruct", make_masked)
CLASS("numpy.ma.core", "MaskedArray")
NAME("numpy.ma", "MaskedArray")
CLASS("numpy.ma.core", "MaskedConstant")
#define NUMPY_TYPE(name) NAME("numpy", name)
NUMPY_TYPE("bool_")
NUMPY_TYPE("bool")
NUMPY_TYPE("int8")
NUMPY_TYPE("int16")
NUMPY_TYPE("int32")
NUMPY_TYPE("int64")
NUMPY_TYPE("intc")
NUMPY_TYPE("intp")
NUMPY_TYPE("int_")
NUMPY_TYPE("longlong")
NUMPY_TYPE("uint8")
NUMPY_TYPE("uint16")
NUMPY_TYPE("uint32")
NUMPY_TYPE("uint64")
NUMPY_TYPE("uintc")
NUMPY_TYPE("uintp")
NUMPY_TYPE("uint")
NUMPY_TYPE("ulonglong")
NUMPY_TYPE("float16")
NUMPY_TYPE("float32")
NUMPY_TYPE("float64")
NUMPY_TYPE("float_")
NUMPY_TYPE("longdouble")
NUMPY_TYPE("complex64")
NUMPY_TYPE("complex128")
NUMPY_TYPE("complex_")
NUMPY_TYPE("str_")
NUMPY_TYPE("unicode_")
NUMPY_TYPE("bytes_")
NUMPY_TYPE("string_")
NUMPY_TYPE("object_")
NUMPY_TYPE("void")
NUMPY_TYPE("datetime64")
NUMPY_TYPE("timedelta64")
NUMPY_TYPE("generic")
NUMPY_TYPE("number")
NUMPY_TYPE("integer")
NUMPY_TYPE("signedinteger")
NUMPY_TYPE("unsignedinteger")
NUMPY_TYPE("inexact")
NUMPY_TYPE("floating")
NUMPY_TYPE("complexfloating")
NUMPY_TYPE("flexible")
NUMPY_TYPE("character")
/* Functions that a FunctionTransformer may have as its parameter: names, for the loaders to know or not. */
NUMPY_TYPE("abs")
NUMPY_TYPE("absolute")
NUMPY_TYPE("ceil")
NUMPY_TYPE("cos")
NUMPY_TYPE("exp")
NUMPY_TYPE("exp2")
NUMPY_TYPE("expm1")
NUMPY_TYPE("floor")
NUMPY_TYPE("log")
NUMPY_TYPE("log10")
NUMPY_TYPE("log1p")
NUMPY_TYPE("log2")
NUMPY_TYPE("negative")
NUMPY_TYPE("reciprocal")
NUMPY_TYPE("rint")
NUMPY_TYPE("sign")
NUMPY_TYPE("sin")
NUMPY_TYPE("sqrt")
NUMPY_TYPE("square")
NUMPY_TYPE("tan")
NUMPY_TYPE("tanh")
#undef NUMPY_TYPE
MAKE("numpy.core", "_ufunc_reconstruct", make_ufunc)
MAKE("numpy._core", "_ufunc_reconstruct", make_ufunc)

/* Random states: fitted estimators keep theirs. Opaque. */
CLASS("numpy.random._pickle", "__randomstate_ctor")
CLASS("numpy.random._pickle", "__generator_ctor")
CLASS("numpy.random._pickle", "__bit_generator_ctor")
CLASS("numpy.random", "__RandomState_ctor")
CLASS("numpy.random.mtrand", "__RandomState_ctor")
CLASS("numpy.random._mt19937", "MT19937")
CLASS("numpy.random._pcg64", "PCG64")
CLASS("numpy.random._pcg64", "PCG64DXSM")
CLASS("numpy.random._philox", "Philox")
CLASS("numpy.random._sfc64", "SFC64")
CLASS("numpy.random._generator", "Generator")
CLASS("numpy.random.mtrand", "RandomState")
CLASS("numpy.random.bit_generator", "SeedSequence")
CLASS("numpy.random.bit_generator", "SeedlessSeedSequence")
MAKE("numpy.random.bit_generator", "__pyx_unpickle_SeedSequence", make_cython)
MAKE("numpy.random.bit_generator", "__pyx_unpickle_SeedlessSequence", make_cython)

/* scipy */
#define SPARSE(old, new, name)                            \
	CLASS("scipy.sparse." old, name "_matrix")        \
	CLASS("scipy.sparse." new, name "_matrix")        \
	CLASS("scipy.sparse." new, name "_array")
SPARSE("csr", "_csr", "csr")
SPARSE("csc", "_csc", "csc")
SPARSE("coo", "_coo", "coo")
SPARSE("dia", "_dia", "dia")
SPARSE("bsr", "_bsr", "bsr")
SPARSE("lil", "_lil", "lil")
#undef SPARSE
CLASS("scipy.interpolate.interpolate", "interp1d")
CLASS("scipy.interpolate._interpolate", "interp1d")
/* What a randomised search drew its parameters from; it keeps that beside the best estimator. */
CLASS("scipy.stats._distn_infrastructure", "rv_continuous_frozen")
CLASS("scipy.stats._distn_infrastructure", "rv_frozen")
#define DISTRIBUTION(name) CLASS("scipy.stats._continuous_distns", name "_gen")
DISTRIBUTION("beta")
DISTRIBUTION("chi2")
DISTRIBUTION("expon")
DISTRIBUTION("gamma")
DISTRIBUTION("halfnorm")
DISTRIBUTION("loguniform")
DISTRIBUTION("lognorm")
DISTRIBUTION("norm")
DISTRIBUTION("reciprocal")
DISTRIBUTION("truncnorm")
DISTRIBUTION("uniform")
#undef DISTRIBUTION

/* pandas: column names of a frame that a model was fitted on */
MAKE("pandas.core.indexes.base", "_new_Index", make_index)
NAME("pandas.core.indexes.base", "Index")
NAME("pandas.core.indexes.range", "RangeIndex")
NAME("pandas.core.indexes.numeric", "Int64Index")

/* joblib: the place-holders of its arrays; old ones keep the array in a file of its own, and say so when refused. */
CLASS("joblib.numpy_pickle", "NumpyArrayWrapper")
CLASS("joblib.numpy_pickle", "NDArrayWrapper")
CLASS("joblib.numpy_pickle", "ZNDArrayWrapper")
CLASS("joblib.numpy_pickle_compat", "NDArrayWrapper")
CLASS("joblib.numpy_pickle_compat", "ZNDArrayWrapper")
CLASS("sklearn.externals.joblib.numpy_pickle", "NumpyArrayWrapper")
CLASS("sklearn.externals.joblib.numpy_pickle", "NDArrayWrapper")
CLASS("sklearn.externals.joblib.numpy_pickle", "ZNDArrayWrapper")
CLASS("sklearn.externals.joblib.numpy_pickle_compat", "NDArrayWrapper")
CLASS("sklearn.externals.joblib.numpy_pickle_compat", "ZNDArrayWrapper")
/* Where a pipeline cached the fitting of its steps. */
CLASS("joblib.memory", "Memory")
CLASS("joblib._store_backends", "FileSystemStoreBackend")
CLASS("sklearn.externals.joblib.memory", "Memory")
CLASS("sklearn.externals.joblib._store_backends", "FileSystemStoreBackend")

/* scikit-learn */
DICT("sklearn.utils", "Bunch")
DICT("sklearn.utils._bunch", "Bunch")
DICT("sklearn.datasets.base", "Bunch")
PACKAGE("_loss") /* the losses of gradient boosting: Cython wrote their module without its package */
CLASS("sklearn.compose._column_transformer", "make_column_selector") /* a class in spite of its name; plain data */
PACKAGE("sklearn._loss")
PACKAGE("sklearn.base")
PACKAGE("sklearn.calibration")
PACKAGE("sklearn.cluster")
PACKAGE("sklearn.compose")
PACKAGE("sklearn.covariance")
PACKAGE("sklearn.cross_decomposition")
PACKAGE("sklearn.decomposition")
PACKAGE("sklearn.discriminant_analysis")
PACKAGE("sklearn.dummy")
PACKAGE("sklearn.ensemble")
PACKAGE("sklearn.feature_extraction")
PACKAGE("sklearn.feature_selection")
PACKAGE("sklearn.frozen")
PACKAGE("sklearn.gaussian_process")
PACKAGE("sklearn.impute")
PACKAGE("sklearn.isotonic")
PACKAGE("sklearn.kernel_approximation")
PACKAGE("sklearn.kernel_ridge")
PACKAGE("sklearn.linear_model")
PACKAGE("sklearn.manifold")
PACKAGE("sklearn.metrics")
PACKAGE("sklearn.mixture")
PACKAGE("sklearn.model_selection")
PACKAGE("sklearn.multiclass")
PACKAGE("sklearn.multioutput")
PACKAGE("sklearn.naive_bayes")
PACKAGE("sklearn.neighbors")
PACKAGE("sklearn.neural_network")
PACKAGE("sklearn.pipeline")
PACKAGE("sklearn.preprocessing")
PACKAGE("sklearn.random_projection")
PACKAGE("sklearn.semi_supervised")
PACKAGE("sklearn.svm")
PACKAGE("sklearn.tree")
PACKAGE("sklearn.utils")
MAKE("sklearn.neighbors.kd_tree", "newObj", make_newobj_cython)
MAKE("sklearn.neighbors._kd_tree", "newObj", make_newobj_cython)
MAKE("sklearn.neighbors.ball_tree", "newObj", make_newobj_cython)
MAKE("sklearn.neighbors._ball_tree", "newObj", make_newobj_cython)
MAKE("sklearn.neighbors.dist_metrics", "newObj", make_newobj_cython)
MAKE("sklearn.neighbors._dist_metrics", "newObj", make_newobj_cython)
MAKE("sklearn.metrics._dist_metrics", "newObj", make_newobj_cython)

/* Functions given as parameters. A search keeps what its scorer calls, also when scoring was but a word. */
FUNCTIONS("sklearn.metrics")
NAME("sklearn.feature_extraction.text", "strip_accents_unicode")
NAME("sklearn.feature_extraction.text", "strip_accents_ascii")
NAME("sklearn.feature_extraction.text", "strip_tags")
NAME("sklearn.preprocessing._function_transformer", "_identity")
#define SELECTION(module)                          \
	NAME(module, "f_classif")                  \
	NAME(module, "f_oneway")                   \
	NAME(module, "f_regression")               \
	NAME(module, "r_regression")               \
	NAME(module, "chi2")
SELECTION("sklearn.feature_selection._univariate_selection")
SELECTION("sklearn.feature_selection.univariate_selection")
#undef SELECTION
NAME("sklearn.feature_selection._mutual_info", "mutual_info_classif")
NAME("sklearn.feature_selection._mutual_info", "mutual_info_regression")
NAME("sklearn.feature_selection.mutual_info_", "mutual_info_classif")
NAME("sklearn.feature_selection.mutual_info_", "mutual_info_regression")

#undef NAME
#undef CLASS
#undef DICT
#undef MAKE
#undef PACKAGE
#undef FUNCTIONS
