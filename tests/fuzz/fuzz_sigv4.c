/* Requests as lines "METHOD path query", then "name: value": what is parsed is checked. Nothing here can have a right
 * signature, so none may hold. */
#include <assert.h>

#include "crypto/sigv4.h"

enum { FIELDS_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size), line = slice_cut(&rest, '\n');
	struct sigv4_field fields[FIELDS_MAX];
	struct sigv4_request r = {.fields = fields};
	struct sigv4_claim claim;
	struct sigv4_key key = {0};
	struct arena a;
	struct err err = {0};
	arena_init(&a, 0, (size_t)16 << 20);
	r.method = slice_cut(&line, ' ');
	r.path = slice_cut(&line, ' ');
	r.query = line;
	while (r.fields_n < FIELDS_MAX && (line = slice_cut(&rest, '\n')).ptr) {
		struct slice value = line, name = slice_cut(&value, ':');
		fields[r.fields_n++] = (struct sigv4_field){name, slice_trim(value)};
	}
	if (sigv4_parse(&r, &a, &claim, &err) == 0) {
		assert(claim.kind == SIGV4_NONE || claim.signature.ptr);
		assert(sigv4_check(&r, &claim, SLICE_LIT("secret"), 1767225600000000000, &key, &a, &err) < 0);
		if (claim.kind == SIGV4_HEADER) {
			struct sigv4_chain chain;
			uint8_t digest[32] = {0};
			sigv4_chain_start(&chain, &claim, SLICE_LIT("secret"));
			assert(!sigv4_chain_chunk(&chain, digest, claim.signature));
		}
	}
	arena_release(&a);
	return 0;
}
