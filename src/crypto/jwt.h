/*
 * JSON Web Tokens signed with ES256 (RFC 7515, 7518, 7519): one key, made at first start and kept in a PEM file of mode
 * 0600. Only that algorithm is ever accepted, whatever a token's header says.
 */
#ifndef CORACLE_CRYPTO_JWT_H
#define CORACLE_CRYPTO_JWT_H

#include <jansson.h>

#include "base/err.h"
#include "base/slice.h"

struct jwt_key;

/* `path` NULL: a key in memory only. */
int jwt_key_open(const char *path, struct jwt_key **out, struct err *err);
void jwt_key_free(struct jwt_key *k);

/* *token is malloc'd. */
int jwt_sign(const struct jwt_key *k, const json_t *claims, char **token, struct err *err);
/* Signature and form only; times and audiences are the caller's to check. ERR_UNAUTHENTICATED. */
int jwt_verify(const struct jwt_key *k, struct slice token, json_t **claims, struct err *err);
/* {keys: [{kty, crv, x, y, kid, use, alg}]} for whoever wants to check tokens himself (RFC 7517). New reference. */
json_t *jwt_key_set(const struct jwt_key *k);

#endif
