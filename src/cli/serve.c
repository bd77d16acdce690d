/*
 * `coracle serve PATH`: a model server without a data directory, as mlserver, tritonserver and
 * tensorflow_model_server are.
 *
 * The port is bound first, so that a taken one is found before a model is read; requests are answered from then on, 503
 * for a model that is still being loaded. The one line on standard output says that everything was loaded. One model
 * that cannot be loaded ends the command; in a repository it stays not ready, with its reason, beside the others.
 */
#include "cli/commands.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "api/inference/inference.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/model_file.h"
#include "cli/notify.h"
#include "net/address.h"
#include "serving/repository.h"

enum { ARENAS_MAX = 4 };

struct model_server {
	const struct options *options;
	enum model_method method;
	struct repository repository;
	struct serving *serving;
	struct inference_api *inference;
	struct server *server;
	struct listener listener;
	size_t ready;
};

static int set_limits(const struct options *o, struct err *err)
{
	for (size_t i = 0; i < o->given_n; i++) {
		const char *value = o->given[i].value, *eq = strchr(value, '=');
		int64_t number;
		if (strcmp(o->given[i].option->name, "limit") != 0)
			continue;
		if (!eq || !slice_i64(slice_str(eq + 1), &number))
			return err_set(err, ERR_INVALID, "--limit takes NAME=NUMBER, not \"%s\"", value);
		if (limits_set(slice_of(value, (size_t)(eq - value)), number, err) < 0)
			return -1;
	}
	return 0;
}

/* What can be judged from the command line alone. */
static int check_options(const struct options *o, struct model_server *s, struct err *err)
{
	const char *address = options_get(o, "http", "127.0.0.1:8080"),
		   *token = options_get(o, "token", getenv("CORACLE_TOKEN"));
	const char *format = options_get(o, "log-format", "text");
	if (options_has(o, "grpc"))
		return err_set(err, ERR_UNSUPPORTED, "gRPC is not built yet; V1 over HTTP is");
	if (strcmp(format, "text") != 0 && strcmp(format, "json") != 0)
		return err_set(err, ERR_INVALID, "the log format is text or json, not \"%s\"", format);
	if (!address_is_loopback(address) && !(token && *token) && !options_has(o, "insecure-listen"))
		return err_set(err, ERR_INVALID,
			       "%s would answer anybody; set --token, or allow it with --insecure-listen", address);
	log_setup(strcmp(format, "json") == 0 ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT, LOG_LEVEL_INFO, 2);
	return model_file_method(o, &s->method, err) < 0 || set_limits(o, err) < 0 ? -1 : 0;
}

static int listen_(struct model_server *s, struct err *err)
{
	const struct options *o = s->options;
	const char *token = options_get(o, "token", getenv("CORACLE_TOKEN"));
	const struct server_options net = {.clock = &clock_os, .access_log = options_has(o, "access-log")};
	const struct inference_options inference = {.serving = s->serving, .token = token && *token ? token : NULL};
	if (inference_api_new(&inference, &s->inference, err) < 0 || server_new(&net, &s->server, err) < 0)
		return -1;
	s->listener = (struct listener){
	    .name = "http", .address = options_get(o, "http", "127.0.0.1:8080"), .gzip_answers = true};
	inference_api_listener(s->inference, &s->listener);
	if (server_listen(s->server, &s->listener, err) < 0)
		return -1;
	for (size_t i = 0; i < s->repository.models.len; i++) {
		const struct endpoint_spec spec = {.name = s->repository.models.ptr[i].name};
		if (serving_unready(s->serving, &spec, NULL, err) < 0)
			return -1;
	}
	return server_start(s->server, err);
}

static int load(struct model_server *s, const struct repository_model *m, struct err *err)
{
	struct model *model;
	if (model_file_open(m->path, s->options, &model, err) < 0)
		return -1;
	const struct endpoint_spec spec = {
	    .name = m->name, .revision = m->version, .model = model, .method = s->method};
	int rc = serving_publish(s->serving, &spec, err);
	model_unref(model);
	return rc;
}

static int load_all(struct model_server *s, struct err *err)
{
	size_t n = s->repository.models.len;
	for (size_t i = 0; i < n; i++) {
		const struct repository_model *m = &s->repository.models.ptr[i];
		const struct endpoint_spec spec = {.name = m->name};
		struct err own = {0};
		if (load(s, m, &own) == 0) {
			s->ready++;
			continue;
		}
		if (n == 1) {
			*err = own;
			return -1;
		}
		LOG_ERROR("serve", "a model is not ready", LOG_S("model", m->name), LOG_S("error", own.message));
		if (serving_unready(s->serving, &spec, own.message, err) < 0)
			return -1;
	}
	return 0;
}

static void say_ready(const struct model_server *s)
{
	const char *address = server_address(s->server, s->listener.name);
	size_t n = s->repository.models.len;
	if (n == 1)
		printf("serving %s at http://%s/v1/models/%s:predict\n", s->repository.models.ptr[0].name, address,
		       s->repository.models.ptr[0].name);
	else
		printf("serving %zu of %zu models at http://%s\n", s->ready, n, address);
	(void)fflush(stdout);
	notify_systemd("READY=1\nSTATUS=Serving");
}

static int run(struct model_server *s, const sigset_t *signals, struct err *err)
{
	const struct options *o = s->options;
	if (repository_scan(o->operands[0], options_get(o, "name", NULL), &s->repository, err) < 0 ||
	    serving_new(&(struct serving_options){.domain = NULL}, &s->serving, err) < 0 || listen_(s, err) < 0 ||
	    load_all(s, err) < 0)
		return -1;
	say_ready(s);
	while (sigwaitinfo(signals, NULL) < 0)
		;
	notify_systemd("STOPPING=1\nSTATUS=Finishing requests in flight");
	if (server_drain(s->server) > 0)
		return err_set(err, ERR_DEADLINE, "requests were cut off after %lld ms", (long long)limits.drain_ms);
	return 0;
}

int command_serve(const struct options *o)
{
	struct model_server s = {.options = o};
	struct err err = {0};
	sigset_t signals;
	if (check_options(o, &s, &err) < 0)
		return usage("serve", err.message);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	model_file_prepare(o);
	/* Few threads allocate at once; the default of eight arenas a CPU only spreads the heap out. */
	mallopt(M_ARENA_MAX, ARENAS_MAX);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	int rc = run(&s, &signals, &err);
	server_free(s.server);
	inference_api_free(s.inference);
	serving_free(s.serving);
	repository_release(&s.repository);
	model_file_finish();
	return rc < 0 ? fail("serve", &err) : EXIT_OK;
}
