/* strip_accents: compatibility decomposition (NFKD), then what is left out. */
#ifndef CORACLE_INFER_TEXT_ACCENT_H
#define CORACLE_INFER_TEXT_ACCENT_H

#include <stdbool.h>

#include "base/slice.h"

enum accent_rule {
	ACCENT_KEEP,
	ACCENT_UNICODE,     /* without combining characters */
	ACCENT_UNICODE_OLD, /* the same, but a text that is decomposed already stays as it is (scikit-learn before 0.22)
			     */
	ACCENT_ASCII,       /* without anything beyond ASCII */
	ACCENT_RULES
};

struct accent_buffer {
	char *at;
	size_t cap;
};

/* The text without accents: `text` itself when it is ASCII, else in `to`, which grows. False: out of memory. */
bool accent_strip(enum accent_rule rule, struct slice text, struct accent_buffer *to, struct slice *out);

#endif
