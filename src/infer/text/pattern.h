/*
 * A vectorizer's own token_pattern: a Python regular expression, translated to PCRE2 and run as re.findall does.
 *
 * Translated is what means something else there: (?u), \Z, \s, \S, \v, {,n}. What PCRE2 does not know, or would read
 * differently without our noticing, is refused. A match that takes too many steps is an error of that document.
 */
#ifndef CORACLE_INFER_TEXT_PATTERN_H
#define CORACLE_INFER_TEXT_PATTERN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

enum { PATTERN_BYTES_MAX = 4096 };

/* \b\w{least - 1}\w+\b, with or without (?u): the run of word characters that scan.h finds by itself. 0: another. */
unsigned pattern_plain_words(struct slice python);
/* ERR_UNSUPPORTED names the construct. */
int pattern_translate(struct slice python, struct arena *a, struct slice *pcre, struct err *err);

struct pattern;
/* Of a translated pattern. ERR_UNSUPPORTED with PCRE2's message, or more than one group. */
int pattern_new(struct slice pcre, struct pattern **out, struct err *err);
void pattern_free(struct pattern *p);

/* A search through one text; each thread has its own. */
struct pattern_search;
struct pattern_search *pattern_search_new(const struct pattern *p);
void pattern_search_free(struct pattern_search *s);
void pattern_search_begin(struct pattern_search *s, const uint8_t *text, size_t n);
/* The next token. 1: *token points into the text; 0: no more; -1: too many steps. */
int pattern_search_next(const struct pattern *p, struct pattern_search *s, struct slice *token, struct err *err);

#endif
