/* `coracle down`: asks the server of a data directory to drain and stop, and waits until it has. */
#include "cli/commands.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/datadir.h"

int command_down(const struct options *o)
{
	struct datadir d;
	struct err err = { 0 };
	json_t *running;
	if (datadir_find(o, &d, &err) < 0)
		return fail("down", &err);
	if (datadir_running(&d, &running, &err) < 0) {
		fail("down", &err);
		return EXIT_NOT_RUNNING;
	}
	pid_t pid = (pid_t)json_integer_value(json_object_get(running, "pid"));
	json_decref(running);
	if (pid <= 1 || kill(pid, SIGTERM) < 0) {
		err_errno(&err, errno, "stopping process %ld", (long)pid);
		return fail("down", &err);
	}
	int64_t wait_s = 60;
	(void)slice_i64(slice_str(options_get(o, "timeout", "60")), &wait_s);
	for (int64_t i = 0; i < wait_s * 100; i++) {
		if (datadir_running(&d, &running, &err) < 0) {
			printf("stopped process %ld\n", (long)pid);
			return EXIT_OK;
		}
		json_decref(running);
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	err_set(&err, ERR_DEADLINE, "process %ld still has requests in flight after %lld s", (long)pid,
		(long long)wait_s);
	return fail("down", &err);
}
