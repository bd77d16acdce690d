/* sd_notify(3) without its library: one datagram to $NOTIFY_SOCKET. Nothing happens when that is not set. */
#ifndef CORACLE_CLI_NOTIFY_H
#define CORACLE_CLI_NOTIFY_H

/* "READY=1", "STOPPING=1" */
void notify_systemd(const char *state);

#endif
