/* Percent encoding: see url.h. */
#include "codec/url.h"

#include "codec/base64.h"

static bool unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	       c == '_' || c == '~';
}

void url_encode(struct slice text, enum url_encode what, struct buf *out)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t from = 0;
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (unreserved((char)c) || (what == URL_ENCODE_PATH && c == '/'))
			continue;
		char three[3] = { '%', digits[c >> 4], digits[c & 15] };
		buf_append(out, text.ptr + from, i - from);
		buf_append(out, three, 3);
		from = i + 1;
	}
	buf_slice(out, slice_from(text, from));
}

static bool decode(struct slice text, bool plus, struct arena *a, struct slice *out)
{
	size_t i = 0;
	while (i < text.len && text.ptr[i] != '%' && !(plus && text.ptr[i] == '+'))
		i++;
	if (i == text.len) {
		*out = text;
		return true;
	}
	char *to = arena_alloc(a, text.len);
	if (!to)
		return false;
	memcpy(to, text.ptr, i);
	size_t n = i;
	for (; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '%') {
			if (!hex_decode(slice_sub(text, i + 1, 2), &c, 1))
				return false;
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		to[n++] = c;
	}
	*out = slice_of(to, n);
	return true;
}

bool url_decode(struct slice text, struct arena *a, struct slice *out)
{
	return decode(text, false, a, out);
}

bool url_decode_query(struct slice text, struct arena *a, struct slice *out)
{
	return decode(text, true, a, out);
}

bool url_query_next(struct slice *rest, struct slice *name, struct slice *value, bool *has_value)
{
	struct slice pair;
	do {
		pair = slice_cut(rest, '&');
		if (!pair.ptr)
			return false;
	} while (pair.len == 0);
	ptrdiff_t eq = slice_find(pair, '=');
	*has_value = eq >= 0;
	*name = eq >= 0 ? slice_sub(pair, 0, (size_t)eq) : pair;
	*value = eq >= 0 ? slice_from(pair, (size_t)eq + 1) : slice_of(pair.ptr + pair.len, 0);
	return true;
}
