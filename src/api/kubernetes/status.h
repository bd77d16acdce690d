/* Status documents: how the Kubernetes API says that something failed. */
#ifndef CORACLE_API_KUBERNETES_STATUS_H
#define CORACLE_API_KUBERNETES_STATUS_H

#include <jansson.h>

#include "base/err.h"

/* `causes` may be NULL. *http gets the status code. New reference. */
json_t *kube_status(const struct err *err, const json_t *causes, int *http);

#endif
