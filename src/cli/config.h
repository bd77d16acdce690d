/*
 * What a server is told: a YAML file, overridden by the environment, overridden by flags. Unknown keys are errors
 * that name themselves. Everything is resolved here, before anything starts.
 */
#ifndef CORACLE_CLI_CONFIG_H
#define CORACLE_CLI_CONFIG_H

#include <stdbool.h>

#include "base/log.h"
#include "base/vec.h"
#include "cli/options.h"

enum listener_id { LISTENER_INFERENCE, LISTENER_S3, LISTENER_KUBERNETES, LISTENER_METRICS, LISTENERS };

struct config_alias {
	char *image, *target;
};

struct config {
	char *listen[LISTENERS]; /* "127.0.0.1:8080"; NULL: off */
	bool detach, access_log, insecure_listen;
	enum log_format log_format;
	enum log_level log_level;
	char *domain;	      /* "example.com" */
	char *token;	      /* of the inference listener; NULL: none */
	char *access_key, *secret_key; /* from the environment or the file; NULL: the directory's own */
	VEC(char *) tls_sans;
	VEC(char *) file_roots;
	VEC(struct config_alias) images; /* image aliases of the configuration */
};

extern const char *const listener_names[LISTENERS];

int config_read(const struct options *o, struct config *out, struct err *err);
void config_release(struct config *c);

#endif
