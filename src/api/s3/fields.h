/*
 * Headers that belong to an object: as the store keeps them (lines "name: value\n"), from a request and to an answer.
 * And headers that ask for what is not there: refused rather than ignored.
 */
#ifndef CORACLE_API_S3_FIELDS_H
#define CORACLE_API_S3_FIELDS_H

#include "api/s3/call.h"

/* Lines in the arena. Content-Encoding loses "aws-chunked". ERR_INVALID over limits.s3_metadata_bytes. */
int s3_fields_take(const struct s3_call *c, struct slice *lines, struct err *err);
/* Adds the lines to an answer, with the request's response-… overrides; Content-Type has a default. */
void s3_fields_give(const struct s3_call *c, struct slice lines);
/* What a write may ask for that is not built: ACLs, tags, locks, encryption, storage classes. */
int s3_fields_refuse(const struct s3_call *c, struct err *err);
/* Value of one line, or {NULL, 0}. */
struct slice s3_fields_find(struct slice lines, const char *name);

#endif
