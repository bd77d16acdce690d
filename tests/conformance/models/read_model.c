/* Reads each file as a model's pickle in this process and prints one line: "ok WHAT" or "refused CODE MESSAGE". */
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "infer/load/load.h"

static void read_one(const char *path)
{
	struct err err = { 0 };
	struct arena a;
	char *text;
	size_t n;
	struct py *root;
	arena_init(&a, 64 << 10, (size_t)1 << 32);
	if (fs_slurp(path, (size_t)1 << 32, &text, &n, &err) < 0) {
		printf("refused %s %s\n", err_info(err.code)->name, err.message);
		return;
	}
	if (load_pickle(slice_of(text, n), &a, &root, &err) < 0)
		printf("refused %s %s\n", err_info(err.code)->name, err.message);
	else
		printf("ok %s\n", py_describe(root, &a));
	arena_release(&a);
	free(text);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		read_one(argv[i]);
	return 0;
}
