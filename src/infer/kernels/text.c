/* TEXT: documents to sparse counts. The work is text/analyzer.c. */
#include "base/check.h"
#include "infer/text/analyzer.h"
#include "infer/text/unicode.h"

enum { NGRAM_MAX = 64, WORD_LEAST_MAX = 64 };

static int check(const struct graph *g, const void *params, struct err *err)
{
	const struct op_text *p = params;
	if (p->analyzer >= TEXT_ANALYZERS || p->accents >= ACCENT_RULES || p->columns == 0 ||
	    p->columns > GRAPH_COLUMNS_MAX || p->word_least > WORD_LEAST_MAX || p->ngram_min == 0 ||
	    p->ngram_min > p->ngram_max || p->ngram_max > NGRAM_MAX)
		return kernel_bad(err, "text", "wrong options");
	if (p->pattern.n == 0 ? p->word_least == 0
			      : p->pattern.n > (uint64_t)PATTERN_BYTES_MAX * 20 || !graph_at(g, p->pattern, 1))
		return kernel_bad(err, "text", "wrong pattern");
	if (!vocabulary_check(g, &p->vocabulary, p->columns) || !vocabulary_check(g, &p->stop, p->columns))
		return kernel_bad(err, "text", "wrong vocabulary");
	return 0;
}

static int infer(const struct graph *g, const void *params, const struct graph_type *in, size_t in_n,
		 struct graph_type *out, struct err *err)
{
	const struct op_text *p = params;
	(void)g;
	(void)in_n;
	if (in->dtype != DTYPE_STRING || !in->vector)
		return kernel_bad(err, "text", "takes text");
	*out = (struct graph_type){.dtype = p->integers ? DTYPE_I64 : DTYPE_F64, .csr = true, .columns = p->columns};
	return 0;
}

static int prepare(struct step *s, struct arena *arena, struct err *err)
{
	const struct op_text *p = s->params;
	struct analyzer *a = arena_zalloc(arena, sizeof *a);
	if (!a)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	a->op = p;
	a->vocabulary = vocabulary_of(s->graph, &p->vocabulary);
	a->stop = vocabulary_of(s->graph, &p->stop);
	a->scan = scan_plain;
#ifdef __x86_64__
	if (s->isa >= ISA_AVX2)
		a->scan = scan_avx2;
#endif
	s->state = a;
	return p->pattern.n ? pattern_new(graph_text(s->graph, p->pattern), &a->pattern, err) : 0;
}

static void release(struct step *s)
{
	pattern_free(((struct analyzer *)s->state)->pattern);
}

static void *scratch_new(const struct step *s)
{
	return analysis_new(s->state);
}

static void scratch_free(void *scratch)
{
	analysis_free(scratch);
}

static int run(const struct step *s, struct run *r)
{
	const struct slice *texts = r->values[s->in[0]].data;
	struct csr *out = &r->values[s->out].csr;
	out->start[0] = 0;
	for (size_t i = 0; i < r->rows; i++) {
		size_t entries;
		if (analyzer_run(s->state, r->scratch[s->number], texts[i], out, out->start[i], &entries, r->err) < 0)
			return err_wrap(r->err, "instance %zu", r->first + i);
		out->start[i + 1] = out->start[i] + entries;
	}
	return 0;
}

static double cost(const struct step *s)
{
	const struct analyzer *a = s->state;
	/* Documents of two kilobytes, as news and mail are. */
	double ns = a->pattern ? 60000 : a->op->analyzer == TEXT_WORDS ? 8000 : 40000;
	return ns * (double)(1 + a->op->ngram_max - a->op->ngram_min);
}

static void describe(const struct graph *g, const void *params, FILE *to)
{
	static const char *const analyzers[TEXT_ANALYZERS] = {"words", "characters", "characters in words"};
	const struct op_text *p = params;
	fprintf(to, " %s", analyzers[p->analyzer]);
	if (p->pattern.n)
		fprintf(to, " '%.*s'", SLICE_ARG(graph_text(g, p->pattern)));
	if (p->ngram_max > 1)
		fprintf(to, " n-grams %u-%u", p->ngram_min, p->ngram_max);
	fprintf(to, p->hashing ? ", hashed" : ", vocabulary of %u", p->columns);
}

const struct kernel kernel_text = {
    .name = "text",
    .params_bytes = sizeof(struct op_text),
    .inputs_least = 1,
    .inputs_most = 1,
    .check = check,
    .infer = infer,
    .prepare = prepare,
    .run = run,
    .cost = cost,
    .describe = describe,
    .scratch_new = scratch_new,
    .scratch_free = scratch_free,
    .release = release,
};
