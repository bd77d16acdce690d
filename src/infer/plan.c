/* Making a plan: see plan.h. Running it is plan_run.c, folding plan_fold.c. */
#include "infer/plan_priv.h"

#include <assert.h>

#include "base/check.h"

enum {
	BLOCK_BYTES = 128 << 10, /* of a block's values: half of a small L2 */
	BLOCK_ROWS_MAX = 256,
	BLOCK_ROWS_SPARSE = 16, /* CSR rows are of unknown length */
	PLAN_ARENA_BYTES = 1 << 30,
	WORKSPACE_BYTES_MAX = 1 << 30,
};

/* --- steps from nodes --- */

struct building {
	struct plan *plan;
	uint32_t cap;       /* of steps and values */
	uint32_t previous;  /* value of the stage before, or GRAPH_NONE */
	uint32_t *value_of; /* of each node of the current stage's graph */
};

static uint32_t new_value(struct building *b, struct graph_type type)
{
	struct plan *p = b->plan;
	assert(p->values_n < b->cap);
	p->types[p->values_n] = type;
	return p->values_n++;
}

static struct step *new_step(struct building *b, enum op op, const struct graph *graph, const void *params,
			     uint32_t in_n)
{
	struct plan *p = b->plan;
	assert(p->steps_n < b->cap);
	uint32_t *in = arena_array(&p->arena, in_n + 1, sizeof *in);
	if (!in)
		return NULL;
	struct step *s = &p->steps[p->steps_n];
	*s = (struct step){
	    .kernel = kernel_table[op],
	    .op = op,
	    .graph = graph,
	    .params = params,
	    .isa = p->isa,
	    .in = in,
	    .in_n = in_n,
	    .types = p->types,
	    .number = p->steps_n,
	};
	p->steps_n++;
	return s;
}

/* A dense copy of a CSR value: of float64 for a kernel, of the value's own dtype for an answer. */
static uint32_t densify(struct building *b, const struct graph *graph, uint32_t value, enum dtype dtype)
{
	struct op_dense *params = arena_zalloc(&b->plan->arena, sizeof *params);
	struct step *s = params ? new_step(b, OP_DENSE, graph, params, 1) : NULL;
	if (!s)
		return GRAPH_NONE;
	struct graph_type type = b->plan->types[value];
	params->dtype = type.dtype = dtype;
	type.csr = false;
	s->in[0] = value;
	return s->out = new_value(b, type);
}

static int infer(struct building *b, struct step *s, struct graph_type *out, struct err *err)
{
	struct graph_type *in = arena_array(&b->plan->arena, s->in_n + 1, sizeof *in);
	if (!in)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	for (uint32_t i = 0; i < s->in_n; i++)
		in[i] = b->plan->types[s->in[i]];
	return s->kernel->infer(s->graph, s->params, in, s->in_n, out, err);
}

/* The stage's input comes from the stage before: its value, or some columns of it. */
static int bind_input(struct building *b, const struct graph *g, uint32_t node, struct err *err)
{
	const struct op_input *in = graph_at(g, (struct span){g->nodes[node].params, 1}, sizeof *in);
	if (g->nodes[node].op != OP_INPUT)
		return err_set(err, ERR_INVALID, "the model takes text, which no transformer in front of it can give");
	uint32_t value = b->previous;
	if (in->columns.n == 0) {
		b->value_of[node] = value;
		return 0;
	}
	/* struct op_select has the same one field. */
	if (b->plan->types[value].csr && (value = densify(b, g, value, DTYPE_F64)) == GRAPH_NONE)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	struct step *s = new_step(b, OP_SELECT, g, in, 1);
	struct graph_type type;
	if (!s)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	s->in[0] = value;
	if (infer(b, s, &type, err) < 0)
		return -1;
	b->value_of[node] = s->out = new_value(b, type);
	return 0;
}

static int add_node(struct building *b, const struct graph *g, uint32_t node, struct err *err)
{
	const struct graph_node *n = &g->nodes[node];
	if (b->previous != GRAPH_NONE && n->inputs.n == 0)
		return bind_input(b, g, node, err);
	const struct kernel *k = kernel_table[n->op];
	const uint32_t *inputs = n->inputs.n ? graph_at(g, n->inputs, sizeof *inputs) : NULL;
	uint32_t values[2] = {GRAPH_NONE, GRAPH_NONE}, *in = values;
	if (n->inputs.n > COUNT_OF(values))
		in = arena_array(&b->plan->arena, n->inputs.n, sizeof *in);
	if (!in)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	/* Twice at most: the second time with dense copies of sparse inputs. */
	for (int attempt = 0;; attempt++) {
		bool sparse = false;
		for (uint32_t i = 0; i < n->inputs.n; i++) {
			if (attempt == 0)
				in[i] = b->value_of[inputs[i]];
			sparse |= b->plan->types[in[i]].csr;
		}
		struct graph_type *types = arena_array(&b->plan->arena, n->inputs.n + 1, sizeof *types), type;
		if (!types)
			return err_set(err, ERR_NO_MEMORY, "out of memory");
		for (uint32_t i = 0; i < n->inputs.n; i++)
			types[i] = b->plan->types[in[i]];
		const void *params = graph_at(g, (struct span){n->params, 1}, k->params_bytes);
		if (k->infer(g, params, types, n->inputs.n, &type, err) == 0) {
			struct step *s = new_step(b, (enum op)n->op, g, params, (uint32_t)n->inputs.n);
			if (!s)
				return err_set(err, ERR_NO_MEMORY, "out of memory");
			for (uint32_t i = 0; i < n->inputs.n; i++)
				s->in[i] = in[i];
			/* A check has no value of its own. */
			b->value_of[node] = s->out = n->op == OP_FINITE ? in[0] : new_value(b, type);
			return 0;
		}
		if (!sparse || attempt)
			return -1;
		for (uint32_t i = 0; i < n->inputs.n; i++) {
			if (b->plan->types[in[i]].csr && (in[i] = densify(b, g, in[i], DTYPE_F64)) == GRAPH_NONE)
				return err_set(err, ERR_NO_MEMORY, "out of memory");
		}
	}
}

static void mark_needed(const struct graph *g, enum model_method method, bool *needed)
{
	struct span s = g->root->methods[method];
	const uint32_t *answers = graph_at(g, s, sizeof *answers);
	for (uint64_t i = 0; i < s.n; i++)
		needed[answers[i]] = true;
	for (uint32_t i = g->nodes_n; i-- > 0;) {
		struct span in = g->nodes[i].inputs;
		const uint32_t *inputs = needed[i] && in.n ? graph_at(g, in, sizeof *inputs) : NULL;
		for (uint64_t j = 0; inputs && j < in.n; j++)
			needed[inputs[j]] = true;
	}
}

static int check_widths(const struct building *b, const struct graph *g, struct err *err)
{
	if (b->previous == GRAPH_NONE)
		return 0;
	int64_t have = b->plan->types[b->previous].columns, want = g->root->columns_n;
	if (have != want) {
		struct slice who = graph_text(g, g->root->expecting);
		return err_set(err, ERR_INVALID, "X has %lld features, but %.*s is expecting %lld features as input.",
			       (long long)have, SLICE_ARG(who), (long long)want);
	}
	return 0;
}

/* The node whose value the next stage takes. A dense copy is made for callers only: what follows reads sparse rows, or has
 * its own made. */
static uint32_t handed_on(const struct graph *g, uint32_t answer)
{
	const struct graph_node *n = &g->nodes[answer];
	const uint32_t *inputs = n->op == OP_DENSE ? graph_at(g, n->inputs, sizeof *inputs) : NULL;
	return inputs ? inputs[0] : answer;
}

static int add_stage(struct building *b, const struct plan_stage *stage, bool last, struct err *err)
{
	const struct graph *g = stage->graph;
	struct span answers = g->root->methods[stage->method];
	if (answers.n == 0)
		return err_set(err, ERR_UNSUPPORTED, "%.*s has no %s", SLICE_ARG(graph_text(g, g->root->class_name)),
			       model_method_name(stage->method));
	if (answers.n > 1 && !last)
		return err_set(err, ERR_UNSUPPORTED, "the transformer has several answers");
	if (check_widths(b, g, err) < 0)
		return -1;
	bool *needed = arena_zalloc(&b->plan->arena, g->nodes_n);
	b->value_of = arena_array(&b->plan->arena, g->nodes_n, sizeof *b->value_of);
	if (!needed || !b->value_of)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	mark_needed(g, stage->method, needed);
	const uint32_t *nodes = graph_at(g, answers, sizeof *nodes);
	uint32_t handed = handed_on(g, nodes[0]);
	if (!last)
		needed[nodes[0]] = handed == nodes[0];
	for (uint32_t i = 0; i < g->nodes_n; i++) {
		if (needed[i] && add_node(b, g, i, err) < 0)
			return -1;
	}
	struct plan *p = b->plan;
	if (!last) {
		b->previous = b->value_of[handed];
		return 0;
	}
	p->outputs = arena_array(&p->arena, answers.n, sizeof *p->outputs);
	if (!p->outputs)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	for (uint64_t i = 0; i < answers.n; i++) {
		uint32_t v = b->value_of[nodes[i]];
		if (p->types[v].csr)
			v = densify(b, g, v, p->types[v].dtype);
		if (v == GRAPH_NONE)
			return err_set(err, ERR_NO_MEMORY, "out of memory");
		p->outputs[p->outputs_n++] = v;
	}
	return 0;
}

/* --- memory --- */

static size_t value_row_bytes(const struct plan *p, uint32_t v)
{
	const struct graph_type *t = &p->types[v];
	return t->csr ? 0 : (size_t)t->columns * dtype_bytes(t->dtype);
}

static bool is_output(const struct plan *p, uint32_t v)
{
	for (uint32_t i = 0; i < p->outputs_n; i++) {
		if (p->outputs[i] == v)
			return true;
	}
	return false;
}

struct life {
	uint32_t born, dies; /* steps */
	size_t offset, bytes;
	bool used, aliases; /* may point to the caller's memory */
};

static size_t find_place(const struct life *lives, uint32_t n, uint32_t v)
{
	/* First fit below everything alive at the same time; plans have tens of values. */
	size_t at = 0;
	for (bool moved = true; moved;) {
		moved = false;
		for (uint32_t i = 0; i < n; i++) {
			const struct life *o = &lives[i];
			if (i == v || !o->used || o->offset == SIZE_MAX || o->born > lives[v].dies ||
			    o->dies < lives[v].born)
				continue;
			if (at < o->offset + o->bytes && o->offset < at + lives[v].bytes) {
				at = o->offset + o->bytes;
				moved = true;
			}
		}
	}
	return at;
}

/* Can step s write its answer over its first input? */
static bool overwrites(const struct plan *p, const struct step *s, const struct life *lives, uint32_t at)
{
	if (!s->kernel->in_place || s->in_n == 0 || s->out == s->in[0])
		return false;
	uint32_t in = s->in[0];
	for (uint32_t i = 1; i < s->in_n; i++) {
		if (s->in[i] == in)
			return false;
	}
	return lives[in].dies == at && !lives[in].aliases && !is_output(p, in) && !is_output(p, s->out) &&
	       !p->types[in].csr && value_row_bytes(p, in) == value_row_bytes(p, s->out);
}

static int lay_out(struct plan *p, struct err *err)
{
	size_t row = 1;
	bool sparse = false;
	for (uint32_t v = 0; v < p->values_n; v++) {
		row += is_output(p, v) ? 0 : value_row_bytes(p, v);
		sparse |= p->types[v].csr;
	}
	size_t rows = MIN(BLOCK_BYTES / row, BLOCK_ROWS_MAX);
	if (sparse)
		rows = MIN(rows, BLOCK_ROWS_SPARSE);
	rows = rows >= 8 ? rows & ~(size_t)7 : MAX(rows, 1);
	struct life *lives = arena_zalloc(&p->arena, (p->values_n + 1) * sizeof *lives);
	p->places = arena_array(&p->arena, p->values_n + 1, sizeof *p->places);
	if (!lives || !p->places)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	for (uint32_t i = 0; i < p->steps_n; i++) {
		const struct step *s = &p->steps[i];
		if (!lives[s->out].used)
			lives[s->out] = (struct life){
			    .born = i,
			    .dies = i,
			    .offset = SIZE_MAX,
			    /* Answers are written where the caller wants them. */
			    .bytes = is_output(p, s->out) ? 0 : (value_row_bytes(p, s->out) * rows + 63) & ~(size_t)63,
			    .used = true,
			    .aliases = s->op == OP_INPUT,
			};
		for (uint32_t j = 0; j < s->in_n; j++)
			lives[s->in[j]].dies = i;
	}
	for (uint32_t i = 0; i < p->outputs_n; i++)
		lives[p->outputs[i]].dies = p->steps_n;
	size_t total = 0;
	for (uint32_t i = 0; i < p->steps_n; i++) {
		const struct step *s = &p->steps[i];
		struct life *l = &lives[s->out];
		if (l->offset != SIZE_MAX)
			continue;
		l->offset =
		    overwrites(p, s, lives, i) ? lives[s->in[0]].offset : find_place(lives, p->values_n, s->out);
		total = MAX(total, l->offset + l->bytes);
	}
	for (uint32_t v = 0; v < p->values_n; v++)
		p->places[v] = lives[v].used ? lives[v].offset : 0;
	if (total > WORKSPACE_BYTES_MAX)
		return err_set(err, ERR_TOO_LARGE, "one row of the model's values takes %zu bytes", total / rows);
	p->block_rows = rows;
	p->block_bytes = total + 64;
	return 0;
}

/* --- the whole --- */

static int prepare(struct plan *p, struct err *err)
{
	for (uint32_t i = 0; i < p->steps_n; i++) {
		struct step *s = &p->steps[i];
		if (s->kernel->prepare && s->kernel->prepare(s, &p->arena, err) < 0)
			return -1;
		p->prepared = i + 1;
	}
	return 0;
}

static int build(struct plan *p, const struct plan_stage *stages, size_t n, struct err *err)
{
	struct building b = {.plan = p, .previous = GRAPH_NONE};
	/* Each node may get a dense copy of each of its inputs, each stage some more. */
	uint64_t cap = 0;
	for (size_t i = 0; i < n; i++) {
		for (uint32_t j = 0; j < stages[i].graph->nodes_n; j++)
			cap += 2 + stages[i].graph->nodes[j].inputs.n;
		for (int m = 0; m < MODEL_METHODS; m++)
			cap += stages[i].graph->root->methods[m].n;
	}
	if (cap > UINT32_MAX / 2)
		return err_set(err, ERR_TOO_LARGE, "the model has too many parts");
	b.cap = (uint32_t)cap;
	p->steps = arena_array(&p->arena, b.cap, sizeof *p->steps);
	p->types = arena_array(&p->arena, b.cap, sizeof *p->types);
	if (!p->steps || !p->types)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < n; i++) {
		if (add_stage(&b, &stages[i], i + 1 == n, err) < 0)
			return -1;
	}
	if (prepare(p, err) < 0 || plan_fold(p, err) < 0 || lay_out(p, err) < 0)
		return -1;
	for (uint32_t i = 0; i < p->steps_n; i++) {
		p->steps[i].number = i;
		p->cost_ns += p->steps[i].kernel->cost ? p->steps[i].kernel->cost(&p->steps[i]) : 5;
	}
	return 0;
}

int plan_build(const struct plan_stage *stages, size_t n, enum isa isa, struct plan **out, struct err *err)
{
	struct plan *p = calloc(1, sizeof *p);
	if (!p)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	arena_init(&p->arena, 0, PLAN_ARENA_BYTES);
	p->isa = isa;
	if (build(p, stages, n, err) < 0) {
		plan_free(p);
		return -1;
	}
	*out = p;
	return 0;
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	plan_pool_release(p);
	for (uint32_t i = 0; i < p->prepared; i++) {
		if (p->steps[i].kernel->release)
			p->steps[i].kernel->release(&p->steps[i]);
	}
	arena_release(&p->arena);
	free(p);
}

size_t plan_outputs(const struct plan *p)
{
	return p->outputs_n;
}

struct graph_type plan_output_type(const struct plan *p, size_t i)
{
	return p->types[p->outputs[i]];
}

double plan_cost_ns(const struct plan *p)
{
	return p->cost_ns;
}

void plan_describe(const struct plan *p, FILE *to)
{
	for (uint32_t i = 0; i < p->steps_n; i++) {
		const struct step *s = &p->steps[i];
		const struct graph_type *t = &p->types[s->out];
		fprintf(to, "    %-12s", s->kernel->name);
		if (s->kernel->describe)
			s->kernel->describe(s->graph, s->params, to);
		if (s->op == OP_FINITE)
			fprintf(to, "\n");
		else if (t->vector)
			fprintf(to, " -> %s [rows]\n", dtype_v2_name(t->dtype));
		else
			fprintf(to, " -> %s%s [rows, %lld]\n", t->csr ? "sparse " : "", dtype_v2_name(t->dtype),
				(long long)t->columns);
	}
}
