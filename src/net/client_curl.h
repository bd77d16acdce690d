/* libcurl's functions, found at the first request; see client.h for why. */
#ifndef CORACLE_NET_CLIENT_CURL_H
#define CORACLE_NET_CLIENT_CURL_H

#define CURL_DISABLE_TYPECHECK /* its macros would call the functions by name */
#define CURL_NO_OLDIES
#include <curl/curl.h>

#include "base/err.h"

struct client_curl {
	__typeof__(curl_global_init) *global_init;
	__typeof__(curl_easy_init) *easy_init;
	__typeof__(curl_easy_setopt) *setopt;
	__typeof__(curl_easy_perform) *perform;
	__typeof__(curl_easy_getinfo) *getinfo;
	__typeof__(curl_easy_cleanup) *cleanup;
	__typeof__(curl_easy_strerror) *strerror;
	__typeof__(curl_slist_append) *slist_append;
	__typeof__(curl_slist_free_all) *slist_free_all;
};

/* ERR_UNSUPPORTED when the library is not there. Never unloaded. */
const struct client_curl *client_curl(struct err *err);

#endif
