/* Characters: see unicode.h. Facts: Unicode 15.0 (DerivedCoreProperties, WordBreakProperty), CPython's unicodeobject.c.
 */
#include "infer/text/unicode.h"

#include <utf8proc.h>

#include "base/check.h"

uint32_t utf8_read(const uint8_t *p, size_t n, size_t *bytes)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t got = utf8proc_iterate(p, (utf8proc_ssize_t)MIN(n, UTF8_BYTES_MAX), &c);
	if (got <= 0) {
		*bytes = 1;
		return 0xfffd;
	}
	*bytes = (size_t)got;
	return (uint32_t)c;
}

size_t utf8_write(uint32_t c, uint8_t *to)
{
	return (size_t)utf8proc_encode_char((utf8proc_int32_t)c, to);
}

size_t utf8_count(const uint8_t *p, size_t n)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		count += (p[i] & 0xc0) != 0x80;
	return count;
}

bool unicode_word(uint32_t c)
{
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO:
		return true;
	default:
		return c == '_';
	}
}

bool unicode_space(uint32_t c)
{
	if (c < 0x80)
		return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20);
	return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
	       c == 0x202f || c == 0x205f || c == 0x3000;
}

bool unicode_combining(uint32_t c)
{
	return utf8proc_get_property((utf8proc_int32_t)c)->combining_class != 0;
}

/* --- final sigma --- */

struct range {
	uint32_t first, last;
};

/* Cased without being Lu, Ll or Lt: Other_Lowercase and Other_Uppercase. */
static const struct range other_cased[] = {
    {0xaa, 0xaa},       {0xba, 0xba},       {0x2b0, 0x2b8},     {0x2c0, 0x2c1},     {0x2e0, 0x2e4},
    {0x345, 0x345},     {0x37a, 0x37a},     {0x10fc, 0x10fc},   {0x1d2c, 0x1d6a},   {0x1d78, 0x1d78},
    {0x1d9b, 0x1dbf},   {0x2071, 0x2071},   {0x207f, 0x207f},   {0x2090, 0x209c},   {0x2160, 0x217f},
    {0x24b6, 0x24e9},   {0x2c7c, 0x2c7d},   {0xa69c, 0xa69d},   {0xa770, 0xa770},   {0xa7f2, 0xa7f4},
    {0xa7f8, 0xa7f9},   {0xab5c, 0xab5f},   {0xab69, 0xab69},   {0x10780, 0x10780}, {0x10783, 0x10785},
    {0x10787, 0x107b0}, {0x107b2, 0x107ba}, {0x1e030, 0x1e06d}, {0x1f130, 0x1f149}, {0x1f150, 0x1f169},
    {0x1f170, 0x1f189},
};

/* Word_Break MidLetter, MidNumLet or Single_Quote. */
static const uint32_t mid_word[] = {0x27,   0x2e,   0x3a,   0xb7,   0x387,  0x55f,  0x5f4,  0x2018, 0x2019,
				    0x2024, 0x2027, 0xfe13, 0xfe52, 0xfe55, 0xff07, 0xff0e, 0xff1a};

static bool cased(uint32_t c)
{
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
		return true;
	default:
		break;
	}
	for (size_t i = 0; i < COUNT_OF(other_cased); i++) {
		if (c >= other_cased[i].first && c <= other_cased[i].last)
			return true;
	}
	return false;
}

static bool case_ignorable(uint32_t c)
{
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_ME:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_SK:
		return true;
	default:
		break;
	}
	for (size_t i = 0; i < COUNT_OF(mid_word); i++) {
		if (c == mid_word[i])
			return true;
	}
	return false;
}

/* Behind a cased letter and not before one, whatever is ignorable between. */
static bool final_sigma(const uint8_t *text, size_t n, size_t at)
{
	size_t bytes, i = at;
	uint32_t c = 0;
	bool found = false;
	while (i > 0 && !found) {
		size_t end = i--;
		while (i > 0 && end - i < UTF8_BYTES_MAX && (text[i] & 0xc0) == 0x80)
			i--;
		c = utf8_read(text + i, end - i, &bytes);
		if (bytes != end - i) { /* no UTF-8: back by one byte */
			i = end - 1;
			c = 0xfffd;
		}
		found = !case_ignorable(c);
	}
	if (!found || !cased(c))
		return false;
	found = false;
	for (i = at + 2; i < n && !found; i += bytes) {
		c = utf8_read(text + i, n - i, &bytes);
		found = !case_ignorable(c);
	}
	return !found || !cased(c);
}

size_t unicode_lower(const uint8_t *text, size_t n, size_t at, size_t *bytes, uint8_t *to)
{
	uint32_t c = utf8_read(text + at, n - at, bytes);
	if (c == 0x3a3)
		return utf8_write(final_sigma(text, n, at) ? 0x3c2 : 0x3c3, to);
	if (c == 0x130) { /* the one character whose lower case is two */
		to[0] = 'i';
		return 1 + utf8_write(0x307, to + 1);
	}
	return utf8_write((uint32_t)utf8proc_tolower((utf8proc_int32_t)c), to);
}
