/* What `coracle inspect` prints of a model. */
#include <inttypes.h>

#include "base/check.h"
#include "infer/load/sandbox.h"
#include "infer/model_priv.h"
#include "infer/plan.h"

static void describe_input(const struct model_input *in, FILE *to)
{
	if (in->text)
		fprintf(to, "input:    text\n");
	else
		fprintf(to, "input:    %" PRId64 " columns\n", in->columns);
	static const char *const kinds[] = {
	    [MODEL_COLUMN_UNREAD] = " (not read)", [MODEL_COLUMN_NUMBER] = "", [MODEL_COLUMN_TEXT] = " (text)"};
	for (size_t i = 0; i < in->names_n && i < 20; i++)
		fprintf(to, "            %s%s\n", in->names[i], kinds[in->kinds[i]]);
	if (in->names_n > 20)
		fprintf(to, "            … and %zu more\n", in->names_n - 20);
}

static void describe_part(const struct model *m, FILE *to)
{
	fprintf(to, "format:   %s%s%s\n", m->format, *m->version ? " " : "", m->version);
	fprintf(to, "class:    %s\n", m->class_name);
	struct slice summary = graph_text(&m->graph, m->graph.root->summary), line;
	while ((line = slice_cut(&summary, '\n')).ptr) {
		if (line.len)
			fprintf(to, "            %.*s\n", SLICE_ARG(line));
	}
	fprintf(to, "image:    %zu bytes\n", m->image.len);
}

void model_describe(const struct model *m, FILE *to)
{
	if (m->parts[0]) {
		fprintf(to, "transformer (%s):\n", model_method_name(m->first_method));
		describe_part(m->parts[0], to);
		fprintf(to, "predictor:\n");
		describe_part(m->parts[1], to);
	} else {
		describe_part(m, to);
	}
	describe_input(&m->input, to);
	fprintf(to, "kernels:  %s\n", m->isa == ISA_AVX2 ? "AVX2, FMA" : "plain C");
	fprintf(to, "loaded:   %s\n", m->boxed ? sandbox_protections() : "in this process");
	for (int i = 1; i < MODEL_METHODS; i++) {
		if (!m->plans[i])
			continue;
		fprintf(to, "%s%s: about %.0f ns a row\n", model_method_name((enum model_method)i),
			m->fallback == (enum model_method)i ? " (default)" : "", plan_cost_ns(m->plans[i]));
		plan_describe(m->plans[i], to);
	}
}
