/* Runs a fuzz target over files: `replay_X FILE...`, for compilers without libFuzzer. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *text;
		size_t n;
		struct err err = { 0 };
		if (fs_slurp(argv[i], (size_t)64 << 20, &text, &n, &err) < 0) {
			fprintf(stderr, "%s\n", err.message);
			return 1;
		}
		LLVMFuzzerTestOneInput((const uint8_t *)text, n);
		free(text);
	}
	printf("%d inputs replayed\n", argc - 1);
	return 0;
}
