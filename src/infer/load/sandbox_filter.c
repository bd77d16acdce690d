/*
 * The filter of a loading child: see sandbox_filter.h.
 *
 * What a load needs after it has forked: to read the model's descriptor, to have memory, to write the image and one
 * record, to exit. Memory is never executable. Anything else kills the process.
 */
#include "infer/load/sandbox_filter.h"

#include <errno.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/check.h"

static const int plain[] = {
	SCMP_SYS(munmap),	 SCMP_SYS(mremap), SCMP_SYS(brk),	   SCMP_SYS(madvise),	      SCMP_SYS(exit),
	SCMP_SYS(exit_group),	 SCMP_SYS(futex),  SCMP_SYS(rt_sigreturn), SCMP_SYS(clock_gettime),   SCMP_SYS(gettimeofday),
	SCMP_SYS(restart_syscall),
#if SANDBOX_SANITIZED
	SCMP_SYS(getpid),	 SCMP_SYS(gettid), SCMP_SYS(sigaltstack),  SCMP_SYS(rt_sigprocmask),  SCMP_SYS(rt_sigaction),
	SCMP_SYS(sched_yield),	 SCMP_SYS(getrandom),
#endif
};

/* System calls whose first argument is one of the child's descriptors. */
static const struct {
	int call, fd;
} on_fd[] = {
	{ SCMP_SYS(read), CHILD_MODEL },      { SCMP_SYS(pread64), CHILD_MODEL }, { SCMP_SYS(lseek), CHILD_MODEL },
	{ SCMP_SYS(write), CHILD_IMAGE },     { SCMP_SYS(write), CHILD_RESULT },
#if SANDBOX_SANITIZED
	{ SCMP_SYS(write), STDERR_FILENO },
#endif
};

void *sandbox_filter_new(void)
{
	scmp_filter_ctx f = seccomp_init(SANDBOX_SANITIZED ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_KILL_PROCESS);
	if (!f)
		return NULL;
	int bad = 0;
	for (size_t i = 0; i < COUNT_OF(plain); i++)
		bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, plain[i], 0);
	for (size_t i = 0; i < COUNT_OF(on_fd); i++)
		bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, on_fd[i].call, 1,
					SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)on_fd[i].fd, 0));
	bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	bad |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (bad) {
		seccomp_release(f);
		return NULL;
	}
	return f;
}

void sandbox_filter_free(void *filter)
{
	if (filter)
		seccomp_release(filter);
}

bool sandbox_filter_install(void *filter)
{
	return seccomp_load(filter) == 0;
}

static bool lower(__rlimit_resource_t what, uint64_t to)
{
	struct rlimit have;
	if (getrlimit(what, &have) < 0)
		return false;
	rlim_t most = MIN((rlim_t)to, have.rlim_max);
	return setrlimit(what, &(struct rlimit){ most, most }) == 0;
}

bool sandbox_rlimits(uint64_t memory_bytes, uint64_t file_bytes, int64_t cpu_ms)
{
	bool ok = lower(RLIMIT_CORE, 0) && lower(RLIMIT_FSIZE, file_bytes) && lower(RLIMIT_NPROC, 0) &&
		  lower(RLIMIT_NOFILE, CHILD_FDS) && lower(RLIMIT_CPU, (uint64_t)(cpu_ms / 1000 + 1));
	if (memory_bytes && !SANDBOX_SANITIZED)
		ok = lower(RLIMIT_AS, memory_bytes) && ok;
	return ok;
}

bool sandbox_drop_privileges(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };
	bool ok = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
	return syscall(SYS_capset, &head, none) == 0 && ok;
}
