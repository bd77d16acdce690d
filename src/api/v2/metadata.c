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

/* One row that the model takes: a matrix, or where columns differ in kind a tensor each, but for those that have a name and
 * are not read. */
static int sample(const struct model *m, struct tensor **out, size_t *n, struct arena *a, struct err *err)
{
	const struct model_input *in = model_input(m);
	if (!in->text && in->columns < 0)
		return err_set(err, ERR_UNSUPPORTED, "any number of columns");
	struct tensor *t = *out = arena_array(a, in->mixed ? (size_t)in->columns : 1, sizeof *t);
	if (!t)
		return err_set(err, ERR_NO_MEMORY, "the description does not fit the memory of one request");
	*n = 1;
	if (in->text || !in->mixed) {
		int rc = tensor_alloc(t, in->text ? DTYPE_STRING : DTYPE_F64, in->text ? 1 : 2,
				      (int64_t[]){1, in->columns}, a, err);
		t->name = SLICE_LIT("input-0");
		return rc;
	}
	*n = 0;
	for (int64_t i = 0; i < in->columns; i++) {
		if (in->names_n && in->kinds[i] == MODEL_COLUMN_UNREAD)
			continue;
		t = &(*out)[(*n)++];
		enum dtype dtype = in->kinds[i] == MODEL_COLUMN_TEXT ? DTYPE_STRING : DTYPE_F64;
		if (tensor_alloc(t, dtype, 1, (int64_t[]){1}, a, err) < 0)
			return -1;
		const char *name = in->names_n ? in->names[i] : arena_printf(a, "input-%lld", (long long)i);
		t->name = slice_str(name ? name : "");
	}
	return 0;
}

static void add_outputs(const struct endpoint_spec *spec, const struct tensor *row, size_t row_n, struct json_text *t)
{
	struct tensor out[OUTPUTS_MAX];
	struct err err;
	size_t n, added = 0;
	err_clear(&err);
	for (int i = MODEL_DEFAULT; i < MODEL_METHODS; i++) {
		enum model_method method = i == MODEL_DEFAULT ? spec->method : (enum model_method)i;
		if (!model_has(spec->model, method) ||
		    model_run(spec->model, method, row, row_n, out, OUTPUTS_MAX, &n, t->a, &err) < 0 || n == 0)
			continue;
		if (added++)
			json_text_add(t, SLICE_LIT(","));
		add_tensor(t, slice_str(i == MODEL_DEFAULT ? "output-0" : model_method_name(method)), out[0].dtype,
			   out[0].shape, out[0].rank);
	}
}

void v2_metadata_write(const struct endpoint_spec *spec, struct json_text *out)
{
	struct tensor *row = NULL;
	size_t n = 0;
	struct err err;
	err_clear(&err);
	if (sample(spec->model, &row, &n, out->a, &err) < 0)
		n = 0;
	json_text_add(out, SLICE_LIT("{\"name\":"));
	json_text_string(out, slice_str(spec->name));
	json_text_add(out, SLICE_LIT(",\"versions\":["));
	if (*spec->revision)
		json_text_string(out, slice_str(spec->revision));
	json_text_add(out, SLICE_LIT("],\"platform\":"));
	json_text_string(out, slice_str(model_format(spec->model)));
	json_text_add(out, SLICE_LIT(",\"inputs\":["));
	for (size_t i = 0; i < n; i++) {
		if (i)
			json_text_add(out, SLICE_LIT(","));
		add_tensor(out, row[i].name, row[i].dtype, row[i].shape, row[i].rank);
	}
	json_text_add(out, SLICE_LIT("],\"outputs\":["));
	if (n)
		add_outputs(spec, row, n, out);
	json_text_add(out, SLICE_LIT("]}"));
}
