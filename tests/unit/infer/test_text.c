/* Tests of infer/text: words, lower case and accents as Python has them, hashes, patterns, vocabularies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "graphs.h"
#include "infer/kernels/kernel.h"
#include "infer/text/accent.h"
#include "infer/text/analyzer.h"
#include "infer/text/murmur.h"
#include "infer/text/pattern.h"
#include "infer/text/scan.h"
#include "infer/text/stopwords.h"
#include "infer/text/unicode.h"

static void murmur_gives_the_published_vectors(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint32_t seed, hash;
	} vectors[] = {
	    {"", 0, 0},
	    {"", 1, 0x514e28b7},
	    {"", 0xffffffff, 0x81f16f39},
	    {"test", 0, 0xba6bd213},
	    {"test", 0x9747b28c, 0x704b81dc},
	    {"Hello, world!", 0, 0xc0363e43},
	    {"Hello, world!", 0x9747b28c, 0x24884cba},
	    {"The quick brown fox jumps over the lazy dog", 0, 0x2e4ff723},
	    {"The quick brown fox jumps over the lazy dog", 0x9747b28c, 0x2fa826cd},
	    {"a", 0x9747b28c, 0x7fa09ea6},
	    {"aa", 0x9747b28c, 0x5d211726},
	    {"aaa", 0x9747b28c, 0x283e0130},
	};
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
		assert_int_equal(murmur3_32((const uint8_t *)vectors[i].text, strlen(vectors[i].text), vectors[i].seed),
				 vectors[i].hash);
}

/* The text lowered, a bar where a run of word characters begins or ends. */
static void scanned(const char *text, size_t n, bool lower, bool fast, char *out, size_t room)
{
	struct scan s = {0};
	assert_true(scan_reserve(&s, n + n / 2 + 32));
#ifdef __x86_64__
	(fast ? scan_avx2 : scan_plain)(&s, slice_of(text, n), lower);
#else
	scan_plain(&s, slice_of(text, n), lower);
#endif
	size_t to = 0;
	bool inside = false;
	for (size_t i = 0; i <= s.len; i++) {
		bool word = i < s.len && (s.words[i >> 6] >> (i & 63) & 1);
		if (word != inside && to + 1 < room)
			out[to++] = '|';
		inside = word;
		if (i < s.len && to + 1 < room)
			out[to++] = (char)s.text[i];
	}
	out[to] = 0;
	scan_release(&s);
}

static const struct {
	const char *text, *words;
} lowered[] = {
    {"Hello, World_9!", "|hello|, |world_9|!"},
    {"", ""},
    {"\u00c9COLE stra\u00dfe", "|\u00e9cole| |stra\u00dfe|"},
    {"\u0130\u0130", "|i|\u0307|i|\u0307"}, /* one letter that becomes two, of which one is a mark */
    {"\u039f\u0394\u039f\u03a3", "|\u03bf\u03b4\u03bf\u03c2|"}, /* sigma at the end of a word */
    {"\u03a3", "|\u03c3|"},                                     /* alone it is not final */
    {"\u0391\u03a3'\u0392", "|\u03b1\u03c3|'|\u03b2|"},         /* an apostrophe does not end the word here */
    {"\u0391\u03a3.", "|\u03b1\u03c2|."},
    {"\u0391\u03a3. \u0392", "|\u03b1\u03c2|. |\u03b2|"},
    {"\u01c4\u01c5", "|\u01c6\u01c6|"},                             /* title case */
    {"\u1e9e \ufb01", "|\u00df| |\ufb01|"},                         /* capital sharp s; a ligature stays */
    {"\u00bd\u00b2\u2167 \u2460", "|\u00bd\u00b2\u2177| |\u2460|"}, /* numbers of every kind are word characters */
    {"x\u0301y", "|x|\u0301|y|"},                                   /* a mark is not */
    {"\u212a", "|k|"},                                              /* Kelvin: three bytes become one */
    {"\u65e5\u672c\u8a9e \U0001f600 \U0001d4b3", "|\u65e5\u672c\u8a9e| \U0001f600 |\U0001d4b3|"},
    {"a\xff\xfe"
     "B",
     "|a|\ufffd\ufffd|b|"}, /* no UTF-8 */
    {"\xce", "\ufffd"},
};

static void lower_case_and_words_are_pythons(void **state)
{
	(void)state;
	char out[256];
	for (size_t i = 0; i < sizeof lowered / sizeof *lowered; i++) {
		scanned(lowered[i].text, strlen(lowered[i].text), true, false, out, sizeof out);
		assert_string_equal(out, lowered[i].words);
	}
	scanned("Ab C", 4, false, false, out, sizeof out);
	assert_string_equal(out, "|Ab| |C|");
}

static void the_fast_scan_gives_what_the_plain_one_does(void **state)
{
	(void)state;
	static char text[700], plain[4000], fast[4000];
	static const char *const bits[] = {"a",      "Zz",     " ",          "_",    "9", "\u00c9", "\u0130",
					   "\u03a3", "\u65e5", "\U0001f600", "\xff", "-", "word ",  "@[`{"};
	uint64_t seed = 1234567;
	if (isa_detect() == ISA_PLAIN)
		skip();
	for (int round = 0; round < 3000; round++) {
		size_t n = 0;
		uint64_t kinds = round % 3 ? 14 : 5; /* ASCII only, now and then */
		for (uint64_t want = (uint64_t)round % 600; n < want;) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			const char *bit = bits[(seed >> 33) % kinds];
			memcpy(text + n, bit, strlen(bit));
			n += strlen(bit);
		}
		for (int lower = 0; lower < 2; lower++) {
			scanned(text, n, lower, false, plain, sizeof plain);
			scanned(text, n, lower, true, fast, sizeof fast);
			assert_string_equal(fast, plain);
		}
	}
}

static void accents_are_stripped_by_each_rule(void **state)
{
	(void)state;
	static const struct {
		enum accent_rule rule;
		const char *text, *out;
	} cases[] = {
	    {ACCENT_UNICODE, "na\u00efve \u00e9cole \ufb01ne \u00bd", "naive ecole fine 1\u20442"},
	    {ACCENT_ASCII, "na\u00efve \u65e5 \u00df \ufb01ne \u00bd", "naive   fine 12"},
	    {ACCENT_UNICODE, "x\u0301y", "xy"},
	    {ACCENT_UNICODE_OLD, "x\u0301y", "x\u0301y"}, /* decomposed already: left alone before 0.22 */
	    {ACCENT_UNICODE_OLD, "x\u0301\u00e9", "xe"},
	    {ACCENT_UNICODE_OLD, "a\u0315\u0300", "a"}, /* marks out of order */
	    {ACCENT_KEEP, "\u00e9", "\u00e9"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct accent_buffer buffer = {0};
		struct slice out;
		assert_true(accent_strip(cases[i].rule, slice_str(cases[i].text), &buffer, &out));
		assert_int_equal(out.len, strlen(cases[i].out));
		assert_memory_equal(out.ptr, cases[i].out, out.len);
		free(buffer.at);
	}
}

static void found(const char *python, const char *text, char *out, size_t room)
{
	struct arena arena;
	struct slice pcre, token;
	struct pattern *p;
	struct buf b;
	arena_init(&arena, 0, 0);
	buf_init(&b, room - 1);
	assert_int_equal(pattern_translate(slice_str(python), &arena, &pcre, NULL), 0);
	assert_int_equal(pattern_new(pcre, &p, NULL), 0);
	struct pattern_search *s = pattern_search_new(p);
	pattern_search_begin(s, (const uint8_t *)text, strlen(text));
	while (pattern_search_next(p, s, &token, NULL) > 0) {
		buf_slice(&b, token);
		buf_char(&b, '|');
	}
	(void)snprintf(out, room, "%.*s", (int)b.len, b.ptr ? b.ptr : "");
	pattern_search_free(s);
	pattern_free(p);
	buf_release(&b);
	arena_release(&arena);
}

static void patterns_find_what_findall_finds(void **state)
{
	(void)state;
	char out[128];
	found("(?u)\\b\\w\\w+\\b", "a bc d\u00e9f", out, sizeof out);
	assert_string_equal(out, "bc|d\u00e9f|");
	found("x*", "axb", out, sizeof out); /* empty matches, and one next to a match */
	assert_string_equal(out, "|x|||");
	found("(\\w)\\w*", "abc de", out, sizeof out);
	assert_string_equal(out, "a|d|");
	found("\\s",
	      "a\x1c"
	      "b",
	      out, sizeof out);
	assert_string_equal(out, "\x1c|");
	found("[]a-c[]+", "x]ab[", out, sizeof out);
	assert_string_equal(out, "]ab[|");
	found("(?i)[a-z]{2,}", "dal\u0131 \u0130L x", out, sizeof out); /* case of i is not only ASCII's */
	assert_string_equal(out, "dal\u0131|\u0130L|");
	found("(?i)si", "s\u0131 SI ta", out, sizeof out);
	assert_string_equal(out, "s\u0131|SI|");
	found("(?i)[^a-h]", "\u0131b", out, sizeof out);
	assert_string_equal(out, "\u0131|");
	found("(?i)[^a-z]", "\u0131!", out, sizeof out);
	assert_string_equal(out, "!|");
	found("(?u)(?i)[hi-]+", "hI-\u0131j", out, sizeof out);
	assert_string_equal(out, "hI-\u0131|");
	found("a{,2}b", "aab", out, sizeof out);
	assert_string_equal(out, "aab|");
}

static void patterns_that_mean_something_else_here_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"(?a)\\w", "[[:alpha:]]", "\\u0041", "[\\S]", "(*UCP)a", "(?L)a", "(?i:a)", "(?i)\u0131",
					  "a(?i)b"};
	struct arena arena;
	arena_init(&arena, 0, 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct slice pcre;
		struct err err = {0};
		assert_int_equal(pattern_translate(slice_str(bad[i]), &arena, &pcre, &err), -1);
		assert_int_equal(err.code, ERR_UNSUPPORTED);
	}
	arena_release(&arena);
	assert_int_equal(pattern_plain_words(SLICE_LIT("(?u)\\b\\w\\w+\\b")), 2);
	assert_int_equal(pattern_plain_words(SLICE_LIT("\\b\\w+\\b")), 1);
	assert_int_equal(pattern_plain_words(SLICE_LIT("\\w+")), 0);
}

static void a_pattern_that_explodes_is_an_error_of_its_text(void **state)
{
	(void)state;
	struct pattern *p;
	struct err err = {0};
	struct slice token;
	char text[5001];
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = 0;
	/* A back reference keeps the matcher from seeing at once that there is no match. */
	assert_int_equal(pattern_new(SLICE_LIT("(?=(a+))\\1?(?:a+)+$c|(?:a|aa)+!"), &p, NULL), 0);
	struct pattern_search *s = pattern_search_new(p);
	pattern_search_begin(s, (const uint8_t *)text, sizeof text - 1);
	assert_int_equal(pattern_search_next(p, s, &token, &err), -1);
	assert_int_equal(err.code, ERR_INVALID);
	pattern_search_free(s);
	pattern_free(p);
}

static void a_vocabulary_finds_its_terms_and_nothing_else(void **state)
{
	(void)state;
	enum { TERMS = 5000 };
	static char text[TERMS][32];
	static const char *terms[TERMS];
	struct making m;
	for (size_t i = 0; i < TERMS; i++) {
		(void)snprintf(text[i], sizeof text[i], i % 3 ? "t%zu" : "longer term %zu", i);
		terms[i] = text[i];
	}
	making_init(&m, 1, true);
	struct op_text op = make_text_options(&m, terms, TERMS);
	struct image im;
	making_finish(&m, MODEL_TRANSFORM, graph_node1(&m.b, OP_TEXT, make_text_input(&m), &op, sizeof op), &im);
	struct graph g;
	assert_int_equal(graph_check(&im, &g, NULL), 0);
	struct vocabulary v = vocabulary_of(&g, &op.vocabulary);
	for (size_t i = 0; i < TERMS; i++) {
		uint8_t padded[64] = {0};
		size_t n = strlen(text[i]);
		memcpy(padded, text[i], n);
		assert_int_equal(vocabulary_find(&v, padded, n), i);
		padded[n] = 'x';
		assert_int_equal(vocabulary_find(&v, padded, n + 1), GRAPH_NONE);
		assert_int_equal(vocabulary_find(&v, padded, n), i); /* what stands behind does not count */
	}
	assert_int_equal(vocabulary_find(&v, (const uint8_t *)"\0\0\0\0\0\0\0\0", 0), GRAPH_NONE);
	graph_release(&g);
	image_release(&im);
	making_release(&m);
}

/* The first text that a workspace sees decides what it has room for: an empty one too. */
static void an_empty_text_may_come_first(void **state)
{
	(void)state;
	static const uint32_t analyzers[] = {TEXT_WORDS, TEXT_CHARACTERS, TEXT_CHARACTERS_IN_WORDS};
	for (size_t i = 0; i < sizeof analyzers / sizeof *analyzers; i++) {
		struct op_text op = {.analyzer = analyzers[i], .word_least = 1, .ngram_min = 2, .ngram_max = 3};
		op.hashing = true;
		op.columns = 8;
		const struct analyzer a = {.op = &op, .scan = scan_plain};
		struct csr out = {0};
		size_t entries = 1;
		struct analysis *s = analysis_new(&a);
		assert_int_equal(analyzer_run(&a, s, SLICE_LIT(""), &out, 0, &entries, NULL), 0);
		assert_int_equal(entries, 0);
		assert_int_equal(analyzer_run(&a, s, SLICE_LIT("ab cd"), &out, 0, &entries, NULL), 0);
		assert_true(entries > 0);
		analysis_free(s);
		free(out.column);
		free(out.value);
	}
}

static void the_english_stop_words_are_sorted_and_all_there(void **state)
{
	(void)state;
	for (size_t i = 1; i < STOPWORDS_ENGLISH; i++)
		assert_true(strcmp(stopwords_english[i - 1], stopwords_english[i]) < 0);
	assert_string_equal(stopwords_english[0], "a");
	assert_string_equal(stopwords_english[STOPWORDS_ENGLISH - 1], "yourselves");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(murmur_gives_the_published_vectors),
	    cmocka_unit_test(lower_case_and_words_are_pythons),
	    cmocka_unit_test(the_fast_scan_gives_what_the_plain_one_does),
	    cmocka_unit_test(accents_are_stripped_by_each_rule),
	    cmocka_unit_test(patterns_find_what_findall_finds),
	    cmocka_unit_test(patterns_that_mean_something_else_here_are_refused),
	    cmocka_unit_test(a_pattern_that_explodes_is_an_error_of_its_text),
	    cmocka_unit_test(an_empty_text_may_come_first),
	    cmocka_unit_test(a_vocabulary_finds_its_terms_and_nothing_else),
	    cmocka_unit_test(the_english_stop_words_are_sorted_and_all_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
