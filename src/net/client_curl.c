/* Opening libcurl: see client_curl.h. */
#include "net/client_curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>

#undef curl_easy_setopt
#undef curl_easy_getinfo

static struct client_curl curl;
static bool ready;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void find(void *lib, const char *name, void *where, bool *ok)
{
	void *f = dlsym(lib, name);
	*(void **)where = f;
	*ok = *ok && f;
}

static void load(void)
{
	void *lib = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
	bool ok = lib != NULL;
	if (!ok)
		return;
	find(lib, "curl_global_init", &curl.global_init, &ok);
	find(lib, "curl_easy_init", &curl.easy_init, &ok);
	find(lib, "curl_easy_setopt", &curl.setopt, &ok);
	find(lib, "curl_easy_perform", &curl.perform, &ok);
	find(lib, "curl_easy_getinfo", &curl.getinfo, &ok);
	find(lib, "curl_easy_cleanup", &curl.cleanup, &ok);
	find(lib, "curl_easy_strerror", &curl.strerror, &ok);
	find(lib, "curl_slist_append", &curl.slist_append, &ok);
	find(lib, "curl_slist_free_all", &curl.slist_free_all, &ok);
	ready = ok && curl.global_init(CURL_GLOBAL_ALL) == CURLE_OK;
}

const struct client_curl *client_curl(struct err *err)
{
	pthread_once(&once, load);
	if (ready)
		return &curl;
	err_set(err, ERR_UNSUPPORTED, "libcurl.so.4 cannot be loaded: install the package libcurl4");
	return NULL;
}
