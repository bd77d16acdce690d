/* Which route of a listener's table a request takes: see struct route in server.h. */
#ifndef CORACLE_NET_ROUTE_H
#define CORACLE_NET_ROUTE_H

#include "net/server.h"

/* ERR_INVALID for a route without access rule, methods, handler or a sound pattern: a bug in a table, found at start. */
int route_check(const struct listener *l, struct err *err);

/* Sets x->route and x->params. ERR_NOT_FOUND, or ERR_METHOD with the methods that would do in *allowed. */
int route_find(const struct listener *l, struct http_exchange *x, unsigned *allowed, struct err *err);

/* "GET, HEAD, PUT": for the Allow header. */
void route_methods_text(unsigned methods, char *out, size_t out_bytes);

#endif
