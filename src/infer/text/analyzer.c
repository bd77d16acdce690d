/* Documents to counts: see analyzer.h. */
#include "infer/text/analyzer.h"

#include "base/check.h"
#include "infer/text/murmur.h"
#include "infer/text/unicode.h"

enum {
	SLOTS_FIRST_BITS = 10,
	KEEP_BYTES = 1 << 20, /* buffers above this do not outlive their document */
};

struct analysis *analysis_new(const struct analyzer *a)
{
	struct analysis *s = calloc(1, sizeof *s);
	if (!s)
		return NULL;
	s->slots_cap = (size_t)1 << SLOTS_FIRST_BITS;
	s->slots = malloc(s->slots_cap * sizeof *s->slots);
	if (a->pattern)
		s->search = pattern_search_new(a->pattern);
	if (!s->slots || (a->pattern && !s->search)) {
		analysis_free(s);
		return NULL;
	}
	return s;
}

void analysis_free(struct analysis *s)
{
	if (!s)
		return;
	scan_release(&s->scan);
	scan_release(&s->spaced);
	free(s->accents.at);
	pattern_search_free(s->search);
	free(s->joined);
	free(s->starts);
	free(s->slots);
	free(s);
}

/* --- counting --- */

struct row {
	const struct analyzer *a;
	struct analysis *s;
	struct csr *out;
	size_t base, n; /* entries of this row */
	bool failed;    /* out of memory: sticky */
};

static void counter_reset(struct analysis *s)
{
	size_t cap = (size_t)1 << SLOTS_FIRST_BITS;
	s->slots_shift = 32 - SLOTS_FIRST_BITS;
	memset(s->slots, 0, cap * sizeof *s->slots);
}

static struct counter_slot *counter_find(struct analysis *s, uint32_t column)
{
	size_t mask = ((size_t)1 << (32 - s->slots_shift)) - 1;
	size_t i = (uint32_t)(column * 0x9e3779b1u) >> s->slots_shift;
	while (s->slots[i].place && s->slots[i].column != column)
		i = (i + 1) & mask;
	return &s->slots[i];
}

/* Twice the slots, filled from the row's entries. */
static bool counter_grow(struct row *r)
{
	struct analysis *s = r->s;
	size_t cap = (size_t)2 << (32 - s->slots_shift);
	if (s->slots_shift <= 1)
		return false;
	if (cap > s->slots_cap) {
		struct counter_slot *more = realloc(s->slots, cap * sizeof *more);
		if (!more)
			return false;
		s->slots = more;
		s->slots_cap = cap;
	}
	s->slots_shift--;
	memset(s->slots, 0, cap * sizeof *s->slots);
	for (size_t i = 0; i < r->n; i++) {
		uint32_t column = r->out->column[r->base + i];
		*counter_find(s, column) = (struct counter_slot){column, (uint32_t)i + 1};
	}
	return true;
}

static void count(struct row *r, uint32_t column, double value)
{
	struct counter_slot *slot = counter_find(r->s, column);
	if (slot->place) {
		r->out->value[r->base + slot->place - 1] += value;
		return;
	}
	if (!csr_room(r->out, r->base + r->n, 1)) {
		r->failed = true;
		return;
	}
	r->out->column[r->base + r->n] = column;
	r->out->value[r->base + r->n] = value;
	r->n++;
	*slot = (struct counter_slot){column, (uint32_t)r->n};
	if (r->n > (size_t)1 << (31 - r->s->slots_shift) && !counter_grow(r))
		r->failed = true;
}

/* A term as it is looked up or hashed. Up to 7 bytes behind it are readable. */
static inline void term(struct row *r, const uint8_t *p, size_t n)
{
	const struct op_text *op = r->a->op;
	if (!op->hashing) {
		uint32_t column = vocabulary_find(&r->a->vocabulary, p, n);
		if (column != GRAPH_NONE)
			count(r, column, 1);
		return;
	}
	/* scikit-learn's _hashing_fast.pyx: the hash is signed, and -2^31 has no absolute value. */
	int32_t h = (int32_t)murmur3_32(p, n, 0);
	uint32_t column = h == INT32_MIN ? (uint32_t)((INT32_MAX - ((int64_t)op->columns - 1)) % op->columns)
					 : (uint32_t)(h < 0 ? -h : h) % op->columns;
	count(r, column, op->alternate_sign && h < 0 ? -1 : 1);
}

/* --- words --- */

static bool grow_array(void **at, size_t *cap, size_t want, size_t bytes)
{
	if (want <= *cap)
		return true;
	size_t more = want + want / 2 + 256;
	void *p = more > SIZE_MAX / 2 / bytes ? NULL : realloc(*at, more * bytes);
	if (!p)
		return false;
	*at = p;
	*cap = more;
	return true;
}

/* Tokens on their way into n-grams. */
struct join {
	size_t tokens, bytes;
};

static void join(struct row *r, struct join *j, const uint8_t *p, size_t n)
{
	struct analysis *s = r->s;
	if (!grow_array((void **)&s->joined, &s->joined_cap, j->bytes + n + 1 + SCAN_PAD, 1) ||
	    !grow_array((void **)&s->starts, &s->starts_cap, j->tokens + 2, sizeof *s->starts)) {
		r->failed = true;
		return;
	}
	memcpy(s->joined + j->bytes, p, n);
	s->joined[j->bytes + n] = ' ';
	s->starts[j->tokens++] = (uint32_t)j->bytes;
	j->bytes += n + 1;
}

static void token(struct row *r, struct join *j, const uint8_t *p, size_t n)
{
	if (r->a->stop.groups && vocabulary_find(&r->a->stop, p, n) != GRAPH_NONE)
		return;
	if (r->a->op->ngram_max == 1)
		term(r, p, n);
	else
		join(r, j, p, n);
}

static void word_ngrams(struct row *r, const struct join *j)
{
	const struct op_text *op = r->a->op;
	struct analysis *s = r->s;
	if (r->failed || j->tokens == 0)
		return;
	s->starts[j->tokens] = (uint32_t)j->bytes;
	memset(s->joined + j->bytes, 0, SCAN_PAD);
	for (size_t n = op->ngram_min; n <= op->ngram_max && n <= j->tokens; n++) {
		for (size_t i = 0; i + n <= j->tokens; i++)
			term(r, s->joined + s->starts[i], s->starts[i + n] - s->starts[i] - 1);
	}
}

/* Runs of word characters with at least word_least of them: edges in the bitmap are starts and ends in turn. */
static void words(struct row *r, struct join *j)
{
	const struct scan *s = &r->s->scan;
	size_t least = r->a->op->word_least, start = 0, n = (s->len + 64) / 64;
	bool inside = false, simple = r->a->op->ngram_max == 1 && !r->a->stop.groups, ascii = s->ascii;
	uint64_t before = 0;
	for (size_t w = 0; w < n; w++) {
		/* Bits past the text are zero, so a word at its end ends. */
		uint64_t bits = s->words[w], edges = bits ^ (bits << 1 | before);
		before = bits >> 63;
		for (; edges; edges &= edges - 1) {
			size_t at = w * 64 + (size_t)__builtin_ctzll(edges);
			inside = !inside;
			if (inside) {
				start = at;
				continue;
			}
			size_t bytes = at - start;
			if (bytes < least ||
			    (!ascii && bytes < least * UTF8_BYTES_MAX && utf8_count(s->text + start, bytes) < least))
				continue;
			if (simple)
				term(r, s->text + start, bytes);
			else
				token(r, j, s->text + start, bytes);
		}
	}
}

static int pattern_words(struct row *r, struct join *j, struct err *err)
{
	struct slice t;
	int rc;
	pattern_search_begin(r->s->search, r->s->scan.text, r->s->scan.len);
	while ((rc = pattern_search_next(r->a->pattern, r->s->search, &t, err)) > 0 && !r->failed)
		token(r, j, (const uint8_t *)t.ptr, t.len);
	return rc;
}

/* --- characters --- */

/* The text with each run of two or more white space characters as one blank, and where its characters start. */
static bool join_spaces(struct analysis *s, size_t *characters)
{
	const uint8_t *in = s->scan.text;
	size_t n = s->scan.len, to = 0, count_ = 0;
	if (!scan_reserve(&s->spaced, n) || !grow_array((void **)&s->starts, &s->starts_cap, n + 2, sizeof *s->starts))
		return false;
	for (size_t i = 0, bytes; i < n; i += bytes) {
		s->starts[count_++] = (uint32_t)to;
		uint32_t c = utf8_read(in + i, n - i, &bytes);
		size_t run = bytes, more;
		while (unicode_space(c) && i + run < n && unicode_space(utf8_read(in + i + run, n - i - run, &more)))
			run += more;
		if (run > bytes) {
			s->spaced.text[to++] = ' ';
			bytes = run;
			continue;
		}
		memcpy(s->spaced.text + to, in + i, bytes);
		to += bytes;
	}
	s->starts[count_] = (uint32_t)to;
	memset(s->spaced.text + to, 0, SCAN_PAD);
	s->spaced.len = to;
	*characters = count_;
	return true;
}

static void character_ngrams(struct row *r)
{
	const struct op_text *op = r->a->op;
	struct analysis *s = r->s;
	size_t characters;
	if (!join_spaces(s, &characters)) {
		r->failed = true;
		return;
	}
	for (size_t n = op->ngram_min; n <= op->ngram_max && n <= characters; n++) {
		for (size_t i = 0; i + n <= characters && !r->failed; i++)
			term(r, s->spaced.text + s->starts[i], s->starts[i + n] - s->starts[i]);
	}
}

/* One word with a blank on each side, `characters` of them in `starts`: n-grams within it; a word shorter than n counts
 * once as a whole, and ends the lengths. */
static void padded_word(struct row *r, const uint8_t *word, const uint32_t *starts, size_t characters)
{
	const struct op_text *op = r->a->op;
	for (size_t n = op->ngram_min; n <= op->ngram_max && !r->failed; n++) {
		size_t take = MIN(n, characters), i = 0;
		term(r, word, starts[take] - starts[0]);
		while (i + n < characters) {
			i++;
			take = MIN(i + n, characters);
			term(r, word + (starts[i] - starts[0]), starts[take] - starts[i]);
		}
		if (i == 0)
			break;
	}
}

static void padded_words(struct row *r)
{
	struct analysis *s = r->s;
	const uint8_t *in = s->scan.text;
	size_t n = s->scan.len, bytes;
	if (!scan_reserve(&s->spaced, n + 2) ||
	    !grow_array((void **)&s->starts, &s->starts_cap, n + 4, sizeof *s->starts)) {
		r->failed = true;
		return;
	}
	for (size_t i = 0; i < n && !r->failed;) {
		if (unicode_space(utf8_read(in + i, n - i, &bytes))) {
			i += bytes;
			continue;
		}
		uint8_t *word = s->spaced.text;
		size_t to = 0, characters = 0;
		s->starts[characters++] = 0;
		word[to++] = ' ';
		for (; i < n && !unicode_space(utf8_read(in + i, n - i, &bytes)); i += bytes) {
			s->starts[characters++] = (uint32_t)to;
			memcpy(word + to, in + i, bytes);
			to += bytes;
		}
		s->starts[characters++] = (uint32_t)to;
		word[to++] = ' ';
		s->starts[characters] = (uint32_t)to;
		memset(word + to, 0, 8);
		padded_word(r, word, s->starts, characters);
	}
}

/* --- a document --- */

/* Lower case, accents, words. False: out of memory. */
static bool preprocess(const struct analyzer *a, struct analysis *s, struct slice document)
{
	const struct op_text *op = a->op;
	bool lower = op->lowercase;
	if (document.len > UINT32_MAX / 4 || !scan_reserve(&s->scan, document.len + document.len / 2 + 32))
		return false;
	a->scan(&s->scan, document, lower);
	if (op->accents == ACCENT_KEEP || s->scan.ascii)
		return true;
	struct slice stripped;
	if (!accent_strip((enum accent_rule)op->accents, slice_of(s->scan.text, s->scan.len), &s->accents, &stripped))
		return false;
	/* Again for the words' bits; an old rule may give the very same text. */
	if (stripped.ptr == (const char *)s->scan.text)
		return true;
	if (!scan_reserve(&s->scan, stripped.len + 32))
		return false;
	a->scan(&s->scan, stripped, false);
	return true;
}

/* What a huge document left behind is not kept. */
static void shrink(struct analysis *s)
{
	if (s->scan.cap > KEEP_BYTES)
		scan_release(&s->scan);
	if (s->spaced.cap > KEEP_BYTES)
		scan_release(&s->spaced);
	if (s->accents.cap > KEEP_BYTES) {
		free(s->accents.at);
		s->accents = (struct accent_buffer){0};
	}
	if (s->joined_cap > KEEP_BYTES || s->starts_cap > KEEP_BYTES) {
		free(s->joined);
		free(s->starts);
		s->joined = NULL;
		s->starts = NULL;
		s->joined_cap = s->starts_cap = 0;
	}
}

int analyzer_run(const struct analyzer *a, struct analysis *s, struct slice document, struct csr *out, size_t used,
		 size_t *entries, struct err *err)
{
	const struct op_text *op = a->op;
	struct row r = {.a = a, .s = s, .out = out, .base = used};
	struct join j = {0};
	int rc = 0;
	counter_reset(s);
	if (!preprocess(a, s, document)) {
		r.failed = true;
	} else if (op->analyzer == TEXT_WORDS) {
		if (a->pattern)
			rc = pattern_words(&r, &j, err);
		else
			words(&r, &j);
		if (op->ngram_max > 1)
			word_ngrams(&r, &j);
	} else if (op->analyzer == TEXT_CHARACTERS) {
		character_ngrams(&r);
	} else {
		padded_words(&r);
	}
	if (op->binary) {
		for (size_t i = 0; i < r.n; i++)
			out->value[used + i] = 1;
	}
	shrink(s);
	if (r.failed)
		return err_set(err, ERR_NO_MEMORY, "out of memory for a text of %zu bytes", document.len);
	*entries = r.n;
	return rc;
}
