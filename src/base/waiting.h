/*
 * A thread says that it is about to wait for something other than the processor: a commit, a disk, a slow client. A pool
 * that runs few threads at once (net/pool.h) lets another one run meanwhile. Elsewhere it does nothing.
 *
 *   waiting_begin(); fsync(fd); waiting_end();      not nested
 */
#ifndef CORACLE_BASE_WAITING_H
#define CORACLE_BASE_WAITING_H

void waiting_begin(void);
void waiting_end(void);

/* For pools: who hears of the calling thread's waits. NULL: nobody. */
void waiting_hook(void (*begin)(void *arg), void (*end)(void *arg), void *arg);

#endif
