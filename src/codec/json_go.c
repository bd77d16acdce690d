/* Go's JSON errors: see json_go.h. The states are those of encoding/json's scanner; only the first wrong byte matters. */
#include "codec/json_go.h"

#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 512 };

struct scan {
	struct slice text;
	size_t at;
	int depth;
	char *out;
	size_t n;
};

static int end_of(struct scan *s)
{
	(void)snprintf(s->out, s->n, "unexpected end of JSON input");
	return -1;
}

/* -1 with the text about the byte at s->at, or about the end. */
static int bad(struct scan *s, const char *where)
{
	char shown[16];
	if (s->at >= s->text.len)
		return end_of(s);
	unsigned char c = (unsigned char)s->text.ptr[s->at];
	if (c == '\'')
		(void)snprintf(shown, sizeof shown, "'\\''");
	else if (c == '\\')
		(void)snprintf(shown, sizeof shown, "'\\\\'");
	else if (c == '\n' || c == '\t' || c == '\r')
		(void)snprintf(shown, sizeof shown, "'\\%c'", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
	else if (c < 0x20 || c == 0x7f)
		(void)snprintf(shown, sizeof shown, "'\\x%02x'", c);
	else if (c < 0x80)
		(void)snprintf(shown, sizeof shown, "'%c'", c);
	else /* Go shows the byte as the character of that number */
		(void)snprintf(shown, sizeof shown, c < 0xa0 ? "'\\u%04x'" : "'%c%c'", c < 0xa0 ? c : 0xc0 | c >> 6,
			       0x80 | (c & 0x3f));
	(void)snprintf(s->out, s->n, "invalid character %s %s", shown, where);
	return -1;
}

static void space(struct scan *s)
{
	while (s->at < s->text.len && strchr(" \t\r\n", s->text.ptr[s->at]) && s->text.ptr[s->at])
		s->at++;
}

static char peek(const struct scan *s)
{
	return s->at < s->text.len ? s->text.ptr[s->at] : 0;
}

static bool digit(const struct scan *s)
{
	return peek(s) >= '0' && peek(s) <= '9';
}

static int value(struct scan *s);

static int escape(struct scan *s)
{
	if (s->at >= s->text.len)
		return end_of(s);
	if (peek(s) == 'u') {
		for (int i = 0; i < 4; i++) {
			s->at++;
			if (!peek(s) || !strchr("0123456789abcdefABCDEF", peek(s)))
				return bad(s, "in \\u hexadecimal character escape");
		}
	} else if (!peek(s) || !strchr("bfnrt\\/\"", peek(s))) {
		return bad(s, "in string escape code");
	}
	s->at++;
	return 0;
}

static int string(struct scan *s)
{
	for (s->at++; s->at < s->text.len;) {
		unsigned char c = (unsigned char)s->text.ptr[s->at];
		if (c < 0x20)
			return bad(s, "in string literal");
		s->at++;
		if (c == '"')
			return 0;
		if (c == '\\' && escape(s) < 0)
			return -1;
	}
	return end_of(s);
}

static int number(struct scan *s)
{
	if (peek(s) == '-') {
		s->at++;
		if (!digit(s))
			return bad(s, "in numeric literal");
	}
	if (peek(s) == '0')
		s->at++;
	else
		while (digit(s))
			s->at++;
	if (peek(s) == '.') {
		s->at++;
		if (!digit(s))
			return bad(s, "after decimal point in numeric literal");
		while (digit(s))
			s->at++;
	}
	if (peek(s) == 'e' || peek(s) == 'E') {
		s->at++;
		if (peek(s) == '+' || peek(s) == '-')
			s->at++;
		if (!digit(s))
			return bad(s, "in exponent of numeric literal");
		while (digit(s))
			s->at++;
	}
	return 0;
}

static int literal(struct scan *s, const char *word)
{
	char where[48];
	for (size_t i = 0; word[i]; i++, s->at++) {
		(void)snprintf(where, sizeof where, "in literal %s (expecting '%c')", word, word[i]);
		if (peek(s) != word[i])
			return bad(s, where);
	}
	return 0;
}

static int object(struct scan *s)
{
	s->at++;
	space(s);
	if (peek(s) == '}') {
		s->at++;
		return 0;
	}
	for (;;) {
		space(s);
		if (peek(s) != '"')
			return bad(s, "looking for beginning of object key string");
		if (string(s) < 0)
			return -1;
		space(s);
		if (peek(s) != ':')
			return bad(s, "after object key");
		s->at++;
		if (value(s) < 0)
			return -1;
		space(s);
		if (peek(s) == '}')
			break;
		if (peek(s) != ',')
			return bad(s, "after object key:value pair");
		s->at++;
	}
	s->at++;
	return 0;
}

static int array(struct scan *s)
{
	s->at++;
	space(s);
	if (peek(s) == ']') {
		s->at++;
		return 0;
	}
	for (;;) {
		if (value(s) < 0)
			return -1;
		space(s);
		if (peek(s) == ']')
			break;
		if (peek(s) != ',')
			return bad(s, "after array element");
		s->at++;
	}
	s->at++;
	return 0;
}

static int value(struct scan *s)
{
	int rc;
	space(s);
	if (++s->depth > DEPTH_MAX) {
		(void)snprintf(s->out, s->n, "exceeded max depth");
		return -1;
	}
	switch (peek(s)) {
	case '{': rc = object(s); break;
	case '[': rc = array(s); break;
	case '"': rc = string(s); break;
	case 't': rc = literal(s, "true"); break;
	case 'f': rc = literal(s, "false"); break;
	case 'n': rc = literal(s, "null"); break;
	default: rc = peek(s) == '-' || digit(s) ? number(s) : bad(s, "looking for beginning of value");
	}
	s->depth--;
	return rc;
}

bool json_go_error(struct slice text, char *out, size_t n)
{
	struct scan s = { .text = text, .out = out, .n = n };
	if (value(&s) < 0)
		return true;
	space(&s);
	if (s.at == text.len)
		return false;
	(void)bad(&s, "after top-level value");
	return true;
}
