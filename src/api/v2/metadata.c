/* V2 model metadata: see metadata.h. */
#include "api/v2/metadata.h"

enum { OUTPUTS_MAX = 8 };

static void add_tensor(struct json_text *t, struct slice name, enum dtype dtype, const int64_t *shape, int rank)
{
	json_text_add(t, SLICE_LIT("{\"name\":"));
	json_text_string(t, name);
	json_text_add(t, SLICE_LIT(",\"datatype\":\""));
	json_text_add(t, slice_str(dtype_v2_name(dtype)));
	json_text_add(t, SLICE_LIT("\",\"shape\":["));
	for (int d = 0; d < rank; d++) {
		if (d)
			json_text_add(t, SLICE_LIT(","));
		json_text_i64(t, d ? shape[d] : -1); /* any number of rows */
	}
	json_text_add(t, SLICE_LIT("]}"));
}

/* One row that the model takes. */
static int sample(const struct model *m, struct tensor *out, struct arena *a, struct err *err)
{
	const struct model_input *in = model_input(m);
	if (in->text)
		return tensor_alloc(out, DTYPE_STRING, 1, (int64_t[]){1}, a, err);
	if (in->columns < 0)
		return err_set(err, ERR_UNSUPPORTED, "any number of columns");
	return tensor_alloc(out, DTYPE_F64, 2, (int64_t[]){1, in->columns}, a, err);
}

static void add_outputs(const struct endpoint_spec *spec, struct json_text *t)
{
	struct tensor row, out[OUTPUTS_MAX];
	struct err err;
	size_t n, added = 0;
	err_clear(&err);
	if (sample(spec->model, &row, t->a, &err) < 0)
		return;
	for (int i = MODEL_DEFAULT; i < MODEL_METHODS; i++) {
		enum model_method method = i == MODEL_DEFAULT ? spec->method : (enum model_method)i;
		if (!model_has(spec->model, method) ||
		    model_run(spec->model, method, &row, 1, out, OUTPUTS_MAX, &n, t->a, &err) < 0 || n == 0)
			continue;
		if (added++)
			json_text_add(t, SLICE_LIT(","));
		add_tensor(t, slice_str(i == MODEL_DEFAULT ? "output-0" : model_method_name(method)), out[0].dtype,
			   out[0].shape, out[0].rank);
	}
}

void v2_metadata_write(const struct endpoint_spec *spec, struct json_text *out)
{
	const struct model_input *in = model_input(spec->model);
	json_text_add(out, SLICE_LIT("{\"name\":"));
	json_text_string(out, slice_str(spec->name));
	json_text_add(out, SLICE_LIT(",\"versions\":["));
	if (*spec->revision)
		json_text_string(out, slice_str(spec->revision));
	json_text_add(out, SLICE_LIT("],\"platform\":"));
	json_text_string(out, slice_str(model_format(spec->model)));
	json_text_add(out, SLICE_LIT(",\"inputs\":["));
	add_tensor(out, SLICE_LIT("input-0"), in->text ? DTYPE_STRING : DTYPE_F64, (int64_t[]){-1, in->columns},
		   in->text ? 1 : 2);
	json_text_add(out, SLICE_LIT("],\"outputs\":["));
	add_outputs(spec, out);
	json_text_add(out, SLICE_LIT("]}"));
}
