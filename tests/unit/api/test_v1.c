/* The V1 protocol over real sockets, with a fake engine: texts, codes, hosts, paths, token, elements, offloading. */
#include "inference_peer.h"

static const char iris[] = "/v1/models/iris:predict";

static void predictions_keep_the_kind_of_the_result(void **state)
{
	(void)state;
	publish("", "iris", NULL, fake_model(-1, false), false);
	check(iris, "{\"instances\":[[1,2],[3,4]]}", 200, "{\"predictions\":[3,7]}");
	check(iris, "{\"instances\":[[1.5,2]]}", 200, "{\"predictions\":[3.5]}");
	check(iris, "{\"inputs\":[[1,2]]}", 200, "{\"predictions\":[3]}");
	check(iris, " {\"x\":{\"y\":[1]},\"instances\":[1,2],\"parameters\":null} ", 200, "{\"predictions\":[1,2]}");
	check(iris, "{\"instances\":[{\"a\":1,\"b\":2},{\"b\":5,\"a\":1}]}", 200, "{\"predictions\":[3,6]}");
	check(iris, "{\"instances\":[[null,1]]}", 200, "{\"predictions\":[null]}");
	assert_non_null(strcasestr(answer.ptr, "\r\ncontent-type: application/json\r\n"));
}

static void inputs_win_and_the_last_of_equal_keys_wins(void **state)
{
	(void)state;
	publish("", "iris", NULL, fake_model(-1, false), false);
	check(iris, "{\"inputs\":[[9]],\"instances\":[[1]]}", 200, "{\"predictions\":[9]}");
	check(iris, "{\"instances\":[[1],[2,3]],\"inputs\":[[9]]}", 200, "{\"predictions\":[9]}");
	check(iris, "{\"instances\":[[1]],\"instances\":[[2]]}", 200, "{\"predictions\":[2]}");
	check(iris, "{\"instances\":[[1],2],\"instances\":[[2]]}", 200, "{\"predictions\":[2]}");
}

static void the_content_type_does_not_matter(void **state)
{
	(void)state;
	publish("", "iris", NULL, fake_model(-1, false), false);
	static const char *const types[] = {"", "Content-Type: application/x-www-form-urlencoded\r\n",
					    "Content-Type: text/plain\r\n",
					    "Content-Type: application/octet-stream\r\n"};
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(ask("POST", iris, types[i], "{\"instances\":[[1]]}"), 200);
		assert_string_equal(body(), "{\"predictions\":[1]}");
	}
}

static void bad_requests_are_told_in_kserves_words(void **state)
{
	(void)state;
	publish("", "iris", NULL, fake_model(4, false), false);
	check(iris, "", 400, "{\"error\":\"Unrecognized request format: Expecting value: line 1 column 1 (char 0)\"}");
	check(iris, "{\"instances\":[[1,2,3,4]", 400,
	      "{\"error\":\"Unrecognized request format: Expecting ',' delimiter: line 1 column 24 (char 23)\"}");
	check(iris, "{}", 400, "{\"error\":\"Expected \\\"instances\\\" or \\\"inputs\\\" to be a list\"}");
	check(iris, "[]", 400, "{\"error\":\"Expected \\\"instances\\\" or \\\"inputs\\\" to be a list\"}");
	check(iris, "{\"instances\":5}", 400,
	      "{\"error\":\"Expected \\\"instances\\\" or \\\"inputs\\\" to be a list\"}");
	check(iris, "{\"instances\":[]}", 400,
	      "{\"error\":\"\\\"instances\\\" is empty: at least one instance is needed\"}");
	check(iris, "{\"instances\":[[1,2,3,4],[1,2]]}", 400,
	      "{\"error\":\"instances[1]: 2 values where instances[0] has 4\"}");
	check(iris, "{\"instances\":[[1,2,3]]}", 400,
	      "{\"error\":\"instances[0]: X has 3 features, but FakeModel is expecting 4 features as input.\"}");
	check("/v1/models/rose:predict", "{}", 404, "{\"error\":\"Model with name rose does not exist.\"}");
	check("/v1/models/iris:explain", "{}", 501, "{\"error\":\"Model iris has no explainer.\"}");
	check("/v1/nothing", "{}", 404, "{\"error\":\"Not Found\"}");
	assert_int_equal(ask("GET", "/v1/models/iris:predict", "", NULL), 404);
	assert_int_equal(ask("DELETE", "/v1/models/iris:predict", "", NULL), 405);
	assert_string_equal(body(), "{\"error\":\"Method Not Allowed\"}");
}

static void a_body_over_the_limit_is_413(void **state)
{
	char headers[64];
	(void)state;
	publish("", "iris", NULL, fake_model(4, false), false);
	(void)snprintf(headers, sizeof headers, "Content-Length: %lld\r\n", (long long)limits.inference_body_bytes + 1);
	assert_int_equal(ask("POST", iris, headers, NULL), 413);
	assert_non_null(strstr(body(), "{\"error\":"));
}

static void what_is_there_is_listed(void **state)
{
	struct err err = {0};
	struct endpoint_spec spec = {.namespace_ = "", .name = "broken"};
	(void)state;
	publish("", "iris", NULL, fake_model(4, false), false);
	assert_int_equal(serving_unready(serving, &spec, "the file is empty", &err), 0);
	assert_int_equal(ask("GET", "/", "", NULL), 200);
	assert_string_equal(body(), "{\"status\":\"alive\"}");
	assert_int_equal(ask("GET", "/v1/models", "", NULL), 200);
	assert_string_equal(body(), "{\"models\":[\"broken\",\"iris\"]}");
	assert_int_equal(ask("GET", "/v1/models/iris", "", NULL), 200);
	assert_string_equal(body(), "{\"name\":\"iris\",\"ready\":true}");
	assert_int_equal(ask("GET", "/v1/models/broken", "", NULL), 503);
	assert_string_equal(body(), "{\"error\":\"Model with name broken is not ready. the file is empty\"}");
	assert_int_equal(ask("POST", "/v1/models/broken:predict", "", "{}"), 503);
	assert_int_equal(ask("GET", "/v1/models/rose", "", NULL), 404);
	assert_int_equal(ask("GET", "/v1/models/%69ris", "", NULL), 200);
}

static void the_gateway_goes_by_host(void **state)
{
	(void)state;
	publish("ns", "m", "m.ns.example.com", fake_model(-1, false), false);
	publish("other", "m", "m.other.example.com", fake_model(-1, true), false);
	const char one[] = "{\"instances\":[5]}";
	assert_int_equal(ask("POST", "/v1/models/m:predict", "Host: M.ns.Example.com:30300\r\n", one), 200);
	assert_string_equal(body(), "{\"predictions\":[5]}");
	assert_int_equal(ask("POST", "/v1/models/m:predict", "Host: m.other.example.com\r\n", one), 400);
	assert_int_equal(ask("POST", "/v1/models/n:predict", "Host: m.ns.example.com\r\n", one), 404);
	assert_string_equal(body(), "{\"error\":\"Model with name n does not exist.\"}");
	assert_int_equal(ask("POST", "/v1/models/m:predict", "Host: nobody.example.com\r\n", one), 404);
	assert_string_equal(body(), "");
	assert_int_equal(ask("GET", "/v1/models", "Host: nobody.example.com\r\n", NULL), 404);
	assert_string_equal(body(), "");
	assert_int_equal(ask("GET", "/v1/models", "Host: m.ns.example.com\r\n", NULL), 200);
	assert_string_equal(body(), "{\"models\":[\"m\"]}");
}

static void paths_and_addresses_need_no_host(void **state)
{
	(void)state;
	publish("ns", "m", "m.ns.example.com", fake_model(-1, false), false);
	publish("other", "m", "m.other.example.com", fake_model(-1, true), false);
	publish("ns", "only", NULL, fake_model(-1, false), false);
	const char one[] = "{\"instances\":[5]}";
	assert_int_equal(ask("POST", "/serving/ns/m/v1/models/m:predict", "Host: any.where\r\n", one), 200);
	assert_int_equal(ask("POST", "/serving/other/m/v1/models/m:predict", "Host: any.where\r\n", one), 400);
	assert_int_equal(ask("POST", "/serving/ns/m/v1/models/only:predict", "", one), 404);
	assert_int_equal(ask("GET", "/serving/ns/m/v1/models", "", NULL), 200);
	assert_string_equal(body(), "{\"models\":[\"m\"]}");
	assert_int_equal(ask("GET", "/serving/ns/m/v1/models/m", "", NULL), 200);
	assert_int_equal(ask("POST", "/v1/models/only:predict", "Host: 127.0.0.1:8080\r\n", one), 200);
	assert_int_equal(ask("POST", "/v1/models/m:predict", "Host: 127.0.0.1:8080\r\n", one), 400);
	assert_non_null(strstr(body(), "several namespaces"));
}

static void a_token_is_asked_for_when_there_is_one(void **state)
{
	(void)state;
	publish("", "iris", NULL, fake_model(-1, false), false);
	const char one[] = "{\"instances\":[5]}";
	assert_int_equal(ask("POST", iris, "", one), 401);
	assert_non_null(strcasestr(answer.ptr, "\r\nwww-authenticate: Bearer\r\n"));
	assert_int_equal(ask("POST", iris, "Authorization: Bearer wrong\r\n", one), 401);
	assert_int_equal(ask("POST", iris, "Authorization: Bearer s3cre\r\n", one), 401);
	assert_int_equal(ask("POST", iris, "Authorization: Bearer s3crets3cret\r\n", one), 401);
	assert_int_equal(ask("POST", iris, "Authorization: Bearer s3cret\r\n", one), 200);
	assert_int_equal(ask("POST", iris, "authorization: bearer s3cret\r\n", one), 200);
	assert_int_equal(ask("GET", "/v1/models", "", NULL), 401);
	assert_int_equal(ask("GET", "/", "", NULL), 200);
}

/* As seed 004's transformer: each element alone, dense, flattened to one row; all rows at once. */
static void elements_are_rows_when_a_transformer_is_in_front(void **state)
{
	struct err err = {0};
	struct model *fused = fake_model(-1, true), *transformer = fake_model(-1, true),
		     *predictor = fake_model(3, false);
	struct endpoint_spec spec = {
	    .name = "t", .model = fused, .element_rows = true, .transformer = transformer, .predictor = predictor};
	(void)state;
	transformer->width = 3;
	assert_int_equal(serving_publish(serving, &spec, &err), 0);
	model_unref(fused);
	model_unref(transformer);
	model_unref(predictor);
	const char path[] = "/v1/models/t:predict";
	check(path, "{\"instances\":[[\"four\"],[\"sixsix\"]]}", 200, "{\"predictions\":[4,6]}");
	check(path, "{\"instances\":[[\"one\",\"two\"]]}", 400,
	      "{\"error\":\"instances[0]: X has 6 features, but FakeModel is expecting 3 features as input.\"}");
	check(path, "{\"instances\":[[\"one\"],[\"one\",\"two\"]]}", 400,
	      "{\"error\":\"instances[1]: 2 values where instances[0] has 1\"}");
	check(path, "{\"instances\":[\"one\"]}", 400,
	      "{\"error\":\"instances[0]: Iterable over raw text documents expected, string object received.\"}");
	predictor->input.columns = 6;
	check(path, "{\"instances\":[[\"a\",\"bb\"],[\"ccc\",\"dddd\"]]}", 200, "{\"predictions\":[9.0,21.0]}");
}

static void heavy_plans_and_long_bodies_leave_the_loop(void **state)
{
	(void)state;
	struct model *m = publish("", "iris", NULL, fake_model(-1, false), false);
	m->cost_ns = 2000000;
	check(iris, "{\"instances\":[[1,2]]}", 200, "{\"predictions\":[3]}");
	m->cost_ns = 1;
	struct buf b;
	buf_init(&b, 8 << 20);
	buf_str(&b, "{\"instances\":[[");
	for (int i = 0; i < 200000; i++)
		buf_str(&b, i ? ",1" : "1");
	buf_str(&b, "]]}");
	check(iris, b.ptr, 200, "{\"predictions\":[200000]}");
	buf_release(&b);
}

static void times_are_counted_for_the_model_s_name(void **state)
{
	struct buf text;
	(void)state;
	publish("", "counted", NULL, fake_model(-1, false), false);
	for (int i = 0; i < 3; i++)
		check("/v1/models/counted:predict", "{\"instances\":[[1,2]]}", 200, "{\"predictions\":[3]}");
	buf_init(&text, 1 << 20);
	metric_write(&text);
	assert_non_null(strstr(text.ptr, "request_preprocess_seconds_count{model_name=\"counted\"} 3\n"));
	assert_non_null(strstr(text.ptr, "request_predict_seconds_count{model_name=\"counted\"} 3\n"));
	assert_non_null(strstr(text.ptr, "request_postprocess_seconds_count{model_name=\"counted\"} 3\n"));
	assert_non_null(strstr(text.ptr, "request_explain_seconds_count{model_name=\"counted\"} 0\n"));
	serving_remove(serving, "", "counted");
	buf_reset(&text);
	metric_write(&text);
	assert_null(strstr(text.ptr, "counted"));
	buf_release(&text);
}

static void requests_on_one_connection_are_answered_in_order(void **state)
{
	(void)state;
	publish("", "iris", NULL, fake_model(-1, false), false);
	int fd = peer_connect(&server, "inference");
	for (int i = 0; i < 20; i++)
		peer_say(fd, "POST /v1/models/iris:predict HTTP/1.1\r\nHost: a\r\nContent-Length: "
			     "19\r\n\r\n{\"instances\":[[1]]}");
	for (int i = 0; i < 20; i++) {
		assert_int_equal(peer_read_one(fd, &answer), 200);
		assert_string_equal(body(), "{\"predictions\":[1]}");
	}
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define S(name) cmocka_unit_test_setup_teardown(name, setup_server, teardown)
#define G(name) cmocka_unit_test_setup_teardown(name, setup_gateway, teardown)
	    S(predictions_keep_the_kind_of_the_result),
	    S(inputs_win_and_the_last_of_equal_keys_wins),
	    S(the_content_type_does_not_matter),
	    S(bad_requests_are_told_in_kserves_words),
	    S(a_body_over_the_limit_is_413),
	    S(what_is_there_is_listed),
	    G(the_gateway_goes_by_host),
	    G(paths_and_addresses_need_no_host),
	    cmocka_unit_test_setup_teardown(a_token_is_asked_for_when_there_is_one, setup_token, teardown),
	    S(elements_are_rows_when_a_transformer_is_in_front),
	    S(heavy_plans_and_long_bodies_leave_the_loop),
	    S(times_are_counted_for_the_model_s_name),
	    S(requests_on_one_connection_are_answered_in_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
