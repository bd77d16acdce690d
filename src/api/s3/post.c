/* PostObject, a browser's form with a signed policy: see operation.h. */
#include "api/s3/operation.h"

#include "api/s3/fault.h"

int s3_post_object(const struct s3_call *c, struct err *err)
{
	(void)c;
	return err_set(err, ERR_UNSUPPORTED, "uploads by HTML forms are not implemented");
}
