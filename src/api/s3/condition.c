/* Conditions: see condition.h. */
#include "api/s3/condition.h"

#include "codec/time.h"

const struct s3_condition_names s3_condition_own = {"if-match", "if-none-match", "if-modified-since", "if-unmodified-since"};
const struct s3_condition_names s3_condition_source = {"x-amz-copy-source-if-match", "x-amz-copy-source-if-none-match",
						       "x-amz-copy-source-if-modified-since",
						       "x-amz-copy-source-if-unmodified-since"};

struct slice s3_etag_bare(struct slice text)
{
	text = slice_trim(text);
	if (text.len >= 2 && text.ptr[0] == '"' && text.ptr[text.len - 1] == '"')
		return slice_sub(text, 1, text.len - 2);
	return text;
}

/* ETags here are hex digits and '-', so a list may be cut at its commas. */
static bool etag_in(struct slice list, const char *etag)
{
	struct slice one;
	while ((one = slice_cut(&list, ',')).ptr) {
		one = slice_trim(one);
		if (slice_starts(one, "W/"))
			one = slice_from(one, 2);
		one = s3_etag_bare(one);
		if (slice_is(one, "*") || slice_is(one, etag))
			return true;
	}
	return false;
}

/* In whole seconds, as the header tells it. False when the date is not one: then there is no condition. */
static bool modified_since(struct slice date, const struct object_info *info, bool *since)
{
	int64_t ns;
	if (!date.ptr || !time_parse_http(date, &ns))
		return false;
	*since = info->modified_ms / 1000 > ns / 1000000000;
	return true;
}

enum s3_verdict s3_condition_read(const struct s3_call *c, const struct s3_condition_names *names,
				  const struct object_info *info)
{
	struct slice match = http_field(c->x, names->match), none = http_field(c->x, names->none_match);
	bool since;
	if (match.ptr) {
		if (!etag_in(match, info->etag))
			return S3_FAILED;
	} else if (modified_since(http_field(c->x, names->unmodified_since), info, &since) && since) {
		return S3_FAILED;
	}
	if (none.ptr) {
		if (etag_in(none, info->etag))
			return S3_NOT_MODIFIED;
	} else if (modified_since(http_field(c->x, names->modified_since), info, &since) && !since) {
		return S3_NOT_MODIFIED;
	}
	return S3_PROCEED;
}

bool s3_condition_range(const struct s3_call *c, const struct object_info *info)
{
	struct slice text = http_field(c->x, "if-range");
	int64_t ns;
	if (!text.ptr)
		return true;
	if (time_parse_http(text, &ns))
		return info->modified_ms / 1000 == ns / 1000000000;
	return !slice_starts(text, "W/") && slice_is(s3_etag_bare(text), info->etag);
}

int s3_condition_failed(struct err *err)
{
	err_set(err, ERR_PRECONDITION, "At least one of the pre-conditions you specified did not hold");
	return err_sub(err, OBJECT_PRECONDITION);
}

int s3_condition_write(const struct s3_call *c, struct object_condition *out, struct err *err)
{
	struct slice match = http_field(c->x, "if-match"), none = http_field(c->x, "if-none-match");
	if (none.ptr && !slice_is(s3_etag_bare(none), "*"))
		return err_set(err, ERR_UNSUPPORTED, "A write knows If-None-Match with the value * only");
	*out = (struct object_condition){.absent = none.ptr != NULL};
	if (match.ptr)
		out->etag = s3_etag_bare(match);
	return 0;
}
