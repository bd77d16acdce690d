/*
 * XML: a tree of elements for small documents from outside, and a writer. Attributes and namespaces are not kept:
 * a name is its local part ("Key" of "s3:Key").
 *
 * Document types, entities of one's own, and processing of external things are refused; depth and element count are
 * limits.xml_depth and limits.xml_nodes. A document's tree lies in the arena.
 */
#ifndef CORACLE_CODEC_XML_H
#define CORACLE_CODEC_XML_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct xml_node {
	struct slice name;
	struct slice text; /* all character data directly inside, as it stands (not trimmed) */
	struct xml_node *first, *last, *next, *parent;
};

/* ERR_MALFORMED with line and column. */
int xml_parse(struct slice text, struct arena *a, struct xml_node **root, struct err *err);
/* First child of that name, or NULL; `node` may be NULL. */
const struct xml_node *xml_child(const struct xml_node *node, const char *name);
/* Text of the first child of that name without white space around it; {NULL, 0} when there is none. */
struct slice xml_child_text(const struct xml_node *node, const char *name);

/* --- writing --- */

void xml_begin(struct buf *out); /* the declaration */
void xml_open(struct buf *out, const char *name);
void xml_close(struct buf *out, const char *name);
/* <name>text</name>, escaped. What XML 1.0 cannot carry becomes U+FFFD. */
void xml_text(struct buf *out, const char *name, struct slice text);
void xml_str(struct buf *out, const char *name, const char *text);
void xml_int(struct buf *out, const char *name, int64_t v);
void xml_bool(struct buf *out, const char *name, bool v);
void xml_escape(struct buf *out, struct slice text);

#endif
