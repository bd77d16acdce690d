/* URL paths of the Kubernetes API: whatever comes, a name that is given out cannot lead anywhere else. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "api/kubernetes/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(const char *name)
{
	if (!name)
		return;
	assert(!strchr(name, '/'));
	assert(strcmp(name, ".") != 0 && strcmp(name, "..") != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct kube_path path;
	struct err err = { 0 };
	char *copy = malloc(size ? size : 1);
	if (!copy)
		abort();
	for (size_t i = 0; i < size; i++)
		copy[i] = (char)data[i];
	arena_init(&arena, 0, 0);
	if (kube_path_parse(slice_of(copy, size), &arena, &path, &err) == 0) {
		assert(path.group && path.version && path.namespace_);
		check_name(path.group);
		check_name(path.version);
		check_name(path.plural);
		check_name(path.namespace_);
		check_name(path.name);
		assert(!path.rest.len || path.rest.ptr[0] == '/');
	} else {
		assert(err.code == ERR_NOT_FOUND || err.code == ERR_INVALID || err.code == ERR_NO_MEMORY);
	}
	arena_release(&arena);
	free(copy);
	return 0;
}
