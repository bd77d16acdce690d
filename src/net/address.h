/* Socket addresses as text. */
#ifndef CORACLE_NET_ADDRESS_H
#define CORACLE_NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/err.h"

/* "HOST:PORT", "[::1]:PORT", "localhost:0", ":PORT" (every address of the machine). ERR_INVALID. */
int address_resolve(const char *text, struct sockaddr_storage *out, socklen_t *out_len, struct err *err);
/* "127.0.0.1:51344", "[::1]:80"; its length. */
size_t address_text(const struct sockaddr *a, char *out, size_t out_bytes);
size_t address_of_peer(int fd, char *out, size_t out_bytes);
size_t address_of_socket(int fd, char *out, size_t out_bytes);
/* Does "HOST:PORT" name this machine's loopback, which no other machine reaches? By its text; nothing is looked up. */
bool address_is_loopback(const char *text);

#endif
