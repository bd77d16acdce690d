/*
 * A model file to a model image: see load.h. Runs in the loader's child, so it uses few system calls: reading, memory,
 * and nothing that opens (sandbox_filter.c lists them).
 *
 * The file is read into memory rather than mapped: values point into it, and a mapped file that somebody cuts would
 * fault under them.
 */
#include "infer/load/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/pages.h"

/* Formats that are told by their extension, so that the refusal says what they are. */
static const struct {
	const char *extension, *what;
} others[] = {
	{ ".onnx", "an ONNX model" },	{ ".pb", "a TensorFlow model" },   { ".h5", "a Keras model" },
	{ ".keras", "a Keras model" },	{ ".pt", "a PyTorch model" },	   { ".pth", "a PyTorch model" },
	{ ".bst", "an XGBoost model" }, { ".ubj", "an XGBoost model" },	   { ".json", "an XGBoost model" },
	{ ".txt", "a LightGBM model" }, { ".skops", "a skops model" },	   { ".npy", "a numpy array" },
	{ ".npz", "numpy arrays" },	{ ".safetensors", "safetensors" }, { ".gguf", "a GGUF model" },
};

static int check_name(const char *name, struct err *err)
{
	for (size_t i = 0; i < COUNT_OF(others); i++)
		if (slice_ends(slice_str(name), others[i].extension))
			return err_set(err, ERR_UNSUPPORTED,
				       "%s: this build loads scikit-learn models from .joblib, .pkl and .pickle files",
				       others[i].what);
	return 0;
}

static int read_file(int fd, char **out, size_t *len, struct err *err)
{
	off_t size = lseek(fd, 0, SEEK_END);
	if (size < 0)
		return err_errno(err, errno, "the model file");
	if (size > limits.model_file_bytes)
		return err_set(err, ERR_TOO_LARGE, "the model file has %lld bytes, of at most %lld (limit model_file_bytes)",
			       (long long)size, (long long)limits.model_file_bytes);
	char *text = malloc((size_t)size + 1);
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "no memory for a model file of %lld bytes", (long long)size);
	pages_large(text, (size_t)size);
	size_t n = 0;
	while (n < (size_t)size) {
		ssize_t got = pread(fd, text + n, MIN((size_t)size - n, (size_t)1 << 30), (off_t)n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			int why = errno;
			free(text);
			return got < 0 ? err_errno(err, why, "reading the model file") :
					 err_set(err, ERR_CORRUPT, "the model file got shorter while it was read");
		}
		n += (size_t)got;
	}
	*out = text;
	*len = n;
	return 0;
}

int load_file(const struct load_source *source, struct image_writer *w, struct err *err)
{
	char *text = NULL;
	size_t len = 0;
	struct arena arena;
	struct py *root = NULL;
	uint64_t graph = 0;
	int rc = -1;
	arena_init(&arena, 256 << 10, (size_t)limits.pickle_bytes);
	if (check_name(source->name, err) < 0 || read_file(source->fd, &text, &len, err) < 0)
		goto done;
	if (load_pickle(slice_of(text, len), &arena, &root, err) < 0)
		goto done;
	if (lower_sklearn(root, &arena, w, &graph, err) < 0)
		goto done;
	rc = image_finish(w, graph, err);
done:
	arena_release(&arena);
	free(text);
	return rc;
}
