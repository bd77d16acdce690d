/* Secrets: stringData becomes data, and the entries that a type demands. ConfigMaps: their keys. */
#ifndef CORACLE_CONTROL_KINDS_SECRET_H
#define CORACLE_CONTROL_KINDS_SECRET_H

#include "cluster/kind.h"

int secret_defaults(struct admission *a, void *ctx, struct err *err);
int secret_validate(struct admission *a, void *ctx, struct err *err);
int configmap_validate(struct admission *a, void *ctx, struct err *err);

#endif
