/*
 * What a process that loads a model gives up: capabilities, limits, system calls. sandbox.c calls these in the child
 * that loads, after the descriptors are in place and before the first byte of the file is looked at.
 */
#ifndef CORACLE_INFER_LOAD_SANDBOX_FILTER_H
#define CORACLE_INFER_LOAD_SANDBOX_FILTER_H

#include <stdbool.h>
#include <stdint.h>

/* The descriptors of a loading child; it has no others. */
enum { CHILD_MODEL = 3, CHILD_IMAGE = 4, CHILD_RESULT = 5, CHILD_FDS = 6 };

/* Sanitizers need address space without end, and system calls of their own to report. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANDBOX_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANDBOX_SANITIZED 1
#endif
#endif
#ifndef SANDBOX_SANITIZED
#define SANDBOX_SANITIZED 0
#endif

/* Builds the filter once, in the loader process, so that a load need not. NULL when seccomp is not to be had. */
void *sandbox_filter_new(void);
void sandbox_filter_free(void *filter);
/* No way back after this. False when the kernel refuses. */
bool sandbox_filter_install(void *filter);

/* memory 0: no limit of its own. False when one could not be set. */
bool sandbox_rlimits(uint64_t memory_bytes, uint64_t file_bytes, int64_t cpu_ms);
/* no_new_privs, not dumpable, no capabilities. */
bool sandbox_drop_privileges(void);

#endif
