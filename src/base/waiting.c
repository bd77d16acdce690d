/* Announced waits: see waiting.h. */
#include "base/waiting.h"

#include <stddef.h>

static _Thread_local struct {
	void (*begin)(void *arg);
	void (*end)(void *arg);
	void *arg;
} hook;

void waiting_hook(void (*begin)(void *arg), void (*end)(void *arg), void *arg)
{
	hook.begin = begin;
	hook.end = end;
	hook.arg = arg;
}

void waiting_begin(void)
{
	if (hook.begin)
		hook.begin(hook.arg);
}

void waiting_end(void)
{
	if (hook.end)
		hook.end(hook.arg);
}
