/*
 * A model file to a model image. `load_file` runs wherever it is called: in this process (libcoracle, tests, inspect
 * --no-sandbox) or, by way of sandbox.h, in a child that can do nothing else.
 */
#ifndef CORACLE_INFER_LOAD_LOAD_H
#define CORACLE_INFER_LOAD_LOAD_H

#include "infer/image.h"
#include "infer/load/pyvalue.h"

struct load_source {
	int fd;		  /* open for reading, a regular file */
	const char *name; /* for messages and for its extension; not opened */
};

/* Reads the file (joblib or pickle today), lowers it, finishes the image. Errors as model_open (model.h). */
int load_file(const struct load_source *source, struct image_writer *w, struct err *err);

/* pickle.c and joblib.c: the file's bytes to values in the arena. `version` of the library that wrote it comes from the
 * objects' own `_sklearn_version`. Codecs of joblib are told by their magic bytes, not by the name. */
int load_pickle(struct slice file, struct arena *arena, struct py **out, struct err *err);
/* sklearn/: values to a graph in the image. */
int lower_sklearn(const struct py *root, struct arena *arena, struct image_writer *w, uint64_t *graph_root,
		  struct err *err);

#endif
