/*
 * The loader process. `sandbox_start` forks it before the first thread exists; every load is a fork of it, which holds
 * the model's descriptor and a memfd, and nothing else: no network, no file system, rlimits on memory, CPU time and
 * file size, and a seccomp filter that kills anything but reading, memory and exit. What comes back is a sealed memfd,
 * checked as hostile input before use, or an error record of fixed size.
 *
 * A child that crashes, is killed by its filter or runs over a limit is a failed load that says so (ERR_CORRUPT,
 * ERR_TOO_LARGE, ERR_DEADLINE).
 */
#ifndef CORACLE_INFER_LOAD_SANDBOX_H
#define CORACLE_INFER_LOAD_SANDBOX_H

#include <stdbool.h>

#include "infer/image.h"
#include "infer/load/load.h"

/* Once, before any thread. Failing is not fatal: loads then run in process and model_describe says so. */
int sandbox_start(struct err *err);
bool sandbox_running(void);
/* Ends the loader process. */
void sandbox_stop(void);
/* Thread-safe; loads may run at the same time. deadline_ms 0: limits.load_ms. */
int sandbox_load(const struct load_source *source, int64_t deadline_ms, struct image *out, struct err *err);
/* "seccomp, rlimits, no network, …": which protections a load gets here. */
const char *sandbox_protections(void);

#endif
