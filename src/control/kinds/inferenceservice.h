/* Hooks of InferenceService: defaults (inferenceservice_defaults.c) and checks (inferenceservice_validate.c). */
#ifndef CORACLE_CONTROL_KINDS_INFERENCESERVICE_H
#define CORACLE_CONTROL_KINDS_INFERENCESERVICE_H

#include "cluster/kind.h"

#define INFERENCESERVICE_CONTAINER "kserve-container"
#define INFERENCESERVICE_FINALIZER "inferenceservice.finalizers"

/* The framework keys of a predictor, "sklearn" first and "model" last; NULL-terminated. */
extern const char *const inferenceservice_frameworks[];

kind_hook inferenceservice_defaults;
kind_hook inferenceservice_prepare;
kind_hook inferenceservice_validate;

#endif
