/* What the parts of the fetcher share: the folder being filled, and one function a scheme. Not for others. */
#ifndef CORACLE_CONTROL_FETCH_PARTS_H
#define CORACLE_CONTROL_FETCH_PARTS_H

#include "control/fetch.h"

/* A new folder that becomes the target when the fetch is complete. Counts what goes in. */
struct fetch_sink {
	const struct fetch_options *o;
	const char *path; /* of the folder being filled */
	int dir;
	int64_t bytes, files;
	bool folders; /* some file lies in a folder */
};

/* One file of it. */
struct fetch_file {
	struct fetch_sink *sink;
	int fd;
	int64_t bytes;
	struct err err; /* of a write within a callback */
};

int fetch_check(const struct fetch_options *o, struct err *err);
void fetch_log(const struct fetch_options *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* `name` is relative; its folders are made. ERR_FORBIDDEN for a name that leaves the folder, ERR_TOO_LARGE for too
 * many. */
int fetch_file_begin(struct fetch_sink *s, struct slice name, struct fetch_file *f, struct err *err);
/* ERR_TOO_LARGE over limits.model_file_bytes in all, or what `check` set. */
int fetch_file_write(struct fetch_file *f, const void *p, size_t n, struct err *err);
/* Closed. `keep`: its bytes are on disk when the fetch is complete. */
int fetch_file_end(struct fetch_file *f, bool keep, struct err *err);
/* For client_request.write: the error is left in f->err. */
int fetch_file_receive(void *f, const void *p, size_t n);

int fetch_from_s3(struct fetch_sink *s, const struct fetch_request *r, struct err *err);
int fetch_from_claim(struct fetch_sink *s, const struct fetch_request *r, struct err *err);
int fetch_from_file(struct fetch_sink *s, const struct fetch_request *r, struct err *err);
int fetch_from_http(struct fetch_sink *s, const struct fetch_request *r, struct err *err);
/* An archive already in the folder is unpacked in place and removed, when its name is an archive's. */
int fetch_unpack(struct fetch_sink *s, struct slice name, struct err *err);
/* ".tar", ".tar.gz", ".tgz", ".zip". */
bool fetch_is_archive(struct slice name);

/* Where HOST:PORT leads, and the policy for its address. */
void fetch_route_of(const struct fetch_options *o, const char *host_port, struct fetch_route *out);
unsigned fetch_addresses(const struct fetch_options *o);

#endif
