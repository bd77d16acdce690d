/* XML: see xml.h. Parsed by expat, which is stopped at the first thing we do not want. */
#include "codec/xml.h"

#include <expat.h>

#include "base/limits.h"

struct parse {
	struct arena *arena;
	XML_Parser expat;
	struct xml_node *root, *open;
	struct buf text; /* of the elements that are open, one after the other */
	size_t *starts;	 /* where the text of each open element begins */
	int depth, nodes;
	const char *refused;
};

static void refuse(struct parse *p, const char *why)
{
	if (!p->refused)
		p->refused = why;
	XML_StopParser(p->expat, XML_FALSE);
}

/* Text is gathered per element: what stands before a child and after it is joined, the child's own is taken out. */
static void on_open(void *arg, const char *name, const char **attributes)
{
	struct parse *p = arg;
	(void)attributes;
	if (p->refused)
		return;
	if (++p->nodes > limits.xml_nodes) {
		refuse(p, "too many elements");
		return;
	}
	if (p->depth == limits.xml_depth) {
		refuse(p, "nested too deeply");
		return;
	}
	const char *colon = strrchr(name, ':');
	struct xml_node *n = arena_zalloc(p->arena, sizeof *n);
	if (!n) {
		refuse(p, "too large");
		return;
	}
	n->name = arena_dup(p->arena, slice_str(colon ? colon + 1 : name));
	n->parent = p->open;
	if (!p->open)
		p->root = n;
	else if (p->open->last)
		p->open->last = p->open->last->next = n;
	else
		p->open->first = p->open->last = n;
	p->open = n;
	p->starts[p->depth++] = p->text.len;
}

static void on_close(void *arg, const char *name)
{
	struct parse *p = arg;
	(void)name;
	if (p->refused)
		return;
	size_t from = p->starts[--p->depth];
	p->open->text = arena_dup(p->arena, slice_from(buf_view(&p->text), from));
	p->text.len = from;
	p->open = p->open->parent;
}

static void on_text(void *arg, const char *s, int n)
{
	struct parse *p = arg;
	buf_append(&p->text, s, (size_t)n);
}

static void on_doctype(void *arg, const char *name, const char *system_id, const char *public_id, int internal)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)internal;
	refuse(arg, "a document type is not allowed");
}

int xml_parse(struct slice text, struct arena *a, struct xml_node **root, struct err *err)
{
	struct parse p = { .arena = a, .expat = XML_ParserCreate(NULL) };
	if (!p.expat)
		abort();
	buf_init(&p.text, text.len + 1);
	p.starts = arena_array(a, (size_t)limits.xml_depth, sizeof *p.starts);
	int rc = -1;
	XML_SetUserData(p.expat, &p);
	XML_SetElementHandler(p.expat, on_open, on_close);
	XML_SetCharacterDataHandler(p.expat, on_text);
	XML_SetStartDoctypeDeclHandler(p.expat, on_doctype);
	if (!p.starts || text.len > INT32_MAX) {
		err_set(err, ERR_TOO_LARGE, "the XML document is too large");
	} else if (XML_Parse(p.expat, text.ptr ? text.ptr : "", (int)text.len, XML_TRUE) != XML_STATUS_OK || p.refused) {
		err_set(err, ERR_MALFORMED, "XML line %lu column %lu: %s",
			(unsigned long)XML_GetCurrentLineNumber(p.expat),
			(unsigned long)XML_GetCurrentColumnNumber(p.expat) + 1,
			p.refused ? p.refused : XML_ErrorString(XML_GetErrorCode(p.expat)));
	} else if (a->overflow) {
		err_set(err, ERR_TOO_LARGE, "the XML document is too large");
	} else {
		*root = p.root;
		rc = 0;
	}
	XML_ParserFree(p.expat);
	buf_release(&p.text);
	return rc;
}

const struct xml_node *xml_child(const struct xml_node *node, const char *name)
{
	for (const struct xml_node *n = node ? node->first : NULL; n; n = n->next)
		if (slice_is(n->name, name))
			return n;
	return NULL;
}

struct slice xml_child_text(const struct xml_node *node, const char *name)
{
	const struct xml_node *n = xml_child(node, name);
	return n ? slice_trim(n->text.ptr ? n->text : SLICE_LIT("")) : slice_of(NULL, 0);
}

void xml_begin(struct buf *out)
{
	buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
}

void xml_open(struct buf *out, const char *name)
{
	buf_char(out, '<');
	buf_str(out, name);
	buf_char(out, '>');
}

void xml_close(struct buf *out, const char *name)
{
	buf_str(out, "</");
	/* A name may carry attributes ("List xmlns=…"): they are not repeated. */
	buf_append(out, name, strcspn(name, " "));
	buf_char(out, '>');
}

void xml_escape(struct buf *out, struct slice text)
{
	size_t from = 0;
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (c > '>') /* most there is */
			continue;
		const char *with = c == '&'	? "&amp;"
				   : c == '<'	? "&lt;"
				   : c == '>'	? "&gt;"
				   : c == '"'	? "&#34;"
				   : c == '\r'	? "&#13;"
				   : c == '\n'	? "&#10;"
				   : c == '\t'	? "&#9;"
				   : c < 0x20	? "\xef\xbf\xbd"
						: NULL;
		if (!with)
			continue;
		buf_append(out, text.ptr + from, i - from);
		buf_str(out, with);
		from = i + 1;
	}
	buf_slice(out, slice_from(text, from));
}

void xml_text(struct buf *out, const char *name, struct slice text)
{
	xml_open(out, name);
	xml_escape(out, text);
	xml_close(out, name);
}

void xml_str(struct buf *out, const char *name, const char *text)
{
	xml_text(out, name, slice_str(text));
}

void xml_int(struct buf *out, const char *name, int64_t v)
{
	xml_open(out, name);
	buf_i64(out, v);
	xml_close(out, name);
}

void xml_bool(struct buf *out, const char *name, bool v)
{
	xml_str(out, name, v ? "true" : "false");
}
