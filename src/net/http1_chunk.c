/* Chunked bodies: see http1_chunk.h. */
#include "net/http1_chunk.h"

#include "base/check.h"
#include "net/http1_head.h"

enum state {
	SIZE,	     /* before and in the digits */
	EXTENSION,   /* after ';' */
	SIZE_LF,     /* after the CR of a size line */
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER,     /* at the start of a trailer line or of the last, empty one */
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	END_LF,
	ENDED,
};

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int in_size(struct http1_chunk *c, char ch)
{
	int v = hex(ch);
	if (v >= 0) {
		if (++c->digits > 15)
			return -1;
		c->left = c->left << 4 | (unsigned)v;
		return 0;
	}
	if (!c->digits || (ch != ';' && ch != '\r'))
		return -1;
	c->state = ch == ';' ? EXTENSION : SIZE_LF;
	return 0;
}

/* One byte of framing: everything but DATA. */
static int framing(struct http1_chunk *c, char ch)
{
	bool token = http1_is_token(slice_of(&ch, 1)), value = http1_is_value(slice_of(&ch, 1));
	switch ((enum state)c->state) {
	case SIZE:
		return in_size(c, ch);
	case EXTENSION:
		if (ch == '\r')
			c->state = SIZE_LF;
		else if (!value || ++c->extra > HTTP1_CHUNK_EXTRA_MAX)
			return -1;
		return 0;
	case SIZE_LF:
		c->state = c->left ? DATA : TRAILER;
		c->digits = 0;
		return ch == '\n' ? 0 : -1;
	case DATA_CR:
		c->state = DATA_LF;
		return ch == '\r' ? 0 : -1;
	case DATA_LF:
		c->state = SIZE;
		return ch == '\n' ? 0 : -1;
	case TRAILER:
		c->state = ch == '\r' ? END_LF : TRAILER_NAME;
		return (ch == '\r' || token) && ++c->extra <= HTTP1_CHUNK_EXTRA_MAX ? 0 : -1;
	case TRAILER_NAME:
		if (ch == ':')
			c->state = TRAILER_VALUE;
		return (ch == ':' || token) && ++c->extra <= HTTP1_CHUNK_EXTRA_MAX ? 0 : -1;
	case TRAILER_VALUE:
		if (ch == '\r')
			c->state = TRAILER_LF;
		return (ch == '\r' || value) && ++c->extra <= HTTP1_CHUNK_EXTRA_MAX ? 0 : -1;
	case TRAILER_LF:
		c->state = TRAILER;
		return ch == '\n' ? 0 : -1;
	case END_LF:
		c->state = ENDED;
		return ch == '\n' ? 1 : -1;
	case DATA:
	case ENDED:
		break;
	}
	return -1;
}

int http1_chunk_next(struct http1_chunk *c, const char *p, size_t n, size_t *used, struct slice *data)
{
	*data = slice_of(p, 0);
	for (size_t i = 0; i < n; i++) {
		if (c->state == DATA) {
			*data = slice_of(p + i, (size_t)MIN(c->left, n - i));
			c->left -= data->len;
			if (!c->left)
				c->state = DATA_CR;
			*used = i + data->len;
			return 0;
		}
		int rc = framing(c, p[i]);
		if (rc) {
			*used = i + 1;
			return rc;
		}
	}
	*used = n;
	return 0;
}
