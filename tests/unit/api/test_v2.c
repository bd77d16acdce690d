/* The Open Inference Protocol V2 over real sockets, with a fake engine: JSON and binary tensors, outputs, tables, texts. */
#include "inference_peer.h"

static const char infer[] = "/v2/models/m/infer";

/* The answer without its id, which is the request's own. */
static const char *outputs(void)
{
	const char *at = strstr(body(), "\"outputs\":");
	return at ? at : body();
}

static void check_infer(const char *request, int status, const char *want)
{
	int got = ask("POST", infer, "", request);
	if (got != status || !strstr(body(), want))
		fail_msg("%s: %d %s, wanted %d %s", request, got, body(), status, want);
}

#define X(shape, datatype, data)                                                                                       \
	"{\"inputs\":[{\"name\":\"x\",\"shape\":" shape ",\"datatype\":\"" datatype "\",\"data\":" data "}]}"

static void every_datatype_is_read(void **state)
{
	static const char *const types[] = {"UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64"};
	char request[256];
	(void)state;
	publish("", "m", NULL, fake_model(2, false), false);
	for (size_t i = 0; i < 8; i++) {
		(void)snprintf(request, sizeof request, X("[2,2]", "%s", "[[1,2],[3,4.0]]"), types[i]);
		check_infer(request, 200,
			    "\"outputs\":[{\"name\":\"output-0\",\"shape\":[2],\"datatype\":\"INT64\",\"data\":[3,7]}]}");
	}
	check_infer(X("[1,2]", "FP64", "[1.5,null]"), 200, "\"datatype\":\"FP64\",\"data\":[null]}");
	check_infer(X("[1,2]", "FP32", "[[0.5],[1]]"), 200, "\"datatype\":\"FP64\",\"data\":[1.5]}");
	check_infer(X("[1,2]", "BOOL", "[true,1]"), 200, "\"data\":[2]}");
	assert_int_equal(ask("POST", infer, "", X("[1,2]", "INT64", "[1,2]")), 200);
	assert_string_equal(outputs(), "\"outputs\":[{\"name\":\"output-0\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[3]}]}");
	assert_non_null(strstr(body(), "{\"model_name\":\"m\",\"id\":\""));
}

static void keys_come_in_any_order_and_ids_are_echoed(void **state)
{
	(void)state;
	publish("", "m", NULL, fake_model(2, false), false);
	check_infer("{\"x\":[{}],\"inputs\":[{\"data\":[1,2],\"parameters\":null,\"datatype\":\"INT32\",\"shape\":[1,2],\"name\":"
		    "\"any\"}],\"outputs\":null,\"id\":\"a\\\"b\",\"parameters\":{\"k\":1}}",
		    200, "{\"model_name\":\"m\",\"id\":\"a\\\"b\",\"outputs\":[");
}

static void outputs_are_methods(void **state)
{
	(void)state;
	publish("", "m", NULL, fake_model(2, false), false);
	check_infer("{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"INT64\",\"data\":[1,2]}],"
		    "\"outputs\":[{\"name\":\"predict_proba\"},{\"name\":\"predict\",\"parameters\":{}},{\"name\":\"output-0\"}]}",
		    200,
		    "\"outputs\":[{\"name\":\"predict_proba\",\"shape\":[1,2],\"datatype\":\"FP64\",\"data\":[3.0,-2.0]},"
		    "{\"name\":\"predict\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[3]},"
		    "{\"name\":\"output-0\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[3]}]}");
	check_infer("{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"INT64\",\"data\":[1,2]}],"
		    "\"outputs\":[{\"name\":\"guess\"}]}",
		    400, "there is no output 'guess'; this model has output-0, predict, predict_proba");
}

static void each_element_of_a_bytes_input_is_one_text(void **state)
{
	(void)state;
	publish("", "m", NULL, fake_model(-1, true), true);
	check_infer(X("[2]", "BYTES", "[\"four\",\"sixsix\"]"), 200, "\"shape\":[2],\"datatype\":\"INT64\",\"data\":[4,6]}");
	check_infer(X("[2,1]", "BYTES", "[[\"four\"],[\"sixsix\"]]"), 200, "\"data\":[4,6]}");
	check_infer(X("[1,2]", "BYTES", "[\"four\",\"\\u00e9\"]"), 200, "\"shape\":[2],\"datatype\":\"INT64\",\"data\":[4,2]}");
}

static void several_inputs_are_the_columns_of_a_table(void **state)
{
	(void)state;
	publish("", "m", NULL, fake_model(-1, false), false);
	const char age[] = "{\"name\":\"age\",\"shape\":[2],\"datatype\":\"INT64\",\"data\":[1,2]}";
	const char city[] = "{\"name\":\"city\",\"shape\":[2,1],\"datatype\":\"BYTES\",\"data\":[\"Bonn\",\"Oslo-\"]}";
	char request[512];
	(void)snprintf(request, sizeof request, "{\"parameters\":{\"content_type\":\"pd\"},\"inputs\":[%s,%s]}", age, city);
	check_infer(request, 200, "\"data\":[5,7]}");
	check_infer("{\"inputs\":[{\"name\":\"a\",\"shape\":[2],\"datatype\":\"INT64\",\"data\":[1,2]},"
		    "{\"name\":\"b\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[1]}]}",
		    400, "input 'b' has 1 rows where 'a' has 2");
	check_infer("{\"inputs\":[{\"name\":\"a\",\"shape\":[1,2],\"datatype\":\"INT64\",\"data\":[1,2]},"
		    "{\"name\":\"b\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[1]}]}",
		    400, "input 'a' is no column");
}

static void bad_requests_name_the_input(void **state)
{
	static const struct {
		const char *request, *text;
	} rows[] = {
	    {"", "Unrecognized request format: Expecting value: line 1 column 1 (char 0)"},
	    {"[]", "the request is not an object"},
	    {"{}", "the request has no inputs"},
	    {"{\"inputs\":[]}", "the request has no inputs"},
	    {"{\"inputs\":5}", "\\\"inputs\\\" is not a list"},
	    {"{\"inputs\":[5]}", "an input is not an object"},
	    {"{\"inputs\":[{\"name\":\"x\"}]}", "input 'x' has no shape"},
	    {"{\"inputs\":[{\"shape\":[1],\"datatype\":\"FP64\",\"data\":[1]}]}", "input '' has no name"},
	    {"{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"data\":[1]}]}", "input 'x' has no datatype"},
	    {"{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP64\"}]}", "input 'x' has no data"},
	    {X("[1,2]", "FP65", "[1,2]"), "there is no datatype 'FP65'"},
	    {X("[1,-2]", "FP64", "[1,2]"), "a dimension of shape is not a whole number from 0 on"},
	    {X("[1,1,1,1,1,1,1,1,1]", "FP64", "[1]"), "a shape of more than 8 dimensions"},
	    {X("[4294967296,4294967296]", "FP64", "[1]"), "shape is larger than any tensor"},
	    {X("[1,1000000]", "FP64", "[1,2]"), "input 'x' does not have the 1000000 values of its shape"},
	    {X("[1,2]", "FP64", "[1,2,3]"), "input 'x' has more than the 2 values of its shape"},
	    {X("[1,2]", "FP64", "[1]"), "input 'x' has 1 of the 2 values of its shape"},
	    {X("[1,2]", "FP64", "1"), "data of input 'x' is not a list"},
	    {X("[1,2]", "FP64", "[1,\"a\"]"), "value 1 is a text, which FP64 cannot hold"},
	    {X("[1,2]", "INT8", "[1,128]"), "input 'x': value 1 is out of range, which INT8 cannot hold"},
	    {X("[1,2]", "UINT64", "[1,-1]"), "value 1 is out of range, which UINT64 cannot hold"},
	    {X("[1,2]", "INT64", "[1,1.5]"), "value 1 is no integer, which INT64 cannot hold"},
	    {X("[1,2]", "INT64", "[1,null]"), "value 1 is null, which INT64 cannot hold"},
	    {X("[1,2]", "FP32", "[1,1e39]"), "value 1 is out of range, which FP32 cannot hold"},
	    {X("[1,2]", "FP64", "[1,1e999]"), "value 1 is out of range, which FP64 cannot hold"},
	    {X("[1,2]", "BOOL", "[true,2]"), "value 1 is a number other than 0 and 1, which BOOL cannot hold"},
	    {X("[1,2]", "BYTES", "[1,2]"), "value 0 is a number, which BYTES cannot hold"},
	    {X("[1,2]", "FP16", "[1,2]"), "FP16 cannot be sent as JSON, only as binary data"},
	    {X("[1,3]", "FP64", "[1,2,3]"), "X has 3 features, but FakeModel is expecting 2 features as input."},
	    {"{\"inputs\":[{\"name\":\"x\",\"shape\":[4611686018427387904,0],\"datatype\":\"FP64\",\"data\":[]}],"
	     "\"outputs\":[{\"name\":\"predict\"},{\"name\":\"predict\"},{\"name\":\"predict\"},{\"name\":\"predict\"}]}",
	     "X has 0 features"},
	    {X("[]", "FP64", "[1]"), "the input's shape has no dimension of rows"},
	    {"{\"id\":5,\"inputs\":[]}", "id is not a string"},
	    {"{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP64\",\"parameters\":{\"binary_data_size\":16}}]}",
	     "input 'x': 16 bytes of binary data are missing"},
	};
	(void)state;
	publish("", "m", NULL, fake_model(2, false), false);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_infer(rows[i].request, 400, rows[i].text);
}

/* ---- binary ---- */

static int ask_binary(const char *json, const void *data, size_t n)
{
	struct buf b;
	char headers[128];
	buf_init(&b, 1 << 20);
	buf_str(&b, json);
	buf_append(&b, data, n);
	(void)snprintf(headers, sizeof headers, "Inference-Header-Content-Length: %zu\r\n", strlen(json));
	int status = ask_bytes("POST", infer, headers, buf_view(&b));
	buf_release(&b);
	return status;
}

static void binary_tensors_go_in_and_out(void **state)
{
	(void)state;
	publish("", "m", NULL, fake_model(2, false), false);
	const double x[] = {1.5, 2, 3, 4};
	/* an odd length of the JSON part leaves the data unaligned */
	const char *const requests[] = {
	    "{\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"FP64\",\"parameters\":{\"binary_data_size\":32}}],"
	    "\"outputs\":[{\"name\":\"output-0\",\"parameters\":{\"binary_data\":true}}]}",
	    "{\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"FP64\",\"parameters\":{\"binary_data_size\":32}}],"
	    "\"parameters\":{\"binary_data_output\":true}}  ",
	};
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(ask_binary(requests[i], x, sizeof x), 200);
		const char *field = strcasestr(answer.ptr, "\r\nInference-Header-Content-Length: ");
		assert_non_null(field);
		size_t json = strtoul(field + 35, NULL, 10);
		struct slice all = peer_body(&answer);
		assert_int_equal(all.len, json + 16);
		assert_non_null(memmem(all.ptr, json, "\"shape\":[2],\"datatype\":\"FP64\",\"parameters\":{\"binary_data_size\":16}}]}", 66));
		double got[2];
		memcpy(got, all.ptr + json, sizeof got);
		assert_true(got[0] == 3.5 && got[1] == 7);
		assert_non_null(strcasestr(answer.ptr, "content-type: application/octet-stream\r\n"));
	}
	assert_int_equal(ask_binary("{\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"FP64\",\"parameters\":"
				    "{\"binary_data_size\":24}}]}", x, 24), 400);
	assert_non_null(strstr(body(), "24 bytes are not what its shape and datatype need"));
	assert_int_equal(ask_binary("{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP64\",\"parameters\":"
				    "{\"binary_data_size\":16}}]}", x, 32), 400);
	assert_non_null(strstr(body(), "16 bytes of binary data belong to no input"));
	assert_int_equal(ask("POST", infer, "Inference-Header-Content-Length: 100\r\n", "{}"), 400);
	assert_int_equal(ask("POST", infer, "Inference-Header-Content-Length: x\r\n", "{}"), 400);
}

static void binary_texts_carry_their_lengths(void **state)
{
	(void)state;
	publish("", "m", NULL, fake_model(-1, true), false);
	const char json[] = "{\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"BYTES\",\"parameters\":{\"binary_data_size\":13}}]}";
	assert_int_equal(ask_binary(json, "\4\0\0\0four\1\0\0\0a", 13), 200);
	assert_non_null(strstr(body(), "\"data\":[4,1]"));
	assert_int_equal(ask_binary(json, "\4\0\0\0four\2\0\0\0a", 13), 400);
	assert_int_equal(ask_binary(json, "\3\0\0\0four\1\0\0\0a", 13), 400);
	assert_int_equal(ask_binary(json, "\4\0\0\0fo\xff\xff\1\0\0\0a", 13), 400);
	assert_non_null(strstr(body(), "is not UTF-8"));
}

/* ---- what is there ---- */

static void health_metadata_and_the_index(void **state)
{
	struct err err = {0};
	struct endpoint_spec pending = {.name = "pending"}, broken = {.name = "broken"};
	(void)state;
	publish("", "m", NULL, fake_model(2, false), false);
	assert_int_equal(ask("GET", "/v2/health/live", "", NULL), 200);
	assert_string_equal(body(), "{\"live\":true}");
	assert_int_equal(ask("GET", "/v2/health/ready", "", NULL), 200);
	assert_string_equal(body(), "{\"ready\":true}");
	assert_int_equal(ask("GET", "/v2/models/m", "", NULL), 200);
	assert_string_equal(body(), "{\"name\":\"m\",\"versions\":[],\"platform\":\"fake\",\"inputs\":[{\"name\":\"input-0\","
				    "\"datatype\":\"FP64\",\"shape\":[-1,2]}],\"outputs\":[{\"name\":\"output-0\",\"datatype\":\"FP64\","
				    "\"shape\":[-1]},{\"name\":\"predict\",\"datatype\":\"FP64\",\"shape\":[-1]},"
				    "{\"name\":\"predict_proba\",\"datatype\":\"FP64\",\"shape\":[-1,2]}]}");
	assert_int_equal(ask("GET", "/v2/models/m/ready", "", NULL), 200);
	assert_string_equal(body(), "{\"name\":\"m\",\"ready\":true}");
	assert_int_equal(ask("GET", "/v2/models/m/versions/7/ready", "", NULL), 404);
	assert_int_equal(ask("GET", "/v2/models/n", "", NULL), 404);
	assert_int_equal(serving_unready(serving, &broken, "the file is empty", &err), 0);
	assert_int_equal(ask("GET", "/v2/health/ready", "", NULL), 200);
	assert_int_equal(ask("GET", "/v2/models/broken/ready", "", NULL), 503);
	assert_int_equal(serving_unready(serving, &pending, NULL, &err), 0);
	assert_int_equal(ask("GET", "/v2/health/ready", "", NULL), 503);
	assert_int_equal(ask("POST", "/v2/repository/index", "", "{}"), 200);
	assert_string_equal(body(), "[{\"name\":\"broken\",\"state\":\"UNAVAILABLE\",\"reason\":\"the file is empty\"},"
				    "{\"name\":\"m\",\"state\":\"READY\",\"reason\":\"\"},"
				    "{\"name\":\"pending\",\"state\":\"LOADING\",\"reason\":\"\"}]");
	assert_int_equal(ask("GET", "/v2/models", "", NULL), 200);
	assert_string_equal(body(), "{\"models\":[\"broken\",\"m\",\"pending\"]}");
	assert_int_equal(ask("POST", "/v2/repository/models/m/unload", "", ""), 501);
	assert_int_equal(ask("GET", "/v2", "", NULL), 200);
	assert_non_null(strstr(body(), "\"extensions\":["));
}

static void a_version_is_part_of_the_address(void **state)
{
	struct err err = {0};
	struct model *m = fake_model(2, false);
	struct endpoint_spec spec = {.name = "m", .revision = "3", .model = m};
	(void)state;
	assert_int_equal(serving_publish(serving, &spec, &err), 0);
	model_unref(m);
	assert_int_equal(ask("POST", "/v2/models/m/versions/3/infer", "", X("[1,2]", "INT64", "[1,2]")), 200);
	assert_non_null(strstr(body(), "\"model_version\":\"3\""));
	assert_int_equal(ask("POST", "/v2/models/m/versions/4/infer", "", X("[1,2]", "INT64", "[1,2]")), 404);
	assert_string_equal(body(), "{\"error\":\"Model with name m and version 4 does not exist.\"}");
}

static void the_gateway_goes_by_host_and_path(void **state)
{
	(void)state;
	publish("ns", "m", "m.ns.example.com", fake_model(2, false), false);
	publish("other", "m", NULL, fake_model(3, false), false);
	const char request[] = X("[1,2]", "INT64", "[1,2]");
	assert_int_equal(ask("POST", infer, "Host: m.ns.example.com\r\n", request), 200);
	assert_int_equal(ask("POST", infer, "Host: x.ns.example.com\r\n", request), 404);
	assert_string_equal(body(), "");
	assert_int_equal(ask("GET", "/v2/health/ready", "Host: x.ns.example.com\r\n", NULL), 404);
	assert_int_equal(ask("POST", "/serving/ns/m/v2/models/m/infer", "Host: any\r\n", request), 200);
	assert_int_equal(ask("POST", "/serving/other/m/v2/models/m/infer", "Host: any\r\n", request), 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define S(name) cmocka_unit_test_setup_teardown(name, setup_server, teardown)
	    S(every_datatype_is_read),
	    S(keys_come_in_any_order_and_ids_are_echoed),
	    S(outputs_are_methods),
	    S(each_element_of_a_bytes_input_is_one_text),
	    S(several_inputs_are_the_columns_of_a_table),
	    S(bad_requests_name_the_input),
	    S(binary_tensors_go_in_and_out),
	    S(binary_texts_carry_their_lengths),
	    S(health_metadata_and_the_index),
	    S(a_version_is_part_of_the_address),
	    cmocka_unit_test_setup_teardown(the_gateway_goes_by_host_and_path, setup_gateway, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
