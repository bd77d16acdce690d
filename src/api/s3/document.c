/* Documents of requests: see document.h. */
#include "api/s3/document.h"

#include "api/s3/checksum.h"
#include "api/s3/condition.h"
#include "api/s3/fault.h"
#include "base/limits.h"
#include "codec/xml.h"

static int parse_root(struct slice body, const char *name, struct arena *a, struct xml_node **root, struct err *err)
{
	struct xml_node *node = NULL;
	if (xml_parse(body, a, &node, NULL) < 0 || !slice_is(node->name, name))
		return s3_fault(err, S3_MALFORMED_XML);
	*root = node;
	return 0;
}

static size_t count(const struct xml_node *root, const char *name)
{
	size_t n = 0;
	for (const struct xml_node *p = root->first; p; p = p->next)
		n += slice_is(p->name, name);
	return n;
}

int s3_delete_parse(struct slice body, struct arena *a, struct s3_delete *out, struct err *err)
{
	struct xml_node *root;
	if (parse_root(body, "Delete", a, &root, err) < 0)
		return -1;
	size_t n = count(root, "Object"), at = 0;
	if (n == 0 || n > S3_DELETE_KEYS_MAX)
		return s3_fault(err, S3_MALFORMED_XML);
	struct s3_delete_key *keys = arena_zalloc(a, n * sizeof *keys);
	if (!keys)
		return err_set(err, ERR_NO_MEMORY, "not enough memory for this request");
	for (const struct xml_node *p = root->first; p; p = p->next) {
		const struct xml_node *key = xml_child(p, "Key");
		if (!slice_is(p->name, "Object"))
			continue;
		if (!key || !key->text.len)
			return s3_fault(err, S3_MALFORMED_XML);
		struct s3_delete_key *k = &keys[at++];
		k->key = key->text;
		k->version = xml_child_text(p, "VersionId");
		k->etag = s3_etag_bare(xml_child_text(p, "ETag"));
		(void)s3_key_clean(&k->key, NULL); /* expat gives UTF-8 only */
	}
	*out =
	    (struct s3_delete){.keys = keys, .n = n, .quiet = slice_is_nocase(xml_child_text(root, "Quiet"), "true")};
	return 0;
}

static int pick_of(const struct xml_node *n, struct arena *a, struct upload_pick *out, struct err *err)
{
	int64_t number;
	struct slice etag = xml_child_text(n, "ETag");
	if (!slice_i64(xml_child_text(n, "PartNumber"), &number) || number < 1 || number > limits.s3_parts || !etag.len)
		return s3_fault(err, S3_MALFORMED_XML);
	*out = (struct upload_pick){.number = (uint32_t)number, .etag = s3_etag_bare(etag)};
	for (int i = CHECKSUM_NONE + 1; i < CHECKSUM_KINDS; i++) {
		struct slice text = xml_child_text(n, checksum_names[i].element);
		if (text.len && !checksum_parse((enum checksum_kind)i, text, a, &out->checksum))
			return s3_fault(err, S3_CHECKSUM_INVALID);
	}
	return 0;
}

int s3_complete_parse(struct slice body, struct arena *a, struct upload_pick **picks, size_t *n, struct err *err)
{
	struct xml_node *root;
	if (parse_root(body, "CompleteMultipartUpload", a, &root, err) < 0)
		return -1;
	size_t parts = count(root, "Part"), at = 0;
	struct upload_pick *all = arena_array(a, parts, sizeof *all);
	if (parts == 0 || (int64_t)parts > limits.s3_parts || !all)
		return s3_fault(err, S3_MALFORMED_XML);
	for (const struct xml_node *p = root->first; p; p = p->next)
		if (slice_is(p->name, "Part") && pick_of(p, a, &all[at++], err) < 0)
			return -1;
	*picks = all;
	*n = parts;
	return 0;
}

int s3_bucket_parse(struct slice body, struct arena *a, struct err *err)
{
	struct xml_node *root;
	if (slice_trim(body).len == 0)
		return 0;
	if (parse_root(body, "CreateBucketConfiguration", a, &root, err) < 0)
		return -1;
	if (xml_child(root, "Location") || xml_child(root, "Bucket"))
		return err_set(err, ERR_UNSUPPORTED, "directory buckets are not implemented");
	return 0;
}
