/* DeleteObject and DeleteObjects: see operation.h. */
#include "api/s3/condition.h"
#include "api/s3/fault.h"
#include "api/s3/operation.h"
#include "api/s3/payload.h"
#include "api/s3/reply.h"
#include "api/s3/version.h"
#include "codec/xml.h"

enum { KEYS_MAX = 1000 };

int s3_delete_object(const struct s3_call *c, struct err *err)
{
	struct object_condition condition = {0};
	if (s3_version_check(c, err) < 0 || s3_condition_write(c, &condition, err) < 0 ||
	    object_delete(c->api->store, c->bucket, c->key, &condition, NULL, err) < 0)
		return -1;
	return s3_reply_empty(c, 204);
}

struct doomed {
	struct slice key, version, etag;
	struct err err; /* why it stays */
};

struct doomed_list {
	struct doomed *ptr;
	size_t n;
	bool quiet;
};

static int parse(const struct s3_call *c, struct doomed_list *out, struct err *err)
{
	struct slice body;
	struct xml_node *root;
	if (s3_payload_document(c, true, &body, err) < 0)
		return -1;
	if (xml_parse(body, c->x->arena, &root, NULL) < 0 || !slice_is(root->name, "Delete"))
		return s3_fault(err, S3_MALFORMED_XML);
	out->ptr = arena_array(c->x->arena, KEYS_MAX, sizeof *out->ptr);
	if (!out->ptr)
		return err_set(err, ERR_NO_MEMORY, "not enough memory for this request");
	out->quiet = slice_is_nocase(xml_child_text(root, "Quiet"), "true");
	for (const struct xml_node *n = root->first; n; n = n->next) {
		if (!slice_is(n->name, "Object"))
			continue;
		const struct xml_node *key = xml_child(n, "Key");
		if (!key || !key->text.len || out->n == KEYS_MAX)
			return s3_fault(err, S3_MALFORMED_XML);
		struct doomed *d = &out->ptr[out->n++];
		d->key = key->text;
		d->version = xml_child_text(n, "VersionId");
		d->etag = xml_child_text(n, "ETag");
		err_clear(&d->err);
		(void)s3_key_clean(&d->key, NULL);
	}
	return out->n ? 0 : s3_fault(err, S3_MALFORMED_XML);
}

/* All that has no condition of its own goes in one write. */
static int delete_all(const struct s3_call *c, struct doomed_list *list, struct err *err)
{
	struct slice *keys = arena_array(c->x->arena, list->n, sizeof *keys);
	size_t n = 0;
	if (!keys)
		return err_set(err, ERR_NO_MEMORY, "not enough memory for this request");
	for (size_t i = 0; i < list->n; i++) {
		struct doomed *d = &list->ptr[i];
		if (!s3_version_is_null(d->version))
			(void)s3_fault(&d->err, S3_NO_VERSION);
		else if (d->etag.len)
			(void)object_delete(c->api->store, c->bucket, d->key,
					    &(struct object_condition){.etag = s3_etag_bare(d->etag)}, NULL, &d->err);
		else
			keys[n++] = d->key;
	}
	return object_delete_many(c->api->store, c->bucket, keys, n, err);
}

int s3_delete_objects(const struct s3_call *c, struct err *err)
{
	struct doomed_list list = {0};
	if (parse(c, &list, err) < 0 || delete_all(c, &list, err) < 0)
		return -1;
	struct buf *b = s3_document(c->x);
	if (!b)
		return s3_reply_document(c, b, err);
	xml_open(b, "DeleteResult" S3_XMLNS);
	for (size_t i = 0; i < list.n; i++) {
		const struct doomed *d = &list.ptr[i];
		bool failed = d->err.code != ERR_OK;
		if (!failed && list.quiet)
			continue;
		xml_open(b, failed ? "Error" : "Deleted");
		xml_text(b, "Key", d->key);
		if (d->version.len)
			xml_text(b, "VersionId", d->version);
		if (failed) {
			xml_str(b, "Code", s3_fault_name(&d->err).code);
			xml_str(b, "Message", d->err.message);
		}
		xml_close(b, failed ? "Error" : "Deleted");
	}
	xml_close(b, "DeleteResult");
	return s3_reply_document(c, b, err);
}
