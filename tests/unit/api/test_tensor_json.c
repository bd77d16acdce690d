/* JSON to tensors and back: shapes, types, tables, faults that name their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "api/tensor/read.h"
#include "api/tensor/write.h"
#include "base/buf.h"
#include "base/map.h"

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena, 0, 1 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static int read_for(const struct model_input *input, const char *text, struct tensor_json *out, struct err *err)
{
	struct json_pull j;
	err_clear(err);
	pull_init(&j, slice_str(text));
	int rc = tensor_json_read(&j, "instances", input, &arena, out, err);
	return j.failed || rc == 0 ? pull_end(&j, err) : rc;
}

static int read_text(const char *text, struct tensor_json *out, struct err *err)
{
	return read_for(NULL, text, out, err);
}

static struct tensor *read_one(const char *text)
{
	struct tensor_json t;
	struct err err;
	if (read_text(text, &t, &err) < 0)
		fail_msg("%s: %s", text, err.message);
	assert_int_equal(t.n, 1);
	return t.tensors;
}

static void check_shape(const struct tensor *t, enum dtype dtype, int rank, const int64_t *shape)
{
	assert_int_equal(t->dtype, dtype);
	assert_int_equal(t->rank, rank);
	for (int d = 0; d < rank; d++)
		assert_int_equal(t->shape[d], shape[d]);
}

static void lists_of_lists_are_matrices(void **state)
{
	(void)state;
	struct tensor *t = read_one("[[5.1,3.5,1.4,0.2],[6,3,4,1]]");
	const double want[] = {5.1, 3.5, 1.4, 0.2, 6, 3, 4, 1};
	check_shape(t, DTYPE_F64, 2, (int64_t[]){2, 4});
	assert_memory_equal(t->data, want, sizeof want);
}

static void integers_stay_integers_until_a_fraction_comes(void **state)
{
	(void)state;
	struct tensor *t = read_one("[1,-2,9223372036854775807]");
	check_shape(t, DTYPE_I64, 1, (int64_t[]){3});
	assert_int_equal(((int64_t *)t->data)[2], INT64_MAX);
	t = read_one("[1,2,3.5]");
	check_shape(t, DTYPE_F64, 1, (int64_t[]){3});
	assert_true(((double *)t->data)[0] == 1 && ((double *)t->data)[2] == 3.5);
	t = read_one("[1,18446744073709551615]");
	check_shape(t, DTYPE_F64, 1, (int64_t[]){2});
	t = read_one("[[1],[2.5],[3]]");
	check_shape(t, DTYPE_F64, 2, (int64_t[]){3, 1});
	assert_true(((double *)t->data)[2] == 3);
}

static void null_is_nan(void **state)
{
	(void)state;
	struct tensor *t = read_one("[[1,null],[null,2]]");
	check_shape(t, DTYPE_F64, 2, (int64_t[]){2, 2});
	assert_true(isnan(((double *)t->data)[1]) && ((double *)t->data)[3] == 2);
}

static void truth_values_alone_are_bool_and_beside_numbers_zero_and_one(void **state)
{
	(void)state;
	struct tensor *t = read_one("[true,false,true]");
	check_shape(t, DTYPE_BOOL, 1, (int64_t[]){3});
	assert_memory_equal(t->data, "\1\0\1", 3);
	t = read_one("[true,7]");
	check_shape(t, DTYPE_I64, 1, (int64_t[]){2});
	assert_int_equal(((int64_t *)t->data)[0], 1);
}

static void texts_are_bytes(void **state)
{
	(void)state;
	struct tensor *t = read_one("[[\"a\"],[\"b\\n\"]]");
	check_shape(t, DTYPE_STRING, 2, (int64_t[]){2, 1});
	assert_true(slice_is(((struct slice *)t->data)[1], "b\n"));
}

static void deeper_lists_are_tensors_of_that_rank(void **state)
{
	(void)state;
	check_shape(read_one("[[[1,2,3],[4,5,6]]]"), DTYPE_I64, 3, (int64_t[]){1, 2, 3});
	check_shape(read_one("[[[[[[[[1]]]]]]]]"), DTYPE_I64, 8, (int64_t[]){1, 1, 1, 1, 1, 1, 1, 1});
	check_shape(read_one("[]"), DTYPE_F64, 1, (int64_t[]){0});
	check_shape(read_one("[[],[]]"), DTYPE_F64, 2, (int64_t[]){2, 0});
}

static void many_values_are_all_there(void **state)
{
	char text[20000] = "[";
	size_t n = 1;
	(void)state;
	for (int i = 0; i < 3000; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%d", i ? "," : "", i);
	memcpy(text + n, "]", 2);
	struct tensor *t = read_one(text);
	check_shape(t, DTYPE_I64, 1, (int64_t[]){3000});
	for (int i = 0; i < 3000; i++)
		assert_int_equal(((int64_t *)t->data)[i], i);
}

static const struct tensor *column(const struct tensor_json *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (slice_is(t->tensors[i].name, name))
			return &t->tensors[i];
	fail_msg("no column %s", name);
	return NULL;
}

static void objects_are_rows_of_named_columns(void **state)
{
	static const char *const texts[] = {
	    "[{\"age\":30,\"city\":\"Bonn\"},{\"city\":\"Rome\",\"age\":null}]",
	    "[[{\"age\":30,\"city\":\"Bonn\"},{\"age\":null,\"city\":\"Rome\"}]]",
	    "[{\"age\":[30,null],\"city\":[\"Bonn\",\"Rome\"]}]",
	    "[{\"age\":{\"0\":30},\"city\":{\"0\":\"Bonn\"}},{\"city\":{\"0\":\"Rome\"}}]",
	    "[{\"age\":1,\"city\":\"x\",\"age\":30,\"city\":\"Bonn\"},{\"city\":\"Rome\"}]",
	};
	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct tensor_json t;
		struct err err;
		if (read_text(texts[i], &t, &err) < 0)
			fail_msg("%s: %s", texts[i], err.message);
		assert_true(t.table);
		assert_int_equal(t.n, 2);
		const struct tensor *age = column(&t, "age"), *city = column(&t, "city");
		check_shape(age, DTYPE_F64, 1, (int64_t[]){2});
		check_shape(city, DTYPE_STRING, 1, (int64_t[]){2});
		assert_true(((double *)age->data)[0] == 30 && isnan(((double *)age->data)[1]));
		assert_true(slice_is(((struct slice *)city->data)[1], "Rome"));
	}
}

static void a_column_that_comes_late_is_null_before(void **state)
{
	struct tensor_json t;
	struct err err;
	(void)state;
	assert_int_equal(read_text("[{\"a\":1},{\"a\":2},{\"b\":5}]", &t, &err), 0);
	const struct tensor *a = column(&t, "a"), *b = column(&t, "b");
	assert_true(((double *)a->data)[1] == 2 && isnan(((double *)a->data)[2]));
	assert_true(isnan(((double *)b->data)[0]) && ((double *)b->data)[2] == 5);
}

static void a_table_of_one_column_is_a_matrix(void **state)
{
	(void)state;
	check_shape(read_one("[{\"a\":1},{\"a\":2}]"), DTYPE_I64, 2, (int64_t[]){2, 1});
}

static void a_thousand_columns_in_any_order_are_told_apart(void **state)
{
	static char text[64000];
	struct tensor_json t;
	struct err err;
	size_t n = 1;
	(void)state;
	text[0] = '[';
	for (int row = 0; row < 2; row++) {
		text[n++] = '{';
		for (int i = 0; i < 1000; i++) {
			int c = row ? 999 - i : i;
			n += (size_t)snprintf(text + n, sizeof text - n, "%s\"c%d\":%d", i ? "," : "", c, c * 10 + row);
		}
		n += (size_t)snprintf(text + n, sizeof text - n, "}%s", row ? "]" : ",");
	}
	assert_int_equal(read_text(text, &t, &err), 0);
	assert_int_equal(t.n, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(((int64_t *)t.tensors[i].data)[1], i * 10 + 1);
}

/* Names that collide in a hash without a secret: its state after two words is zero, whatever the first was. */
static size_t colliding_names(char (*names)[17], size_t n)
{
	size_t found = 0;
	for (uint64_t i = 0; found < n; i++) {
		uint64_t word = 0, state;
		for (uint64_t k = 0, left = i; k < 8; k++, left /= 26)
			word |= ('a' + left % 26) << (8 * k);
		unsigned __int128 r = (unsigned __int128)(0xa0761d6478bd642fu ^ word) * 0xe7037ed1a0b428dbu;
		state = (uint64_t)r ^ (uint64_t)(r >> 64);
		bool printable = true;
		for (int k = 0; k < 8 && printable; k++) {
			char c = (char)(state >> (8 * k));
			printable = c > ' ' && c < 0x7f && c != '"' && c != '\\';
		}
		if (!printable)
			continue;
		memcpy(names[found], &word, 8);
		memcpy(names[found] + 8, &state, 8);
		names[found++][16] = '\0';
	}
	return found;
}

static void columns_made_to_collide_cost_no_more(void **state)
{
	enum { N = 20000 };
	char (*names)[17] = malloc(N * sizeof *names);
	struct arena big;
	struct buf text;
	struct json_pull j;
	struct tensor_json t;
	struct err err = {0};
	(void)state;
	assert_non_null(names);
	assert_int_equal(colliding_names(names, N), N);
	assert_int_equal(hash_bytes(names[0], 16, 0), hash_bytes(names[1], 16, 0));
	arena_init(&big, 0, 64 << 20);
	buf_init(&text, 4 << 20);
	for (int i = 0; i < N; i++)
		buf_printf(&text, "%s\"%s\":1", i ? "," : "[{", names[i]);
	buf_str(&text, "}]");
	clock_t began = clock();
	pull_init(&j, buf_view(&text));
	assert_int_equal(tensor_json_read(&j, "instances", NULL, &big, &t, &err), 0);
	assert_true((clock() - began) / CLOCKS_PER_SEC < 2);
	assert_int_equal(t.n, N);
	buf_release(&text);
	arena_release(&big);
	free(names);
}

static void faults_name_the_instance(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
	    {"[[1,2,3,4],[1,2,3,4],[1,2,3,4],[1,2]]", "instances[3]: 2 values where instances[0] has 4"},
	    {"[[[1],[2]],[[1]]]", "instances[1]: 1 value where instances[0] has 2"},
	    {"[[[1],[2,3]]]", "instances[0][1]: 2 values where instances[0][0] has 1"},
	    {"[[1],2]", "instances[1]: a value where others are lists"},
	    {"[1,[2]]", "instances[1]: a list where others are values"},
	    {"[[1,\"a\"]]", "instances[0][1]: a text among numbers"},
	    {"[\"a\",null]", "instances[1]: null among texts"},
	    {"[\"a\",1]", "instances[1]: a number among texts"},
	    {"[[1,2],[3,{}]]", "instances[1][1]: an object beside lists or values"},
	    {"[[[{}]]]", "instances[0][0][0]: an object"},
	    {"[[1e999]]", "instances[0][0]: a number outside of float64's range"},
	    {"[{\"a\":1},2]", "instances[1]: a value beside objects"},
	    {"[{\"a\":1},[2]]", "instances[1]: a list beside objects"},
	    {"[{}]", "instances[0]: an object without values"},
	    {"[{\"a\":1},{\"a\":\"x\"}]", "instances[1].a: a text among numbers"},
	    {"[{\"a\":\"x\"},{\"b\":1}]", "instances[1].a: nothing among texts"},
	    {"[{\"a\":[1,2],\"b\":[1]}]", "instances[0].b: not as many values as the members before it"},
	    {"[{\"a\":[[1]]}]", "instances[0].a: a list"},
	    {"[[[[[[[[[1]]]]]]]]]", "instances[0][0][0][0][0][0][0][0]: more dimensions than tensors have here"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tensor_json t;
		struct err err;
		if (read_text(rows[i].text, &t, &err) == 0)
			fail_msg("%s was read", rows[i].text);
		if (!strstr(err.message, rows[i].message))
			fail_msg("%s: \"%s\", wanted \"%s\"", rows[i].text, err.message, rows[i].message);
		assert_int_equal(err.code, ERR_INVALID);
	}
}

static const struct model_input mixed = {
    .columns = 3,
    .mixed = true,
    .kinds = (const unsigned char[]){MODEL_COLUMN_TEXT, MODEL_COLUMN_NUMBER, MODEL_COLUMN_UNREAD},
};

static void cells_are_read_as_the_model_reads_their_columns(void **state)
{
	(void)state;
	static const char *const rows[] = {
	    "[[\"a\",1,7],[\"b\",\" +.5e1 \",\"x\"],[\"c\",null,true],[\"d\",\"-Infinity\",null]]",
	    "[{\"t\":\"a\",\"n\":true,\"u\":[[]]},{\"u\":0,\"t\":\"b\",\"n\":\"5.\"},{\"t\":\"c\"},{\"t\":\"d\",\"n\":\"-inf\"}]",
	};
	for (size_t i = 0; i < 2; i++) {
		struct tensor_json t;
		struct err err;
		if (read_for(&mixed, rows[i], &t, &err) < 0)
			fail_msg("%s: %s", rows[i], err.message);
		assert_true(t.table);
		assert_int_equal(t.n, 3);
		check_shape(&t.tensors[0], DTYPE_STRING, 1, (int64_t[]){4});
		check_shape(&t.tensors[1], DTYPE_F64, 1, (int64_t[]){4});
		check_shape(&t.tensors[2], DTYPE_BOOL, 1, (int64_t[]){4});
		assert_true(slice_is(((struct slice *)t.tensors[0].data)[3], "d"));
		const double *n = t.tensors[1].data;
		assert_true(n[0] == 1 && n[1] == 5 && isnan(n[2]) && n[3] == -INFINITY);
	}
}

static void cells_that_do_not_fit_their_columns_are_named(void **state)
{
	(void)state;
	static const struct {
		const char *text, *message;
	} cases[] = {
	    {"[[\"a\",1,0],[2,1,0]]", "instances[1][0]: a number among texts"},
	    {"[[\"a\",1,0],[null,1,0]]", "instances[1][0]: null among texts"},
	    {"[{\"t\":\"a\"},{\"n\":1}]", "instances[1].t: nothing among texts"},
	    {"[[\"a\",\"1x\",0]]", "instances[0][1]: could not convert string to float: '1x'"},
	    {"[[\"a\",\"nan(1)\",0]]", "instances[0][1]: could not convert string to float: 'nan(1)'"},
	    {"[[\"a\",\"1e999\",0]]", "instances[0][1]: could not convert string to float: '1e999'"},
	    {"[[\"a\",1,0],[\"b\",1]]", "instances[1]: 2 values where instances[0] has 3"},
	    {"[[\"a\",1,0],[\"b\",1,0,0]]", "instances[1]: 4 values where instances[0] has 3"},
	    {"[[\"a\",1,0],{}]", "instances[1]: an object beside lists or values"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tensor_json t;
		struct err err;
		assert_int_equal(read_for(&mixed, cases[i].text, &t, &err), -1);
		assert_string_equal(err.message, cases[i].message);
	}
}

static void rows_of_another_width_are_a_matrix_for_the_model_to_refuse(void **state)
{
	(void)state;
	struct tensor_json t;
	struct err err;
	assert_int_equal(read_for(&mixed, "[[\"a\",1],[\"b\",null]]", &t, &err), 0);
	assert_false(t.table);
	check_shape(t.tensors, DTYPE_F64, 2, (int64_t[]){2, 2});
}

static void broken_json_is_told_by_the_reader(void **state)
{
	struct tensor_json t;
	struct err err;
	(void)state;
	assert_int_equal(read_text("[[1,2],[3", &t, &err), -1);
	assert_int_equal(err.code, ERR_MALFORMED);
	assert_int_equal(read_text("[{\"a\":1", &t, &err), -1);
	assert_int_equal(err.code, ERR_MALFORMED);
}

/* ---- writing ---- */

static const char *write_one(const struct tensor *t, bool flat, struct err *err)
{
	struct json_text text;
	err_clear(err);
	json_text_init(&text, &arena);
	if (tensor_json_write(t, "predictions", flat, &text, err) < 0)
		return NULL;
	return arena_cstr(&arena, json_text_view(&text));
}

static void tensors_of_every_type_are_written(void **state)
{
	struct slice texts[] = {SLICE_LIT("a\"b\\\n\x01\xc3\xa9"), SLICE_LIT("\xff")};
	const struct {
		enum dtype dtype;
		const void *data;
		const char *text;
	} rows[] = {
	    {DTYPE_BOOL, "\1\0", "[true,false]"},
	    {DTYPE_U8, (uint8_t[]){0, 255}, "[0,255]"},
	    {DTYPE_I8, (int8_t[]){-128, 127}, "[-128,127]"},
	    {DTYPE_U16, (uint16_t[]){0, 65535}, "[0,65535]"},
	    {DTYPE_I16, (int16_t[]){-1, 1}, "[-1,1]"},
	    {DTYPE_U32, (uint32_t[]){0, UINT32_MAX}, "[0,4294967295]"},
	    {DTYPE_I32, (int32_t[]){INT32_MIN, 5}, "[-2147483648,5]"},
	    {DTYPE_U64, (uint64_t[]){0, UINT64_MAX}, "[0,18446744073709551615]"},
	    {DTYPE_I64, (int64_t[]){INT64_MIN, 5}, "[-9223372036854775808,5]"},
	    {DTYPE_F16, (uint16_t[]){0x3c00, 0xb555}, "[1.0,-0.333251953125]"},
	    {DTYPE_BF16, (uint16_t[]){0x3f80, 0xc000}, "[1.0,-2.0]"},
	    {DTYPE_F32, (float[]){0.1F, 2}, "[0.10000000149011612,2.0]"},
	    {DTYPE_F64, (double[]){0.1, NAN}, "[0.1,null]"},
	    {DTYPE_STRING, texts, "[\"a\\\"b\\\\\\n\\u0001\xc3\xa9\",\"\xef\xbf\xbd\"]"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tensor t = {
		    .dtype = rows[i].dtype, .rank = 1, .shape = {2}, .data = (void *)(uintptr_t)rows[i].data};
		struct err err;
		const char *text = write_one(&t, false, &err);
		assert_non_null(text);
		assert_string_equal(text, rows[i].text);
	}
}

static void shapes_are_nested_lists_or_one_flat_list(void **state)
{
	struct err err;
	struct tensor t = {.dtype = DTYPE_I64, .rank = 3, .shape = {2, 1, 2}, .data = (int64_t[]){1, 2, 3, 4}};
	(void)state;
	assert_string_equal(write_one(&t, false, &err), "[[[1,2]],[[3,4]]]");
	assert_string_equal(write_one(&t, true, &err), "[1,2,3,4]");
	t.shape[0] = 0;
	assert_string_equal(write_one(&t, false, &err), "[]");
}

static void infinity_is_refused_naming_the_place_and_the_binary_form(void **state)
{
	struct err err;
	struct tensor t = {.dtype = DTYPE_F64, .rank = 2, .shape = {1, 3}, .data = (double[]){1, 2, -INFINITY}};
	(void)state;
	assert_null(write_one(&t, false, &err));
	assert_int_equal(err.code, ERR_INVALID);
	assert_non_null(strstr(err.message, "predictions: value 2 is infinite"));
	assert_non_null(strstr(err.message, "binary"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    T(lists_of_lists_are_matrices),
	    T(integers_stay_integers_until_a_fraction_comes),
	    T(null_is_nan),
	    T(truth_values_alone_are_bool_and_beside_numbers_zero_and_one),
	    T(texts_are_bytes),
	    T(deeper_lists_are_tensors_of_that_rank),
	    T(many_values_are_all_there),
	    T(objects_are_rows_of_named_columns),
	    T(a_column_that_comes_late_is_null_before),
	    T(a_table_of_one_column_is_a_matrix),
	    T(a_thousand_columns_in_any_order_are_told_apart),
	    T(columns_made_to_collide_cost_no_more),
	    T(faults_name_the_instance),
	    T(cells_are_read_as_the_model_reads_their_columns),
	    T(cells_that_do_not_fit_their_columns_are_named),
	    T(rows_of_another_width_are_a_matrix_for_the_model_to_refuse),
	    T(broken_json_is_told_by_the_reader),
	    T(tensors_of_every_type_are_written),
	    T(shapes_are_nested_lists_or_one_flat_list),
	    T(infinity_is_refused_naming_the_place_and_the_binary_form),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
