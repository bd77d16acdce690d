/*
 * Joining steps of a plan where that changes no digit that the library would print: see plan.h.
 *
 * - Sparse values are changed where they lie: a step that only rewrites entries gets its input's value as its own.
 * - A scaler before a linear map goes into it: the shift as it is (so that large means cancel as they do in the
 * library), the scale into the weights.
 */
#include "infer/plan_priv.h"

#include "infer/kernels/linear.h"
#include "infer/kernels/scale.h"

/* Steps that read value v, from step `from` on. */
static uint32_t readers(const struct plan *p, uint32_t v, uint32_t from)
{
	uint32_t n = 0;
	for (uint32_t i = from; i < p->steps_n; i++) {
		for (uint32_t j = 0; j < p->steps[i].in_n; j++)
			n += p->steps[i].in[j] == v;
	}
	for (uint32_t i = 0; i < p->outputs_n; i++)
		n += p->outputs[i] == v;
	return n;
}

static void replace(struct plan *p, uint32_t old, uint32_t new_)
{
	for (uint32_t i = 0; i < p->steps_n; i++) {
		for (uint32_t j = 0; j < p->steps[i].in_n; j++) {
			if (p->steps[i].in[j] == old)
				p->steps[i].in[j] = new_;
		}
		if (p->steps[i].out == old)
			p->steps[i].out = new_;
	}
	for (uint32_t i = 0; i < p->outputs_n; i++) {
		if (p->outputs[i] == old)
			p->outputs[i] = new_;
	}
}

static void sparse_in_place(struct plan *p)
{
	for (uint32_t i = 0; i < p->steps_n; i++) {
		struct step *s = &p->steps[i];
		if (!s->kernel->in_place || s->in_n != 1 || s->in[0] == s->out || !p->types[s->out].csr ||
		    !p->types[s->in[0]].csr || readers(p, s->in[0], i + 1) > 0)
			continue;
		struct graph_type type = p->types[s->out];
		replace(p, s->out, s->in[0]);
		p->types[s->in[0]] = type;
	}
}

static void remove_step(struct plan *p, uint32_t at)
{
	if (p->steps[at].kernel->release)
		p->steps[at].kernel->release(&p->steps[at]);
	for (uint32_t i = at; i + 1 < p->steps_n; i++)
		p->steps[i] = p->steps[i + 1];
	p->steps_n--;
	p->prepared--;
}

/* The linear map that alone reads v, besides checks; NULL when there is another reader. */
static struct step *only_linear_reader(struct plan *p, uint32_t v, uint32_t from)
{
	struct step *found = NULL;
	uint32_t n = readers(p, v, from);
	for (uint32_t i = from; i < p->steps_n; i++) {
		struct step *s = &p->steps[i];
		if (s->in_n != 1 || s->in[0] != v || (s->op != OP_LINEAR && s->op != OP_FINITE))
			continue;
		if (s->op == OP_LINEAR)
			found = s;
		n--;
	}
	return n == 0 ? found : NULL;
}

/* Of two checks of one value, the one that lets NaN through says nothing more. */
static void join_checks(struct plan *p)
{
	for (uint32_t i = 0; i + 1 < p->steps_n; i++) {
		struct step *lax = &p->steps[i], *strict = &p->steps[i + 1];
		if (lax->op != OP_FINITE || strict->op != OP_FINITE || lax->out != strict->out)
			continue;
		const struct op_finite *a = lax->params, *b = strict->params;
		if (a->allow_nan && !b->allow_nan && a->float32 <= b->float32)
			remove_step(p, i);
	}
}

static int scale_into_linear(struct plan *p, struct err *err)
{
	for (uint32_t i = 0; i < p->steps_n;) {
		struct step *s = &p->steps[i];
		struct step *linear = s->op == OP_SCALE && s->out != s->in[0] && !p->types[s->in[0]].csr ?
					      only_linear_reader(p, s->out, i + 1) :
					      NULL;
		if (!linear || !linear_takes_scale(linear->state, s->state)) {
			i++;
			continue;
		}
		if (linear_fold_scale(linear, s->state, &p->arena, err) < 0)
			return -1;
		/* A check behind the scaler moves in front: shifting and scaling keep NaN and infinity. */
		replace(p, s->out, s->in[0]);
		remove_step(p, i);
	}
	join_checks(p);
	return 0;
}

int plan_fold(struct plan *p, struct err *err)
{
	sparse_in_place(p);
	return scale_into_linear(p, err);
}
