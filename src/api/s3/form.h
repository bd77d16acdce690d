/*
 * multipart/form-data as browsers send it to S3 (RFC 7578, "POST Object"): small fields, then one file, which streams.
 * Fields after the file are not looked at.
 */
#ifndef CORACLE_API_S3_FORM_H
#define CORACLE_API_S3_FORM_H

#include "base/buf.h"
#include "net/http.h"

enum { FORM_FIELDS_MAX = 64, FORM_FIELD_BYTES_MAX = 64 << 10, FORM_BORDER_BYTES_MAX = 80 };

struct form {
	/* what was read before the file; in the arena */
	struct http_field fields[FORM_FIELDS_MAX];
	size_t fields_n;
	struct slice file_name; /* of the file's Content-Disposition */
	/* set by the caller */
	int (*read)(void *arg, void *p, size_t n, size_t *got, struct err *err); /* the body; *got 0 at its end */
	void *arg;
	struct slice content_type;
	struct arena *arena;
	/* own */
	char border[FORM_BORDER_BYTES_MAX]; /* CR LF "--" and the boundary */
	size_t border_len;
	struct buf in;
	size_t at;
	bool source_ended, file_ended;
};

/* Reads up to the bytes of the file. ERR_INVALID (S3_MALFORMED_POST) when it is no such form or has no file. Released
 * in any case by form_release. */
int form_begin(struct form *f, struct err *err);
/* Next bytes of the file, borrowed until the next call; empty at its end. */
int form_read(struct form *f, struct slice *out, struct err *err);
void form_release(struct form *f);
struct slice form_field_value(const struct form *f, const char *name);

#endif
