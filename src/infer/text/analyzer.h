/*
 * A document to the columns of its terms: preprocessing, tokens, n-grams, and the vocabulary or the hash, as
 * scikit-learn's CountVectorizer and HashingVectorizer do it (feature_extraction/text.py).
 *
 * One pass writes the lower-cased text and its word bits (scan.h); terms are then looked up where they lie. Only
 * n-grams of words are copied, into one buffer with single blanks, in which every n-gram is again a slice.
 */
#ifndef CORACLE_INFER_TEXT_ANALYZER_H
#define CORACLE_INFER_TEXT_ANALYZER_H

#include "infer/kernels/kernel.h"
#include "infer/text/accent.h"
#include "infer/text/pattern.h"
#include "infer/text/scan.h"
#include "infer/text/vocabulary.h"

/* Shared by threads. */
struct analyzer {
	const struct op_text *op;
	struct vocabulary vocabulary, stop;
	struct pattern *pattern; /* NULL: runs of word characters */
	void (*scan)(struct scan *s, struct slice text, bool lower);
};

/* Which columns this document has touched, and where their count stands. */
struct counter_slot {
	uint32_t column;
	uint32_t place; /* + 1; 0: empty */
};

/* Of one thread. */
struct analysis {
	struct scan scan, spaced; /* spaced: white space joined, for n-grams of characters */
	struct accent_buffer accents;
	struct pattern_search *search;
	uint8_t *joined; /* tokens with single blanks between */
	size_t joined_cap;
	uint32_t *starts; /* of tokens in `joined`, or of characters in `spaced` */
	size_t starts_cap;
	struct counter_slot *slots;
	size_t slots_cap, slots_shift;
};

struct analysis *analysis_new(const struct analyzer *a);
void analysis_free(struct analysis *s);

/* Appends the document's row at entry `used` of `out`; *entries: how many. -1: out of memory, or a pattern that takes
 * too many steps. */
int analyzer_run(const struct analyzer *a, struct analysis *s, struct slice document, struct csr *out, size_t used,
		 size_t *entries, struct err *err);

#endif
