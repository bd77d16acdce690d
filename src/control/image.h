/*
 * Image references of manifests, resolved to what this program is itself: model servers, the transformer, the helpers
 * of a serving pod. Nothing is pulled.
 *
 * - Names are compared as Docker does: `index.docker.io/x`, `docker.io/library/x`, `x` and `x:latest` are one image.
 *   A built-in image answers for every tag and digest of its repository.
 * - An alias says that NAME in a manifest means TARGET, a built-in. Aliases stand in the configuration and in the
 *   ConfigMap coracle-images of kube-system, where `coracle image alias` keeps them; that one wins. An alias without
 *   tag is for `:latest` only, as in Docker.
 * - A stored alias may give its target what the image had inside: the settings below.
 */
#ifndef CORACLE_CONTROL_IMAGE_H
#define CORACLE_CONTROL_IMAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

enum image_kind {
	IMAGE_UNKNOWN,     /* nothing here can run it */
	IMAGE_SKLEARN,     /* a server of scikit-learn models from /mnt/models */
	IMAGE_TRANSFORMER, /* scikit-learn transformer in front of a predictor, from env STORAGE_URI */
	IMAGE_HELPER,      /* part of every serving pod: storage-initializer, queue-proxy */
	IMAGE_CONTROLLER,  /* a controller that is built in: kserve-controller */
};

struct image_builtin {
	const char *repository; /* normalized, without tag: "docker.io/kserve/sklearnserver" */
	enum image_kind kind;
	const char *doc;
};

extern const struct image_builtin image_builtins[];
extern const size_t image_builtins_n;

struct image_alias {
	const char *name, *target;
};

/* What an alias can tell its target. Empty strings: not told. */
struct image_settings {
	const char *model;  /* URI of the model where a manifest names none */
	const char *method; /* what is run: "predict_proba" */
};

/* The settings by name: for the CLI's options and for messages. */
struct image_setting {
	const char *name;
	size_t offset;  /* of its string in struct image_settings */
	unsigned kinds; /* of enum image_kind, as bits: the targets that take it */
};
extern const struct image_setting image_setting_rows[];
extern const size_t image_settings_n;

/* What CLI and API agree on. */
#define IMAGE_ALIASES_NAMESPACE "kube-system"
#define IMAGE_ALIASES_CONFIGMAP "coracle-images"

enum { IMAGE_NAME_BYTES = 512 };

/* "docker.io/library/x:latest", or with "@sha256:…" instead of the tag. `out` has room for IMAGE_NAME_BYTES.
 * ERR_INVALID for what is no image reference. */
int image_normalize(const char *reference, char *out, struct err *err);
/* Same image by Docker's rules? False when either is no reference. */
bool image_same(const char *a, const char *b);

/* The built-in that `reference` is, aliases not looked at; NULL when it is none. */
const struct image_builtin *image_builtin_find(const char *reference);

/* ---- the stored aliases: the ConfigMap as a document. For the CLI and the controllers. ---- */

/* A new ConfigMap without aliases. */
json_t *image_aliases_new(void);
/* Adds or replaces in a copy: *out is a new reference. ERR_INVALID: not a reference, or no value of that setting;
 * ERR_UNSUPPORTED: `target` is not a built-in image (the message lists them), or does not take a setting. configmap and
 * settings may be NULL. A model that is a path becomes a file:// URI. */
int image_alias_set(const json_t *configmap, const char *name, const char *target,
		    const struct image_settings *settings, json_t **out, struct err *err);
/* ERR_NOT_FOUND. */
int image_alias_remove(const json_t *configmap, const char *name, json_t **out, struct err *err);
/* Calls fn for each, in the order of names. configmap may be NULL. */
void image_alias_each(const json_t *configmap,
		      void (*fn)(void *ctx, const char *name, const char *target, const struct image_settings *settings),
		      void *ctx);
/* The target of `reference`, as it was given to image_alias_set, and its settings; the arena keeps them. NULL: none. */
const char *image_alias_find(const json_t *configmap, const char *reference, struct arena *arena,
			     struct image_settings *settings);

#endif
