/* What is counted and logged of each request and connection of one listener. Any thread. */
#ifndef CORACLE_NET_ACCOUNT_H
#define CORACLE_NET_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "net/http.h"

struct account;

struct account *account_new(const char *listener, bool access_log); /* aborts when memory is short */
void account_free(struct account *a);
void account_connection(struct account *a, int change);
void account_request(struct account *a, const struct http_exchange *x, int status, int64_t bytes_sent, int64_t now_ns);

#endif
