/* Writing and checking a vocabulary: see vocabulary.h. */
#include "infer/text/vocabulary.h"

#include "base/check.h"

/* At most 7 of 8 slots are taken, so that a search ends at an empty one. */
static size_t groups_for(size_t n)
{
	size_t groups = 1;
	while (groups * VOCABULARY_GROUP / 8 * 7 < n + 1)
		groups *= 2;
	return groups;
}

static void insert(const struct vocabulary *v, uint8_t *tags, struct vocabulary_entry *entries, uint32_t offset,
		   uint32_t length, uint32_t column)
{
	uint64_t hash = vocabulary_hash(v->bytes + offset, length);
	uint8_t tag = vocabulary_tag(hash);
	for (size_t group = (size_t)(hash >> 32) & (v->groups - 1);; group = (group + 1) & (v->groups - 1)) {
		for (size_t i = group * VOCABULARY_GROUP; i < (group + 1) * VOCABULARY_GROUP; i++) {
			struct vocabulary_entry *e = &entries[i];
			bool same = tags[i] == tag && e->hash == (uint32_t)hash && e->length == length &&
				    memcmp(v->bytes + e->offset, v->bytes + offset, length) == 0;
			if (tags[i] && !same)
				continue;
			tags[i] = tag;
			*e = (struct vocabulary_entry){offset, length, (uint32_t)hash, column};
			return;
		}
	}
}

int vocabulary_put(struct graph_builder *b, const struct slice *terms, const uint32_t *columns, size_t n,
		   struct op_vocabulary *out, struct err *err)
{
	*out = (struct op_vocabulary){0};
	if (n == 0)
		return 0;
	size_t bytes = 8; /* may be read past the last term */
	for (size_t i = 0; i < n; i++) {
		if (ckd_add(&bytes, bytes, terms[i].len) || bytes > UINT32_MAX)
			return err_set(err, ERR_TOO_LARGE, "the vocabulary's terms are longer than 4 GiB together");
	}
	size_t groups = groups_for(n), slots = groups * VOCABULARY_GROUP;
	/* The three reservations first: each may move the image. */
	out->tags = (struct span){image_reserve(b->w, slots), slots};
	out->entries = (struct span){image_reserve(b->w, slots * sizeof(struct vocabulary_entry)), slots};
	out->bytes = (struct span){image_reserve(b->w, bytes), bytes};
	if (!out->tags.offset || !out->entries.offset || !out->bytes.offset)
		return err_set(err, ERR_TOO_LARGE, "the model is larger than the limit of %zu bytes", b->w->max);
	uint8_t *tags = image_writer_at(b->w, out->tags.offset), *to = image_writer_at(b->w, out->bytes.offset);
	struct vocabulary_entry *entries = image_writer_at(b->w, out->entries.offset);
	struct vocabulary v = {.tags = tags, .entries = entries, .bytes = to, .groups = groups};
	uint32_t at = 0;
	for (size_t i = 0; i < n; i++) {
		if (terms[i].len)
			memcpy(to + at, terms[i].ptr, terms[i].len);
		insert(&v, tags, entries, at, (uint32_t)terms[i].len, columns[i]);
		at += (uint32_t)terms[i].len;
	}
	return 0;
}

bool vocabulary_check(const struct graph *g, const struct op_vocabulary *v, uint64_t columns)
{
	uint64_t n = v->tags.n;
	if (n == 0)
		return v->entries.n == 0 && v->bytes.n == 0;
	if (n % VOCABULARY_GROUP || (n & (n - 1)) || n > UINT32_MAX || v->entries.n != n || v->bytes.n < 8)
		return false;
	const uint8_t *tags = graph_at(g, v->tags, 1);
	const struct vocabulary_entry *e = graph_at(g, v->entries, sizeof *e);
	if (!tags || !e || !graph_at(g, v->bytes, 1))
		return false;
	for (uint64_t i = 0; i < n; i++) {
		if (tags[i] && (e[i].column >= columns || (uint64_t)e[i].offset + e[i].length > v->bytes.n - 8))
			return false;
	}
	return true;
}

struct vocabulary vocabulary_of(const struct graph *g, const struct op_vocabulary *v)
{
	struct vocabulary made = {0};
	if (v->tags.n == 0)
		return made;
	made.tags = graph_at(g, v->tags, 1);
	made.entries = graph_at(g, v->entries, sizeof *made.entries);
	made.bytes = graph_at(g, v->bytes, 1);
	made.groups = v->tags.n / VOCABULARY_GROUP;
	return made;
}
