/* Socket addresses: see address.h. */
#include "net/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "base/slice.h"

int address_resolve(const char *text, struct sockaddr_storage *out, socklen_t *out_len, struct err *err)
{
	char host[256];
	const char *colon = strrchr(text, ':');
	uint64_t port;
	if (!colon || !slice_u64(slice_str(colon + 1), &port) || port > 65535)
		return err_set(err, ERR_INVALID, "%s is not HOST:PORT", text);
	struct slice h = slice_of(text, (size_t)(colon - text));
	if (h.len >= 2 && h.ptr[0] == '[' && h.ptr[h.len - 1] == ']')
		h = slice_of(h.ptr + 1, h.len - 2);
	else if (memchr(h.ptr, ':', h.len))
		return err_set(err, ERR_INVALID, "%s is not HOST:PORT (an IPv6 address stands in [])", text);
	if (h.len >= sizeof host)
		return err_set(err, ERR_INVALID, "the host name of %s is too long", text);
	(void)snprintf(host, sizeof host, "%.*s", SLICE_ARG(h));
	struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM }, *found;
	int rc = getaddrinfo(host[0] ? host : NULL, colon + 1, &hints, &found);
	if (rc)
		return err_set(err, ERR_INVALID, "%s: %s", text, gai_strerror(rc));
	memcpy(out, found->ai_addr, found->ai_addrlen);
	*out_len = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

size_t address_text(const struct sockaddr *a, char *out, size_t out_bytes)
{
	char host[INET6_ADDRSTRLEN] = "?";
	int n = 0;
	if (a->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)a;
		inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
		n = snprintf(out, out_bytes, "%s:%u", host, ntohs(in->sin_port));
	} else if (a->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)(const void *)a;
		inet_ntop(AF_INET6, &in->sin6_addr, host, sizeof host);
		n = snprintf(out, out_bytes, "[%s]:%u", host, ntohs(in->sin6_port));
	} else {
		n = snprintf(out, out_bytes, "local");
	}
	return (size_t)n < out_bytes ? (size_t)n : out_bytes - 1;
}

size_t address_of_peer(int fd, char *out, size_t out_bytes)
{
	struct sockaddr_storage a = { 0 };
	socklen_t len = sizeof a;
	(void)getpeername(fd, (struct sockaddr *)&a, &len);
	return address_text((struct sockaddr *)&a, out, out_bytes);
}

size_t address_of_socket(int fd, char *out, size_t out_bytes)
{
	struct sockaddr_storage a = { 0 };
	socklen_t len = sizeof a;
	(void)getsockname(fd, (struct sockaddr *)&a, &len);
	return address_text((struct sockaddr *)&a, out, out_bytes);
}

bool address_is_loopback(const char *text)
{
	return strncmp(text, "127.", 4) == 0 || strncmp(text, "localhost:", 10) == 0 || strncmp(text, "[::1]:", 6) == 0;
}
