/* The object store and its S3 listener. */
#include "cli/app_parts.h"

#include "api/s3/s3.h"
#include "store/object.h"

int objects_start(struct app *a, struct err *err)
{
	const struct object_store_options options = {
	    .dir = a->data->path, .clock = &clock_os, .random = &random_os, .fs = &fs_os};
	if (object_store_open(&options, &a->objects, err) < 0)
		return -1;
	const struct s3_options s3 = {
	    .store = a->objects,
	    .access_key = a->keys.access_key,
	    .secret_key = a->keys.secret_key,
	    .clock = &clock_os,
	    .random = &random_os,
	};
	if (s3_api_new(&s3, &a->s3, err) < 0)
		return -1;
	struct listener l = {0};
	s3_api_listener(a->s3, &l);
	return part_listen(a, LISTENER_S3, &l, err);
}

void objects_stop(struct app *a)
{
	s3_api_free(a->s3);
	a->s3 = NULL;
	object_store_close(a->objects);
	a->objects = NULL;
}
