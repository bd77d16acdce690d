/* Base64 and hexadecimal: see base64.h. */
#include "codec/base64.h"

static const char alphabets[2][65] = {
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

void base64_encode(struct slice bytes, enum base64_alphabet alphabet, struct buf *out)
{
	const char *digit = alphabets[alphabet];
	const unsigned char *p = (const unsigned char *)bytes.ptr;
	size_t i = 0;
	for (; i + 3 <= bytes.len; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16 | (uint32_t)p[i + 1] << 8 | p[i + 2];
		char four[4] = { digit[v >> 18], digit[v >> 12 & 63], digit[v >> 6 & 63], digit[v & 63] };
		buf_append(out, four, 4);
	}
	size_t left = bytes.len - i;
	if (left == 0)
		return;
	uint32_t v = (uint32_t)p[i] << 16 | (left == 2 ? (uint32_t)p[i + 1] << 8 : 0);
	char four[4] = { digit[v >> 18], digit[v >> 12 & 63], left == 2 ? digit[v >> 6 & 63] : '=', '=' };
	buf_append(out, four, alphabet == BASE64_URL ? left + 1 : 4);
}

static int value_of(char c, enum base64_alphabet alphabet)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == alphabets[alphabet][62])
		return 62;
	return c == alphabets[alphabet][63] ? 63 : -1;
}

bool base64_decode(struct slice text, enum base64_alphabet alphabet, struct arena *a, struct slice *out)
{
	size_t n = text.len;
	if (alphabet == BASE64_STANDARD) {
		if (n % 4)
			return false;
		for (int pads = 0; pads < 2 && n > 0 && text.ptr[n - 1] == '='; pads++)
			n--;
	}
	if (n % 4 == 1)
		return false;
	unsigned char *to = arena_alloc(a, n / 4 * 3 + 3);
	if (!to)
		return false;
	size_t len = 0;
	uint32_t bits = 0;
	int have = 0;
	for (size_t i = 0; i < n; i++) {
		int v = value_of(text.ptr[i], alphabet);
		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			to[len++] = (unsigned char)(bits >> have);
			bits &= (1u << have) - 1;
		}
	}
	if (bits) /* left-over bits that are not zero: another text for the same bytes */
		return false;
	*out = slice_of(to, len);
	return true;
}

void hex_encode(const void *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = bytes;
	for (size_t i = 0; i < n; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = '\0';
}

/* Value + 1 of a digit, 0 of anything else. */
static const unsigned char hex_values[256] = {
	['0'] = 1,  ['1'] = 2,	['2'] = 3,  ['3'] = 4,	['4'] = 5,  ['5'] = 6,	['6'] = 7,  ['7'] = 8,
	['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

bool hex_decode(struct slice text, void *out, size_t n)
{
	unsigned char *to = out;
	if (text.len != 2 * n)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!hex_values[(unsigned char)text.ptr[i]])
			return false;
	for (size_t i = 0; i < n; i++) {
		const unsigned char *two = (const unsigned char *)text.ptr + 2 * i;
		to[i] = (unsigned char)((hex_values[two[0]] - 1u) << 4 | (hex_values[two[1]] - 1u));
	}
	return true;
}
