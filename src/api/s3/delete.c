/* DeleteObject and DeleteObjects: see operation.h. */
#include "api/s3/condition.h"
#include "api/s3/document.h"
#include "api/s3/fault.h"
#include "api/s3/operation.h"
#include "api/s3/payload.h"
#include "api/s3/reply.h"
#include "api/s3/version.h"
#include "codec/xml.h"

int s3_delete_object(const struct s3_call *c, struct err *err)
{
	struct object_condition condition = {0};
	if (s3_version_check(c, err) < 0 || s3_condition_write(c, &condition, err) < 0 ||
	    object_delete(c->api->store, c->bucket, c->key, &condition, NULL, err) < 0)
		return -1;
	return s3_reply_empty(c, 204);
}

/* All that has no condition of its own goes in one write. */
static int delete_all(const struct s3_call *c, struct s3_delete *list, struct err *err)
{
	struct slice *keys = arena_array(c->x->arena, list->n, sizeof *keys);
	size_t n = 0;
	if (!keys)
		return err_set(err, ERR_NO_MEMORY, "not enough memory for this request");
	for (size_t i = 0; i < list->n; i++) {
		struct s3_delete_key *d = &list->keys[i];
		if (!s3_version_is_null(d->version))
			(void)s3_fault(&d->err, S3_NO_VERSION);
		else if (d->etag.len)
			(void)object_delete(c->api->store, c->bucket, d->key,
					    &(struct object_condition){.etag = d->etag}, NULL, &d->err);
		else
			keys[n++] = d->key;
	}
	return object_delete_many(c->api->store, c->bucket, keys, n, err);
}

int s3_delete_objects(const struct s3_call *c, struct err *err)
{
	struct s3_delete list;
	struct slice body;
	if (s3_payload_document(c, true, &body, err) < 0 || s3_delete_parse(body, c->x->arena, &list, err) < 0 ||
	    delete_all(c, &list, err) < 0)
		return -1;
	struct buf *b = s3_document(c->x);
	if (!b)
		return s3_reply_document(c, b, err);
	xml_open(b, "DeleteResult" S3_XMLNS);
	for (size_t i = 0; i < list.n; i++) {
		const struct s3_delete_key *d = &list.keys[i];
		bool failed = d->err.code != ERR_OK;
		if (!failed && list.quiet)
			continue;
		xml_open(b, failed ? "Error" : "Deleted");
		xml_text(b, "Key", d->key);
		if (d->version.len)
			xml_text(b, "VersionId", d->version);
		if (failed) {
			xml_str(b, "Code", s3_fault_name(&d->err).code);
			xml_str(b, "Message", s3_fault_name(&d->err).text);
		}
		xml_close(b, failed ? "Error" : "Deleted");
	}
	xml_close(b, "DeleteResult");
	return s3_reply_document(c, b, err);
}
