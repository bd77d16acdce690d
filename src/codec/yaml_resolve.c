/*
 * The type of a plain scalar: resolve.go of go-yaml v2.4 and resolver.py of PyYAML 6.
 * Time stamps stay strings, as they do on the way to JSON.
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codec/yaml.h"

enum { NUMBER_CHARS_MAX = 64 };

struct word {
	const char *text;
	enum { WORD_NULL, WORD_TRUE, WORD_FALSE } is;
	bool go_only;
};

static const struct word words[] = {
	{ "~", WORD_NULL, false },     { "null", WORD_NULL, false },   { "Null", WORD_NULL, false },
	{ "NULL", WORD_NULL, false },  { "true", WORD_TRUE, false },   { "True", WORD_TRUE, false },
	{ "TRUE", WORD_TRUE, false },  { "yes", WORD_TRUE, false },    { "Yes", WORD_TRUE, false },
	{ "YES", WORD_TRUE, false },   { "on", WORD_TRUE, false },     { "On", WORD_TRUE, false },
	{ "ON", WORD_TRUE, false },    { "y", WORD_TRUE, true },       { "Y", WORD_TRUE, true },
	{ "false", WORD_FALSE, false }, { "False", WORD_FALSE, false }, { "FALSE", WORD_FALSE, false },
	{ "no", WORD_FALSE, false },   { "No", WORD_FALSE, false },    { "NO", WORD_FALSE, false },
	{ "off", WORD_FALSE, false },  { "Off", WORD_FALSE, false },   { "OFF", WORD_FALSE, false },
	{ "n", WORD_FALSE, true },     { "N", WORD_FALSE, true },
};

static json_t *resolve_word(struct slice s, enum yaml_dialect dialect)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if ((words[i].go_only && dialect != YAML_GOYAML) || !slice_is(s, words[i].text))
			continue;
		return words[i].is == WORD_NULL ? json_null() : json_boolean(words[i].is == WORD_TRUE);
	}
	return NULL;
}

/* digits of `base` into *out with `sign`; NULL-safe. False when there are none, others, or too many. */
static bool whole(const char *p, int base, bool negative, json_int_t *out)
{
	char *end;
	if (!isxdigit((unsigned char)*p))
		return false;
	errno = 0;
	unsigned long long v = strtoull(p, &end, base);
	if (errno || *end || v > (unsigned long long)INT64_MAX + (negative ? 1 : 0))
		return false;
	*out = negative ? (json_int_t)(0 - v) : (json_int_t)v;
	return true;
}

/* base of a number by its prefix; *p moves past it */
static int base_of(const char **p, enum yaml_dialect dialect)
{
	const char *s = *p;
	if (s[0] != '0' || !s[1])
		return 10;
	if (s[1] == 'x' || (s[1] == 'X' && dialect == YAML_GOYAML))
		return *p += 2, 16;
	if (s[1] == 'b' || (s[1] == 'B' && dialect == YAML_GOYAML))
		return *p += 2, 2;
	if ((s[1] == 'o' || s[1] == 'O') && dialect == YAML_GOYAML)
		return *p += 2, 8;
	return *p += 1, 8;
}

/* 190:20:30 is base 60 in YAML 1.1. */
static bool sexagesimal(const char *p, bool negative, json_int_t *out)
{
	json_int_t v = 0;
	int groups = 0;
	if (*p == '0' || !strchr(p, ':'))
		return false;
	for (;; groups++) {
		char *end;
		if (!isdigit((unsigned char)*p))
			return false;
		long part = strtol(p, &end, 10);
		if ((groups > 0 && (part > 59 || end - p > 2)) || part > 1000000000 || v > 1000000000000)
			return false;
		v = v * 60 + part;
		p = end;
		if (*p == '\0')
			break;
		if (*p++ != ':')
			return false;
	}
	*out = negative ? -v : v;
	return groups > 0;
}

/* digits with a dot or an exponent; PyYAML wants a dot, and a sign in the exponent */
static bool is_float(const char *p, enum yaml_dialect dialect)
{
	bool digits = false, dot = false, exponent = false;
	for (; isdigit((unsigned char)*p); p++)
		digits = true;
	if (*p == '.') {
		dot = true;
		for (p++; isdigit((unsigned char)*p); p++)
			digits = true;
	}
	if (!digits)
		return false;
	if (*p == 'e' || *p == 'E') {
		exponent = true;
		p++;
		if (*p == '+' || *p == '-')
			p++;
		else if (dialect == YAML_PYYAML)
			return false;
		if (!isdigit((unsigned char)*p))
			return false;
		while (isdigit((unsigned char)*p))
			p++;
	}
	return *p == '\0' && (dialect == YAML_PYYAML ? dot : dot || exponent);
}

static json_t *resolve_number(struct slice s, enum yaml_dialect dialect)
{
	char text[NUMBER_CHARS_MAX];
	size_t n = 0;
	json_int_t v;
	for (size_t i = 0; i < s.len; i++) /* digits may be grouped with _ */
		if (s.ptr[i] != '_' || i == 0)
			text[n++] = s.ptr[i];
	text[n] = '\0';
	const char *p = text;
	bool negative = *p == '-';
	if (*p == '-' || *p == '+')
		p++;
	if (!isdigit((unsigned char)*p) && *p != '.')
		return NULL;
	const char *digits = p;
	int base = base_of(&digits, dialect);
	if (whole(digits, base, negative, &v) || (dialect == YAML_PYYAML && sexagesimal(p, negative, &v)))
		return json_integer(v);
	if (is_float(p, dialect)) {
		double real = strtod(text, NULL);
		return isfinite(real) ? json_real(real) : NULL;
	}
	/* An integer that 64 bits do not hold becomes a real in Go; a string keeps every digit here too. */
	return NULL;
}

json_t *yaml_resolve(struct slice plain, enum yaml_dialect dialect)
{
	json_t *value = plain.len == 0 ? json_null() : resolve_word(plain, dialect);
	if (!value && plain.len < NUMBER_CHARS_MAX && memchr("+-.0123456789", plain.ptr[0], 13))
		value = resolve_number(plain, dialect);
	return value ? value : json_stringn(plain.ptr, plain.len);
}
