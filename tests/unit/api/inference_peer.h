/*
 * For tests of inference protocols: a listener with a fake engine behind it, one request a connection.
 */
#ifndef CORACLE_TESTS_INFERENCE_PEER_H
#define CORACLE_TESTS_INFERENCE_PEER_H

#include "../net/peer.h"

#include "../fake_model.h"
#include "api/inference/inference.h"
#include "base/limits.h"
#include "base/metric.h"

static struct fixture server;
static struct serving *serving;
static struct inference_api *api;
static struct buf answer;

static inline void start(bool gateway, const char *token)
{
	struct err err = {0};
	assert_int_equal(serving_new(&(struct serving_options){.domain = "example.com"}, &serving, &err), 0);
	const struct inference_options o = {.serving = serving, .gateway = gateway, .token = token};
	assert_int_equal(inference_api_new(&o, &api, &err), 0);
	server = (struct fixture){.listeners_n = 1};
	server.listeners[0] = (struct listener){.name = "inference", .address = "127.0.0.1:0"};
	inference_api_listener(api, &server.listeners[0]);
	fixture_start(&server, 1);
	buf_init(&answer, 64 << 20);
}

static inline int teardown(void **state)
{
	(void)state;
	server_drain(server.server);
	server_free(server.server);
	inference_api_free(api);
	serving_free(serving);
	buf_release(&answer);
	return atomic_load(&fake_models) == 0 ? 0 : -1;
}

static inline int setup_server(void **state)
{
	(void)state;
	start(false, NULL);
	return 0;
}

static inline int setup_gateway(void **state)
{
	(void)state;
	start(true, NULL);
	return 0;
}

static inline int setup_token(void **state)
{
	(void)state;
	start(false, "s3cret");
	return 0;
}

static inline struct model *publish(const char *namespace_, const char *name, const char *host, struct model *m, bool elements)
{
	struct err err = {0};
	struct endpoint_spec spec = {.namespace_ = namespace_,
				     .name = name,
				     .hosts = &host,
				     .hosts_n = host != NULL,
				     .model = m,
				     .element_rows = elements};
	if (serving_publish(serving, &spec, &err) < 0)
		fail_msg("%s", err.message);
	model_unref(m);
	return m;
}

static inline int ask_bytes(const char *method, const char *path, const char *headers, struct slice body)
{
	struct buf request;
	int fd = peer_connect(&server, "inference");
	buf_init(&request, 64 << 20);
	buf_printf(&request, "%s %s HTTP/1.1\r\n%s%s", method, path, strstr(headers, "Host:") ? "" : "Host: localhost\r\n",
		   headers);
	if (body.ptr)
		buf_printf(&request, "Content-Length: %zu\r\n", body.len);
	buf_str(&request, "\r\n");
	buf_slice(&request, body);
	peer_send(fd, request.ptr, request.len);
	int status = peer_read_one(fd, &answer);
	close(fd);
	buf_release(&request);
	return status;
}

static inline int ask(const char *method, const char *path, const char *headers, const char *body)
{
	return ask_bytes(method, path, headers, slice_str(body));
}

static inline const char *body(void)
{
	return peer_body(&answer).ptr;
}

static inline void check(const char *path, const char *request, int status, const char *want)
{
	int got = ask("POST", path, "", request);
	if (got != status || strcmp(body(), want) != 0)
		fail_msg("%s: %d %s, wanted %d %s", request, got, body(), status, want);
}

#endif
