/* The pull reader: see json_pull.h. */
#include "codec/json_pull.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/limits.h"
#include "codec/utf8.h"

void pull_init(struct json_pull *j, struct slice text)
{
	*j = (struct json_pull){.at = text.ptr, .start = text.ptr, .end = text.ptr + text.len};
}

static void fail_at(struct json_pull *j, const char *what, const char *where)
{
	if (j->failed)
		return;
	j->failed = true;
	j->what = what;
	j->where = where;
}

void pull_fail(struct json_pull *j, const char *what)
{
	fail_at(j, what, j->at);
}

const unsigned char pull_kinds[256] = {
    ['{'] = PULL_OBJECT,         ['['] = PULL_ARRAY, ['"'] = PULL_STRING, ['-'] = PULL_NUMBER,
    ['0' ... '9'] = PULL_NUMBER, ['t'] = PULL_TRUE,  ['f'] = PULL_FALSE,  ['n'] = PULL_NULL,
};

enum pull_kind pull_no_kind(struct json_pull *j)
{
	pull_fail(j, "Expecting value");
	return PULL_NONE;
}

static bool enter(struct json_pull *j, enum pull_kind kind, const char *otherwise)
{
	if (pull_kind(j) != kind) {
		pull_fail(j, otherwise);
		return false;
	}
	if (++j->depth > limits.json_depth) {
		pull_fail(j, "Nested too deeply");
		return false;
	}
	j->at++;
	j->fresh = true;
	return true;
}

bool pull_object(struct json_pull *j)
{
	return enter(j, PULL_OBJECT, "Expecting an object");
}

bool pull_array(struct json_pull *j)
{
	return enter(j, PULL_ARRAY, "Expecting an array");
}

/* Not a comma, or the first place: the end, the first element, or an error. */
bool pull_no_item(struct json_pull *j, char close)
{
	if (j->at < j->end && *j->at == close) {
		j->at++;
		j->depth--;
		j->fresh = false;
		return false;
	}
	if (j->fresh) {
		j->fresh = false;
		return true;
	}
	pull_fail(j, "Expecting ',' delimiter");
	return false;
}

bool pull_key(struct json_pull *j, struct arena *a, struct slice *key)
{
	if (!pull_more(j, '}'))
		return false;
	pull_space(j);
	if (j->at >= j->end || *j->at != '"') {
		pull_fail(j, "Expecting property name enclosed in double quotes");
		return false;
	}
	if (!pull_string(j, a, key))
		return false;
	pull_space(j);
	if (j->at >= j->end || *j->at != ':') {
		pull_fail(j, "Expecting ':' delimiter");
		return false;
	}
	j->at++;
	return true;
}

/* ---- strings ---- */

/* A byte that ends a run of plain ASCII: a quote, a backslash, a control character, or not ASCII. */
static inline bool is_special(char c)
{
	return (unsigned char)c < 0x20 || (unsigned char)c >= 0x80 || c == '"' || c == '\\';
}

#ifdef __SSE2__
/* A bit for each of sixteen bytes that is special. */
static inline unsigned special_of_16(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	/* As signed numbers, control characters and non-ASCII are what is below a space. */
	__m128i below = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20));
	__m128i quote = _mm_cmpeq_epi8(v, _mm_set1_epi8('"')), slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));
	return (unsigned)_mm_movemask_epi8(_mm_or_si128(below, _mm_or_si128(quote, slash)));
}
#endif

/* The end of a run of plain ASCII. */
static const char *plain(const char *p, const char *end)
{
#ifdef __SSE2__
	for (; end - p >= 16; p += 16) {
		unsigned found = special_of_16(p);
		if (found)
			return p + __builtin_ctz(found);
	}
#else
	const uint64_t each = 0x0101010101010101u, high = 0x8080808080808080u;
	for (; end - p >= 8; p += 8) {
		uint64_t w, quote, slash;
		memcpy(&w, p, 8);
		quote = w ^ (each * '"');
		slash = w ^ (each * '\\');
		if ((((quote - each) & ~quote) | ((slash - each) & ~slash) | ((w - each * 0x20) & ~w) | w) & high)
			break;
	}
#endif
	while (p < end && !is_special(*p))
		p++;
	return p;
}

static int hex4(const char *p, const char *end)
{
	int v = 0;
	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int c = p[i], low = c | 0x20;
		if (c >= '0' && c <= '9')
			v = v << 4 | (c - '0');
		else if (low >= 'a' && low <= 'f')
			v = v << 4 | (low - 'a' + 10);
		else
			return -1;
	}
	return v;
}

/* j->at is behind "\u". */
static char *unicode_escape(struct json_pull *j, char *out)
{
	int c = hex4(j->at, j->end);
	if (c < 0) {
		pull_fail(j, "Invalid \\uXXXX escape");
		return out;
	}
	j->at += 4;
	unsigned v = (unsigned)c;
	if (v >= 0xd800 && v <= 0xdfff) {
		int low = v < 0xdc00 && j->end - j->at >= 6 && j->at[0] == '\\' && j->at[1] == 'u'
			      ? hex4(j->at + 2, j->end)
			      : -1;
		if (low < 0xdc00 || low > 0xdfff) {
			pull_fail(j, "Lone surrogate in a \\uXXXX escape");
			return out;
		}
		j->at += 6;
		v = 0x10000 + ((v - 0xd800) << 10) + ((unsigned)low - 0xdc00);
	}
	return out + utf8_put(out, v);
}

static char *escape(struct json_pull *j, char *out)
{
	static const char undone[256] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
					 ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};
	char c = j->at + 1 < j->end ? j->at[1] : 0;
	if (undone[(unsigned char)c]) {
		j->at += 2;
		*out++ = undone[(unsigned char)c];
	} else if (c == 'u') {
		j->at += 2;
		out = unicode_escape(j, out);
	} else {
		pull_fail(j, "Invalid \\escape");
	}
	return out;
}

/* What ends a run of plain bytes: true when the run goes on behind a multi-byte character. */
static bool multi_byte(struct json_pull *j, const char *p, size_t *n)
{
	if (p < j->end && (unsigned char)*p >= 0x80) {
		*n = utf8_length(p, j->end);
		if (*n)
			return true;
		fail_at(j, "Invalid UTF-8", p);
	} else if (p >= j->end) {
		fail_at(j, "Unterminated string starting", j->at);
	} else if (*p != '"' && *p != '\\') {
		fail_at(j, "Invalid control character", p);
	}
	return false;
}

/* From j->at to the next quote or backslash. */
static const char *run(struct json_pull *j)
{
	const char *p = j->at;
	size_t n;
	for (;;) {
		p = plain(p, j->end);
		if (!multi_byte(j, p, &n))
			return p;
		p += n;
	}
}

/* The closing quote of a string whose body has escapes, without judging it; NULL when there is none. */
static const char *closing_quote(const char *p, const char *end)
{
	while ((p = memchr(p, '"', (size_t)(end - p)))) {
		const char *back = p;
		while (back[-1] == '\\') /* ends at the opening quote at the latest */
			back--;
		if ((p - back) % 2 == 0)
			return p;
		p++;
	}
	return NULL;
}

static bool string_with_escapes(struct json_pull *j, const char *start, const char *slash, struct arena *a,
				struct slice *out)
{
	const char *close = closing_quote(slash, j->end);
	if (!close) {
		fail_at(j, "Unterminated string starting", start - 1);
		return false;
	}
	char *text = NULL, *to = NULL;
	if (a) { /* undone escapes are never longer */
		text = to = arena_alloc(a, (size_t)(close - start) + 1);
		if (!text) {
			j->no_memory = true;
			pull_fail(j, "");
			return false;
		}
		memcpy(to, start, (size_t)(slash - start));
		to += slash - start;
	}
	j->at = slash;
	while (!j->failed && *j->at != '"') {
		char scratch[8];
		char *end = escape(j, a ? to : scratch);
		const char *from = j->at, *stop = j->failed ? from : run(j);
		if (a) {
			to = end;
			memcpy(to, from, (size_t)(stop - from));
			to += stop - from;
		}
		j->at = stop;
	}
	if (j->failed)
		return false;
	j->at++;
	if (a)
		*out = slice_of(text, (size_t)(to - text));
	return true;
}

/* a NULL: only checked. */
static bool take_string(struct json_pull *j, struct arena *a, struct slice *out)
{
	const char *start = ++j->at, *stop = run(j);
	if (j->failed)
		return false;
	if (*stop == '\\')
		return string_with_escapes(j, start, stop, a, out);
	*out = slice_of(start, (size_t)(stop - start));
	j->at = stop + 1;
	return true;
}

bool pull_string(struct json_pull *j, struct arena *a, struct slice *out)
{
	if (pull_kind(j) != PULL_STRING) {
		pull_fail(j, "Expecting a string");
		return false;
	}
	return take_string(j, a, out);
}

/* ---- other values ---- */

enum number_kind pull_number(struct json_pull *j, union number *out)
{
	size_t n;
	if (j->failed)
		return NUMBER_BAD;
	pull_space(j);
	enum number_kind kind = number_read(j->at, j->end, out, &n);
	if (kind == NUMBER_BAD)
		pull_fail(j, "Expecting value");
	else
		j->at += n;
	return kind;
}

bool pull_literal(struct json_pull *j, enum pull_kind kind)
{
	struct slice word = kind == PULL_TRUE    ? SLICE_LIT("true")
			    : kind == PULL_FALSE ? SLICE_LIT("false")
						 : SLICE_LIT("null");
	if (j->failed)
		return false;
	pull_space(j);
	if ((size_t)(j->end - j->at) < word.len || memcmp(j->at, word.ptr, word.len) != 0) {
		pull_fail(j, "Expecting value");
		return false;
	}
	j->at += word.len;
	return true;
}

/* Without recursion: what is open is told by a bit a level. */
bool pull_skip(struct json_pull *j)
{
	enum { WORDS = 1024 / 64 };
	uint64_t objects[WORDS] = {0};
	int base = j->depth;
	struct slice ignored;
	for (;;) {
		enum pull_kind kind = pull_kind(j);
		union number number;
		switch (kind) {
		case PULL_NONE:
			return false;
		case PULL_OBJECT:
		case PULL_ARRAY: {
			if (!(kind == PULL_OBJECT ? pull_object(j) : pull_array(j)))
				return false;
			int level = j->depth - base;
			uint64_t bit = (uint64_t)1 << level % 64;
			objects[level / 64 % WORDS] = kind == PULL_OBJECT ? objects[level / 64 % WORDS] | bit
									  : objects[level / 64 % WORDS] & ~bit;
			break;
		}
		case PULL_STRING:
			(void)take_string(j, NULL, &ignored);
			break;
		case PULL_NUMBER:
			(void)pull_number(j, &number);
			break;
		default:
			(void)pull_literal(j, kind);
		}
		for (;;) { /* up to the next value that is due */
			int level = j->depth - base;
			if (j->failed || !level)
				return !j->failed;
			bool object = objects[level / 64 % WORDS] >> level % 64 & 1;
			if (object ? pull_key(j, NULL, &ignored) : pull_item(j))
				break;
		}
	}
}

int pull_end(struct json_pull *j, struct err *err)
{
	if (!j->failed) {
		pull_space(j);
		if (j->at == j->end)
			return 0;
		pull_fail(j, "Extra data");
	}
	if (j->no_memory)
		return err_set(err, ERR_NO_MEMORY, "the body does not fit the memory of one request");
	unsigned long long line = 1, column = 1;
	for (const char *p = j->start; p < j->where; p++) {
		if (*p == '\n') {
			line++;
			column = 1;
		} else {
			column++;
		}
	}
	return err_set(err, ERR_MALFORMED, "%s: line %llu column %llu (char %llu)", j->what, line, column,
		       (unsigned long long)(j->where - j->start));
}
