/*
 * Where models lie in the file system: which models a PATH that somebody names holds.
 *
 *   a file                                    one model
 *   a folder with MLmodel, saved_model.pb,
 *   config.pbtxt or a model.*                 one model
 *   else PATH/<model>/[<version>/]<files>     each sub-folder is a model; its all-digit sub-folders are versions, of
 *                                             which the highest serves
 *   else (no sub-folders)                     one model, if the folder has files
 *
 * Default names: the folder's, or the file's without extension. Names that begin with '.' are passed over. Nothing is
 * opened but folders.
 */
#ifndef CORACLE_SERVING_REPOSITORY_H
#define CORACLE_SERVING_REPOSITORY_H

#include "base/err.h"
#include "base/vec.h"

struct repository_model {
	char *name, *path;
	char *version; /* "" when it has none */
};

struct repository {
	VEC(struct repository_model) models; /* by name */
};

/* ERR_NOT_FOUND when PATH is not there or holds no model; ERR_INVALID when `name` (may be NULL) is given for several.
 */
int repository_scan(const char *path, const char *name, struct repository *out, struct err *err);
void repository_release(struct repository *r);

#endif
