/* Percent encoding (RFC 3986) and query strings. */
#ifndef CORACLE_CODEC_URL_H
#define CORACLE_CODEC_URL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/slice.h"

enum url_encode {
	URL_ENCODE_ALL,	 /* all but letters, digits and -._~ (AWS' UriEncode) */
	URL_ENCODE_PATH, /* '/' stays too */
};

void url_encode(struct slice text, enum url_encode what, struct buf *out);
/* '+' stays. False for a broken escape; *out lies in the arena, or is `text` when there is nothing to decode. */
bool url_decode(struct slice text, struct arena *a, struct slice *out);
/* The same with '+' as a space: names and values of queries and forms. */
bool url_decode_query(struct slice text, struct arena *a, struct slice *out);
/* Next "name=value" of a query, still encoded; false at the end. *has_value: there was a '='. */
bool url_query_next(struct slice *rest, struct slice *name, struct slice *value, bool *has_value);

#endif
