/*
 * CountVectorizer, TfidfVectorizer, HashingVectorizer, TfidfTransformer. Options that are data are all understood; a
 * tokenizer, preprocessor or analyzer that is code is refused by name.
 */
#include <math.h>

#include "base/check.h"
#include "base/map.h"
#include "infer/load/sklearn/lowering.h"
#include "infer/text/accent.h"
#include "infer/text/pattern.h"
#include "infer/text/stopwords.h"
#include "infer/text/vocabulary.h"

enum { NGRAM_MAX = 64 };

/* --- options --- */

static int refuse_code(struct lowering *l, const struct py *est, const char *name)
{
	const struct py *v = py_get(est, name);
	if (py_is_none(v))
		return 0;
	return sk_unsupported(
	    l, est, "%s is %s: code in a model is not run; train with %s=None and clean the text before it is sent",
	    name, py_describe(v, l->arena), name);
}

static int read_ngrams(struct lowering *l, const struct py *est, struct op_text *op)
{
	const struct py *range = py_get(est, "ngram_range");
	int64_t least = 1, most = 1;
	if (range && ((range->kind != PY_TUPLE && range->kind != PY_LIST) || range->seq.n != 2 ||
		      !py_as_i64(range->seq.items[0], &least) || !py_as_i64(range->seq.items[1], &most)))
		return sk_unsupported(l, est, "ngram_range is %s, not two integers", py_describe(range, l->arena));
	if (least < 1 || least > most || most > NGRAM_MAX)
		return sk_unsupported(l, est, "ngram_range is (%lld, %lld); it must lie in 1 to %d", (long long)least,
				      (long long)most, NGRAM_MAX);
	/* With words alone the lower bound means nothing. */
	op->ngram_min = most == 1 ? 1 : (uint32_t)least;
	op->ngram_max = (uint32_t)most;
	return 0;
}

static int read_analyzer(struct lowering *l, const struct py *est, struct op_text *op)
{
	const struct py *v = py_get(est, "analyzer");
	if (!v || py_is_str(v, "word"))
		op->analyzer = TEXT_WORDS;
	else if (py_is_str(v, "char"))
		op->analyzer = TEXT_CHARACTERS;
	else if (py_is_str(v, "char_wb"))
		op->analyzer = TEXT_CHARACTERS_IN_WORDS;
	else
		return sk_unsupported(l, est, "analyzer is %s; supported are 'word', 'char' and 'char_wb'",
				      py_describe(v, l->arena));
	return 0;
}

static int read_accents(struct lowering *l, const struct py *est, struct op_text *op)
{
	const struct py *v = py_get(est, "strip_accents");
	int version = sk_version(est);
	if (py_is_none(v))
		op->accents = ACCENT_KEEP;
	else if (py_is_str(v, "ascii"))
		op->accents = ACCENT_ASCII;
	else if (py_is_str(v, "unicode"))
		op->accents = version && version < 22 ? ACCENT_UNICODE_OLD : ACCENT_UNICODE;
	else
		return sk_unsupported(l, est, "strip_accents is %s; supported are None, 'ascii' and 'unicode'",
				      py_describe(v, l->arena));
	return 0;
}

static int read_pattern(struct lowering *l, const struct py *est, struct op_text *op)
{
	struct slice python, pcre;
	struct pattern *trial;
	if (op->analyzer != TEXT_WORDS) {
		op->word_least = 1;
		return 0;
	}
	if (sk_word(l, est, "token_pattern", "(?u)\\b\\w\\w+\\b", &python) < 0)
		return -1;
	op->word_least = pattern_plain_words(python);
	if (op->word_least)
		return 0;
	if (pattern_translate(python, l->arena, &pcre, l->err) < 0 || pattern_new(pcre, &trial, l->err) < 0)
		return err_wrap(l->err, "%s", sk_describe(l, est));
	pattern_free(trial);
	op->pattern = graph_put_text(&l->b, pcre);
	return 0;
}

static bool integer_dtype(const struct py *v)
{
	if (v && v->kind == PY_DTYPE)
		return v->dtype->kind == 'i' || v->dtype->kind == 'u';
	struct slice name = v && v->kind == PY_GLOBAL ? slice_str(v->object.cls->name) : slice_of(NULL, 0);
	/* Python's int is the long of Python 2 in a pickle of protocol 2 or below. */
	return slice_starts(name, "int") || slice_starts(name, "uint") || slice_is(name, "long");
}

/* --- words --- */

static int read_stop_words(struct lowering *l, const struct py *est, struct slice **out, size_t *n)
{
	const struct py *v = py_get(est, "stop_words");
	*n = 0;
	if (py_is_none(v))
		return 0;
	if (py_is_str(v, "english")) {
		*out = arena_array(l->arena, STOPWORDS_ENGLISH, sizeof **out);
		for (size_t i = 0; *out && i < STOPWORDS_ENGLISH; i++)
			(*out)[i] = slice_str(stopwords_english[i]);
		*n = *out ? STOPWORDS_ENGLISH : 0;
		return *out ? 0 : err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	}
	if (v->kind == PY_SET || v->kind == PY_LIST || v->kind == PY_TUPLE) {
		*out = arena_array(l->arena, v->seq.n + 1, sizeof **out);
		for (size_t i = 0; *out && i < v->seq.n; i++) {
			if (v->seq.items[i]->kind == PY_STR)
				(*out)[(*n)++] = v->seq.items[i]->bytes;
		}
		return *out ? 0 : err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	}
	if (!py_strings(v, l->arena, out, n))
		return sk_unsupported(l, est, "stop_words is %s; supported are None, 'english' and words",
				      py_describe(v, l->arena));
	return 0;
}

struct terms {
	struct slice *text;
	uint32_t *column;
	size_t n;
};

static int compare_terms(const void *a, const void *b)
{
	return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

/* A vocabulary that is only words: columns in their order, or sorted when it is a set. */
static int terms_of_words(struct lowering *l, const struct py *est, const struct py *v, struct terms *out)
{
	struct slice *text;
	size_t n;
	if (v->kind == PY_SET) {
		text = arena_array(l->arena, v->seq.n + 1, sizeof *text);
		for (n = 0; text && n < v->seq.n; n++) {
			if (v->seq.items[n]->kind != PY_STR)
				return sk_unsupported(l, est, "its vocabulary has a term that is no string");
			text[n] = v->seq.items[n]->bytes;
		}
		if (text)
			qsort(text, n, sizeof *text, compare_terms);
	} else if (!py_strings(v, l->arena, &text, &n)) {
		return sk_unsupported(l, est, "its vocabulary is %s, not a dict of terms or a list of them",
				      py_describe(v, l->arena));
	}
	uint32_t *column = arena_array(l->arena, n + 1, sizeof *column);
	if (!text || !column || n > GRAPH_COLUMNS_MAX)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	for (size_t i = 0; i < n; i++)
		column[i] = (uint32_t)i;
	*out = (struct terms){text, column, n};
	return 0;
}

static int read_terms(struct lowering *l, const struct py *est, struct terms *out)
{
	const struct py *v = py_get(est, "vocabulary_");
	if (!v)
		v = py_get(est, "vocabulary"); /* given, and never fitted */
	if (py_is_none(v))
		return sk_unsupported(l, est, "attribute vocabulary_ is absent: the vectorizer is not fitted");
	if (v->kind != PY_DICT)
		return terms_of_words(l, est, v, out);
	size_t n = v->dict.n;
	struct terms t = {arena_array(l->arena, n + 1, sizeof *t.text), arena_array(l->arena, n + 1, sizeof *t.column),
			  n};
	if (!t.text || !t.column || n > GRAPH_COLUMNS_MAX)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	for (size_t i = 0; i < n; i++) {
		int64_t column;
		if (v->dict.pairs[i].key->kind != PY_STR || !py_as_i64(v->dict.pairs[i].value, &column) || column < 0 ||
		    (size_t)column >= n)
			return sk_unsupported(l, est,
					      "its vocabulary is no dict of terms to column numbers below their count");
		t.text[i] = v->dict.pairs[i].key->bytes;
		t.column[i] = (uint32_t)column;
	}
	*out = t;
	return 0;
}

/* Single words that are stopped never get as far as the vocabulary: it may as well not have them. */
static void drop_stopped(struct terms *t, const struct slice *stop, size_t n)
{
	struct map set;
	size_t kept = 0;
	map_init(&set);
	for (size_t i = 0; i < n; i++)
		(void)map_put(&set, stop[i], (void *)stop);
	for (size_t i = 0; i < t->n; i++) {
		if (map_get(&set, t->text[i]))
			continue;
		t->text[kept] = t->text[i];
		t->column[kept++] = t->column[i];
	}
	t->n = kept;
	map_release(&set);
}

static int put_stop_words(struct lowering *l, const struct slice *stop, size_t n, struct op_text *op)
{
	uint32_t *none = arena_zalloc(l->arena, (n + 1) * sizeof *none);
	if (!none)
		return err_set(l->err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	return vocabulary_put(&l->b, stop, none, n, &op->stop, l->err);
}

/* --- vectorizers --- */

static int read_options(struct lowering *l, const struct py *est, struct op_text *op)
{
	struct slice input;
	bool lowercase, binary;
	if (sk_word(l, est, "input", "content", &input) < 0)
		return -1;
	if (!slice_is(input, "content"))
		return sk_unsupported(l, est, "input is '%.*s': texts are sent, not files; train with input='content'",
				      SLICE_ARG(input));
	if (refuse_code(l, est, "preprocessor") < 0 || refuse_code(l, est, "tokenizer") < 0 ||
	    read_analyzer(l, est, op) < 0 || read_accents(l, est, op) < 0 || read_pattern(l, est, op) < 0 ||
	    read_ngrams(l, est, op) < 0 || sk_flag(l, est, "lowercase", true, &lowercase) < 0 ||
	    sk_flag(l, est, "binary", false, &binary) < 0)
		return -1;
	op->lowercase = lowercase;
	op->binary = binary;
	return 0;
}

static struct flow text_flow(struct lowering *l, uint32_t text, const struct op_text *op)
{
	struct flow f = flow_of(graph_node1(&l->b, OP_TEXT, text, op, sizeof *op), op->columns);
	f.csr = f.finite = true;
	f.integers = op->integers;
	return f;
}

static int vectorize(struct lowering *l, const struct py *est, const struct flow *in, struct flow *out)
{
	struct op_text op = {0};
	struct slice *stop;
	size_t stop_n = 0;
	struct terms terms = {0};
	uint32_t text;
	if (flow_text(l, est, in, &text) < 0 || read_options(l, est, &op) < 0 || read_terms(l, est, &terms) < 0)
		return -1;
	if (op.analyzer == TEXT_WORDS && read_stop_words(l, est, &stop, &stop_n) < 0)
		return -1;
	if (terms.n == 0)
		return sk_unsupported(l, est, "its vocabulary is empty");
	op.columns = (uint32_t)terms.n;
	op.integers = integer_dtype(py_get(est, "dtype"));
	if (stop_n && op.ngram_max == 1)
		drop_stopped(&terms, stop, stop_n);
	else if (stop_n && put_stop_words(l, stop, stop_n, &op) < 0)
		return -1;
	if (vocabulary_put(&l->b, terms.text, terms.column, terms.n, &op.vocabulary, l->err) < 0)
		return -1;
	*out = text_flow(l, text, &op);
	return 0;
}

int lower_count_vectorizer(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	struct flow f;
	if (vectorize(l, est, in, &f) < 0)
		return -1;
	answer_flow(out, f);
	return 0;
}

static int normalized(struct lowering *l, const struct py *est, struct flow *f)
{
	struct slice norm;
	struct op_normalize op = {0};
	if (!sk_has(est, "norm"))
		return 0;
	if (sk_word(l, est, "norm", "", &norm) < 0)
		return -1;
	if (slice_is(norm, "l1"))
		op.norm = NORM_L1;
	else if (slice_is(norm, "l2"))
		op.norm = NORM_L2;
	else
		return sk_unsupported(l, est, "norm is '%.*s'; supported are None, 'l1' and 'l2'", SLICE_ARG(norm));
	f->node = graph_node1(&l->b, OP_NORMALIZE, f->node, &op, sizeof op);
	f->integers = false;
	return 0;
}

int lower_hashing_vectorizer(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	struct op_text op = {.hashing = 1};
	struct slice *stop;
	size_t stop_n = 0;
	uint32_t text;
	int64_t features;
	bool alternate, positive;
	if (flow_text(l, est, in, &text) < 0 || read_options(l, est, &op) < 0 ||
	    py_i64(est, "n_features", &features, l->err) < 0 ||
	    sk_flag(l, est, "alternate_sign", true, &alternate) < 0 ||
	    sk_flag(l, est, "non_negative", false, &positive) < 0)
		return -1;
	if (features < 1 || features > GRAPH_COLUMNS_MAX)
		return sk_unsupported(l, est, "n_features is %lld", (long long)features);
	if (positive)
		return sk_unsupported(l, est, "non_negative=True is not supported: train with alternate_sign=False");
	if (op.analyzer == TEXT_WORDS &&
	    (read_stop_words(l, est, &stop, &stop_n) < 0 || (stop_n && put_stop_words(l, stop, stop_n, &op) < 0)))
		return -1;
	op.columns = (uint32_t)features;
	op.alternate_sign = alternate;
	struct flow f = text_flow(l, text, &op);
	if (normalized(l, est, &f) < 0)
		return -1;
	answer_flow(out, f);
	return 0;
}

/* --- tf-idf --- */

/* Since 1.5 idf_ is an array; before, the diagonal of a sparse matrix. */
static int read_idf(struct lowering *l, const struct py *est, size_t n, const double **idf)
{
	*idf = NULL;
	if (sk_has(est, "idf_"))
		return sk_vector(l, est, "idf_", n, idf);
	bool use;
	if (sk_flag(l, est, "use_idf", true, &use) < 0)
		return -1;
	if (!use)
		return 0;
	const struct py *diagonal = py_get(est, "_idf_diag");
	if (!diagonal)
		return sk_unsupported(l, est, "attribute idf_ is absent: it is not fitted");
	return sk_vector(l, diagonal, "data", n, idf);
}

static int weigh(struct lowering *l, const struct py *est, struct flow *f)
{
	struct op_tfidf op = {0};
	const double *idf;
	bool sublinear;
	if (sk_flag(l, est, "sublinear_tf", false, &sublinear) < 0 || read_idf(l, est, (size_t)f->columns, &idf) < 0)
		return -1;
	op.sublinear = sublinear;
	op.idf = graph_put(&l->b, idf, idf ? (size_t)f->columns : 0, sizeof *idf);
	/* Without either it still makes float64 of integers. */
	f->node = graph_node1(&l->b, OP_TFIDF, f->node, &op, sizeof op);
	f->integers = false;
	return normalized(l, est, f);
}

int lower_tfidf_transformer(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	struct flow f;
	if (flow_numbers(l, est, in, -1, FINITE_ONLY, &f) < 0 || weigh(l, est, &f) < 0)
		return -1;
	answer_flow(out, f);
	return 0;
}

int lower_tfidf_vectorizer(struct lowering *l, const struct py *est, const struct flow *in, struct answers *out)
{
	const struct py *tfidf = py_get(est, "_tfidf");
	struct flow f;
	if (!py_is(tfidf, "sklearn.feature_extraction", "TfidfTransformer"))
		return sk_unsupported(l, est, "attribute _tfidf is %s: it is not fitted",
				      tfidf ? py_describe(tfidf, l->arena) : "absent");
	if (vectorize(l, est, in, &f) < 0 || weigh(l, tfidf, &f) < 0)
		return -1;
	answer_flow(out, f);
	return 0;
}
