/* Token patterns: see pattern.h. Facts: Python's re documentation and sre_parse; pcre2pattern(3), pcre2api(3). */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "infer/text/pattern.h"

#include <pcre2.h>

#include "base/buf.h"

enum { MATCH_STEPS_MAX = 1000000, MATCH_DEPTH_MAX = 1000, MATCH_HEAP_KIB = 20 << 10 };

unsigned pattern_plain_words(struct slice p)
{
	if (slice_starts(p, "(?u)"))
		p = slice_from(p, 4);
	if (!slice_starts(p, "\\b"))
		return 0;
	p = slice_from(p, 2);
	unsigned least = 0;
	while (slice_starts(p, "\\w") && least < 64) {
		least++;
		p = slice_from(p, 2);
	}
	return least && slice_is(p, "+\\b") ? least : 0;
}

/* --- translation --- */

#define SPACES "\\s\\x1c-\\x1f" /* Python counts the four separators too */

static int refuse(struct err *err, const char *what)
{
	return err_set(err, ERR_UNSUPPORTED, "token_pattern uses %s, which is not supported", what);
}

static int translate_escape(struct buf *to, char c, bool in_set, struct err *err)
{
	switch (c) {
	case 's':
		buf_str(to, in_set ? SPACES : "[" SPACES "]");
		return 0;
	case 'S':
		if (in_set)
			return refuse(err, "\\S inside a set");
		buf_str(to, "[^" SPACES "]");
		return 0;
	case 'v':
		buf_str(to, "\\x0b");
		return 0;
	case 'Z':
		buf_str(to, "\\z");
		return 0;
	case 'u':
	case 'U':
	case 'N':
		return refuse(err, "\\u, \\U or \\N");
	default:
		buf_char(to, '\\');
		buf_char(to, c);
		return 0;
	}
}

/* "(?" at p: what may follow. */
static int check_group(struct slice p, struct err *err)
{
	static const char *const same[] = {
	    "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?P<", "(?P=", "(?i)", "(?s)", "(?m)", "(?u)", "(?x)", "(?#", "(?>"};
	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		if (slice_starts(p, same[i]))
			return 0;
	}
	return refuse(err, "a group or flag other than (?:…), look-around, names, (?i), (?m), (?s), (?u), (?x)");
}

/* Without case Python's i is also the dotted and the dotless one of Turkish; PCRE2's is not. */
#define OTHER_I "\\x{130}\\x{131}"

/* Does the character at i of a set, or the range that it ends, have an i in it? */
static bool has_i(struct slice p, size_t i)
{
	char c = p.ptr[i];
	bool ends = i >= 2 && p.ptr[i - 1] == '-' && p.ptr[i - 2] != '\\';
	char from = ends ? p.ptr[i - 2] : c;
	return (from <= 'i' && c >= 'i') || (from <= 'I' && c >= 'I');
}

int pattern_translate(struct slice python, struct arena *a, struct slice *pcre, struct err *err)
{
	struct buf to;
	bool in_set = false, caseless = false, set_has_i = false, dash = false;
	size_t first = 0; /* of a set's second character */
	size_t flags = 0; /* end of the flags that it begins with */
	int rc = 0;
	if (python.len > PATTERN_BYTES_MAX)
		return err_set(err, ERR_UNSUPPORTED, "token_pattern is longer than %d bytes", PATTERN_BYTES_MAX);
	buf_init(&to, (size_t)PATTERN_BYTES_MAX * 20);
	for (size_t i = 0; rc == 0 && i < python.len; i++) {
		struct slice rest = slice_from(python, i);
		char c = python.ptr[i];
		if (c == '\\' && rest.len > 1) {
			rc = translate_escape(&to, python.ptr[++i], in_set, err);
			dash = false;
		} else if (in_set) {
			if (slice_starts(rest, "[:") || slice_starts(rest, "[.") || slice_starts(rest, "[="))
				rc = refuse(err, "'[' inside a set");
			in_set = c != ']' || i < first; /* a ']' right at the start is a character */
			set_has_i |= in_set && has_i(python, i);
			if (!in_set && caseless && set_has_i) {
				to.len -= dash; /* or it would make a range */
				buf_str(&to, dash ? OTHER_I "\\-" : OTHER_I);
			}
			dash = c == '-';
			buf_char(&to, c);
		} else if (slice_starts(rest, "(?")) {
			rc = check_group(rest, err);
			size_t used = 1;
			if (rc == 0 && rest.len > 3 && rest.ptr[2] != ':' && rest.ptr[3] == ')') {
				if (i != flags) /* Python's hold for all of the pattern */
					rc = refuse(err, "a flag that is not at the start");
				flags = i + 4;
				caseless |= rest.ptr[2] == 'i';
				used = 4;
			}
			if (!slice_starts(rest, "(?u)"))
				buf_append(&to, rest.ptr, used);
			i += used - 1;
		} else if (slice_starts(rest, "{,")) {
			buf_str(&to, "{0,");
			i++;
		} else {
			if (slice_starts(rest, "(*"))
				rc = refuse(err, "(*");
			in_set = c == '[';
			set_has_i = false;
			if (caseless && (slice_starts(rest, "\xc4\xb0") || slice_starts(rest, "\xc4\xb1")))
				rc = refuse(err, "(?i) with an i of Turkish");
			if (caseless && (c == 'i' || c == 'I')) {
				buf_str(&to, "[i" OTHER_I "]");
				continue;
			}
			first = i + 2 + (i + 1 < python.len && python.ptr[i + 1] == '^');
			buf_char(&to, c);
		}
	}
	if (rc == 0) {
		*pcre = arena_dup(a, buf_view(&to));
		if (!pcre->ptr)
			rc = err_set(err, ERR_TOO_LARGE, "the model is over the memory limit of a load");
	}
	buf_release(&to);
	return rc;
}

/* --- matching --- */

struct pattern {
	pcre2_code *code;
	pcre2_match_context *context;
	uint32_t group; /* 1 when there is a group: findall gives that */
};

struct pattern_search {
	pcre2_match_data *data;
	const uint8_t *text;
	size_t n, at;
	uint32_t options;
};

void pattern_free(struct pattern *p)
{
	if (!p)
		return;
	pcre2_code_free(p->code);
	pcre2_match_context_free(p->context);
	free(p);
}

int pattern_new(struct slice pcre, struct pattern **out, struct err *err)
{
	int code;
	PCRE2_SIZE at;
	struct pattern *p = calloc(1, sizeof *p);
	if (!p)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	p->code = pcre2_compile((PCRE2_SPTR)pcre.ptr, pcre.len, PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &code,
				&at, NULL);
	p->context = pcre2_match_context_create(NULL);
	if (!p->code) {
		PCRE2_UCHAR text[128] = "";
		pcre2_get_error_message(code, text, sizeof text);
		pattern_free(p);
		return err_set(err, ERR_UNSUPPORTED, "token_pattern cannot be used: %s (at byte %zu)",
			       (const char *)text, at);
	}
	if (!p->context) {
		pattern_free(p);
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	}
	pcre2_set_match_limit(p->context, MATCH_STEPS_MAX);
	pcre2_set_depth_limit(p->context, MATCH_DEPTH_MAX);
	pcre2_set_heap_limit(p->context, MATCH_HEAP_KIB);
	(void)pcre2_pattern_info(p->code, PCRE2_INFO_CAPTURECOUNT, &p->group);
	if (p->group > 1) {
		pattern_free(p);
		return err_set(err, ERR_UNSUPPORTED, "token_pattern has more than one capturing group");
	}
	(void)pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE); /* slower without, nothing else */
	*out = p;
	return 0;
}

struct pattern_search *pattern_search_new(const struct pattern *p)
{
	struct pattern_search *s = calloc(1, sizeof *s);
	if (!s)
		return NULL;
	s->data = pcre2_match_data_create_from_pattern(p->code, NULL);
	if (!s->data) {
		free(s);
		return NULL;
	}
	return s;
}

void pattern_search_free(struct pattern_search *s)
{
	if (!s)
		return;
	pcre2_match_data_free(s->data);
	free(s);
}

void pattern_search_begin(struct pattern_search *s, const uint8_t *text, size_t n)
{
	s->text = text;
	s->n = n;
	s->at = 0;
	s->options = 0;
}

int pattern_search_next(const struct pattern *p, struct pattern_search *s, struct slice *token, struct err *err)
{
	if (s->at > s->n)
		return 0;
	/* The text was checked by the caller; a match may not be empty right where an empty one was. */
	int rc = pcre2_match(p->code, s->text, s->n, s->at, s->options | PCRE2_NO_UTF_CHECK, s->data, p->context);
	if (rc == PCRE2_ERROR_NOMATCH)
		return 0;
	if (rc < 0) {
		PCRE2_UCHAR text[128] = "";
		pcre2_get_error_message(rc, text, sizeof text);
		return err_set(err, ERR_INVALID, "token_pattern takes too many steps on this text (%s)",
			       (const char *)text);
	}
	const PCRE2_SIZE *v = pcre2_get_ovector_pointer(s->data);
	s->options = v[0] == v[1] ? PCRE2_NOTEMPTY_ATSTART : 0;
	s->at = v[1];
	size_t start = v[2 * p->group], end = v[2 * p->group + 1];
	/* A group that took no part is an empty string to findall. (\K, which Python lacks, could make start > end.) */
	bool none = start == PCRE2_UNSET || (p->group && rc == 1) || start > end;
	*token = none ? slice_of(s->text, 0) : slice_of(s->text + start, end - start);
	return 1;
}
