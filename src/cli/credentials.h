/*
 * The S3 key pair of a data directory: DIR/pki/credentials.json, mode 0600, made at first start. A pair given by the
 * environment (MINIO_ROOT_USER, MINIO_ROOT_PASSWORD) replaces it, so that `coracle env` always tells the one in force.
 */
#ifndef CORACLE_CLI_CREDENTIALS_H
#define CORACLE_CLI_CREDENTIALS_H

#include "cli/config.h"
#include "cli/datadir.h"

enum { CREDENTIAL_BYTES_MAX = 128 };

struct credentials {
	char access_key[CREDENTIAL_BYTES_MAX], secret_key[CREDENTIAL_BYTES_MAX];
};

int credentials_open(const struct datadir *d, const struct config *config, struct credentials *out, struct err *err);

#endif
