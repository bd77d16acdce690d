/* Random bytes: see random.h. */
#include "base/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static void os_fill(const struct random *r, void *out, size_t n)
{
	(void)r;
	char *p = out;
	while (n) {
		ssize_t got = getrandom(p, n, 0);
		if (got < 0) {
			if (errno == EINTR)
				continue;
			abort(); /* the kernel has no randomness: nothing we make would be safe */
		}
		p += got;
		n -= (size_t)got;
	}
}

const struct random random_os = { .fill = os_fill };

void random_uuid(const struct random *r, char *out)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char b[16];
	random_fill(r, b, sizeof b);
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = hex[b[i] >> 4];
		*out++ = hex[b[i] & 15];
	}
	*out = 0;
}

void random_string(const struct random *r, const char *alphabet, char *out, size_t n)
{
	size_t letters = strlen(alphabet);
	unsigned char b;
	size_t fair = 256 - 256 % letters;
	for (size_t i = 0; i < n;) {
		random_fill(r, &b, 1);
		if (b < fair)
			out[i++] = alphabet[b % letters];
	}
	out[n] = 0;
}
