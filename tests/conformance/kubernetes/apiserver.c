/*
 * The API server alone: resource store in memory, built-in kinds, Kubernetes API on a plain port, no controllers, so that
 * an object stays as it was written. What replay.py talks to. Prints its address and the admin token, one a line, and
 * runs until its standard input ends.
 */
#include <stdio.h>
#include <unistd.h>

#include "api/kubernetes/kubernetes.h"
#include "cluster/identity.h"
#include "cluster/resource.h"
#include "control/kinds/kinds.h"
#include "net/server.h"

struct parts {
	struct cluster *cluster;
	struct identity *identity;
	struct kubernetes_api *api;
	struct server *server;
	struct listener listener;
};

static int start(struct parts *p, struct err *err)
{
	const struct cluster_options cluster = { .clock = &clock_os, .random = &random_os };
	const struct server_options server = { .clock = &clock_os, .loops = 1 };
	if (cluster_new(&cluster, &p->cluster, err) < 0 || kinds_add(p->cluster, err) < 0)
		return -1;
	const struct identity_options identity = { .cluster = p->cluster };
	if (identity_new(&identity, &p->identity, err) < 0 || cluster_start(p->cluster, err) < 0 ||
	    kinds_node_ensure(p->cluster, err) < 0)
		return -1;
	const struct kubernetes_options api = { .cluster = p->cluster, .identity = p->identity, .clock = &clock_os,
						.random = &random_os, .logs_dir = "/nonexistent" };
	if (kubernetes_api_new(&api, &p->api, err) < 0 || server_new(&server, &p->server, err) < 0)
		return -1;
	kubernetes_api_listener(p->api, &p->listener);
	p->listener.name = "kubernetes";
	p->listener.address = "127.0.0.1:0";
	p->listener.tls_only = p->listener.ask_client_certificate = false;
	if (server_listen(p->server, &p->listener, err) < 0)
		return -1;
	return server_start(p->server, err);
}

int main(void)
{
	struct parts p = { 0 };
	struct err err = { 0 };
	char c;
	int rc = start(&p, &err);
	if (rc < 0) {
		fprintf(stderr, "%s\n", err.message);
	} else {
		printf("%s\n%s\n", server_address(p.server, "kubernetes"), identity_admin_token(p.identity));
		fflush(stdout);
		while (read(STDIN_FILENO, &c, 1) > 0)
			;
		kubernetes_api_drain(p.api);
		(void)server_drain(p.server);
	}
	server_free(p.server);
	kubernetes_api_free(p.api);
	identity_free(p.identity);
	cluster_free(p.cluster);
	return rc < 0;
}
