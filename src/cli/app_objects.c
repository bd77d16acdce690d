/* The object store and its S3 listener. */
#include "cli/app_parts.h"

#include "store/object.h"

int objects_start(struct app *a, struct err *err)
{
	const struct object_store_options options = {
	    .dir = a->data->path, .clock = &clock_os, .random = &random_os, .fs = &fs_os};
	return object_store_open(&options, &a->objects, err);
}

void objects_stop(struct app *a)
{
	object_store_close(a->objects);
	a->objects = NULL;
}
