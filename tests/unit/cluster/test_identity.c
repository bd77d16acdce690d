/* Tests of identity and of the event recorder. */
#include "fixture.h"

#include "cluster/event.h"
#include "codec/base64.h"
#include "crypto/jwt.h"

static struct identity *identity(struct fixture *f, const char *dir)
{
	struct identity_options o = { .pki_dir = dir, .cluster = f->c, .clock = &stopped_clock };
	struct identity *id = NULL;
	ok(identity_new(&o, &id, err));
	return id;
}

static void the_admin_token_is_made_once(void **state)
{
	struct fixture *f = *state;
	char dir[160], path[200];
	struct stat st;
	struct user u;
	snprintf(dir, sizeof dir, "%s/pki", f->dir);
	struct identity *id = identity(f, dir);
	char token[100];
	snprintf(token, sizeof token, "%s", identity_admin_token(id));
	ok(identity_token(id, slice_str(token), NULL, &u, err));
	assert_string_equal(u.name, "kubernetes-admin");
	assert_string_equal(u.groups[0], "system:masters");
	assert_true(u.authenticated);
	token[3] = token[3] == 'a' ? 'b' : 'a';
	struct err why = { 0 };
	assert_int_equal(identity_token(id, slice_str(token), NULL, &u, &why), -1);
	assert_int_equal(why.code, ERR_UNAUTHENTICATED);
	snprintf(token, sizeof token, "%s", identity_admin_token(id));
	identity_free(id);
	id = identity(f, dir);
	assert_string_equal(identity_admin_token(id), token);
	identity_free(id);
	snprintf(path, sizeof path, "%s/admin.token", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	snprintf(path, sizeof path, "%s/sa.key", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_service_account_is_known_by_its_token(void **state)
{
	struct fixture *f = *state;
	struct identity *id = identity(f, NULL);
	struct user u;
	char *token = NULL;
	int64_t expires_s = 0;
	struct err why = { 0 };
	json_t *account = make(f, &account_kind, "default", "robot");
	ok(cluster_kind_add(f->c, &account_kind, err));
	ok(identity_token_make(id, "default", "robot", NULL, 0, 0, &token, &expires_s, err));
	assert_int_equal(expires_s, atomic_load(&now_ns) / 1000000000 + 3600);
	ok(identity_token(id, slice_str(token), NULL, &u, err));
	assert_string_equal(u.name, "system:serviceaccount:default:robot");
	assert_string_equal(u.uid, str(account, "metadata.uid"));
	assert_string_equal(u.groups[1], "system:serviceaccounts:default");
	json_t *info = user_info(&u);
	assert_string_equal(str(info, "username"), u.name);
	json_decref(info);
	assert_int_equal(identity_token(id, slice_str(token), "other", &u, &why), -1);
	/* Another key's token, and one that was cut, do not hold. */
	struct identity *other = identity(f, NULL);
	assert_int_equal(identity_token(other, slice_str(token), NULL, &u, &why), -1);
	identity_free(other);
	for (size_t n = 0; n < strlen(token); n += 7)
		assert_int_equal(identity_token(id, slice_of(token, n), NULL, &u, &why), -1);
	/* The account was made anew: the token is the old one's. */
	erase(f, &account_kind, "default", "robot");
	assert_int_equal(identity_token(id, slice_str(token), NULL, &u, &why), -1);
	json_decref(make(f, &account_kind, "default", "robot"));
	assert_int_equal(identity_token(id, slice_str(token), NULL, &u, &why), -1);
	free(token);
	const char *const audiences[] = { "mine" };
	ok(identity_token_make(id, "default", "robot", audiences, 1, 600, &token, &expires_s, err));
	ok(identity_token(id, slice_str(token), "mine", &u, err));
	assert_int_equal(identity_token(id, slice_str(token), NULL, &u, &why), -1);
	atomic_fetch_add(&now_ns, (long long)601 * 1000000000);
	assert_int_equal(identity_token(id, slice_str(token), "mine", &u, &why), -1);
	free(token);
	refused(identity_token_make(id, "default", "nobody", NULL, 0, 0, &token, &expires_s, err), ERR_NOT_FOUND,
		"serviceaccounts \"nobody\" not found");
	identity_free(id);
	json_decref(account);
}

static void other_algorithms_are_refused(void **state)
{
	(void)state;
	struct jwt_key *k = NULL;
	char *token = NULL, forged[2048];
	json_t *claims = json_pack("{s:s}", "sub", "x"), *found = NULL;
	struct err why = { 0 };
	assert_int_equal(jwt_key_open(NULL, &k, &why), 0);
	assert_int_equal(jwt_sign(k, claims, &token, &why), 0);
	assert_int_equal(jwt_verify(k, slice_str(token), &found, &why), 0);
	assert_true(json_equal(claims, found));
	json_decref(found);
	/* {"alg":"none"} and {"alg":"HS256"} over the same claims */
	const char *rest = strchr(token, '.');
	snprintf(forged, sizeof forged, "eyJhbGciOiJub25lIn0%s", rest);
	assert_int_equal(jwt_verify(k, slice_str(forged), &found, &why), -1);
	snprintf(forged, sizeof forged, "eyJhbGciOiJIUzI1NiJ9%s", rest);
	assert_int_equal(jwt_verify(k, slice_str(forged), &found, &why), -1);
	snprintf(forged, sizeof forged, "%.*s.", (int)(strrchr(token, '.') - token), token);
	assert_int_equal(jwt_verify(k, slice_str(forged), &found, &why), -1);
	json_t *set = jwt_key_set(k);
	assert_string_equal(str(json_array_get(json_object_get(set, "keys"), 0), "crv"), "P-256");
	json_decref(set);
	free(token);
	json_decref(claims);
	jwt_key_free(k);
}

static void certificates_name_users(void **state)
{
	(void)state;
	struct user u;
	const char *const groups[] = { "system:masters" };
	struct err why = { 0 };
	ok(identity_certificate("admin", groups, 1, &u, err));
	assert_string_equal(u.name, "admin");
	assert_string_equal(u.groups[0], "system:masters");
	assert_string_equal(u.groups[1], "system:authenticated");
	assert_int_equal(identity_certificate("", groups, 1, &u, &why), -1);
	identity_anonymous(&u);
	assert_false(u.authenticated);
	assert_string_equal(u.name, "system:anonymous");
}

/* ---- events ---- */

static json_t *events(struct fixture *f)
{
	struct resource_call call = { .kind = &event_kind, .namespace = "default" };
	struct resource_list list;
	ok(cluster_list(f->c, &call, NULL, &list, err));
	json_t *items = json_incref(list.items);
	resource_list_release(&list);
	return items;
}

static void the_same_event_counts_up(void **state)
{
	struct fixture *f = *state;
	struct recorder *r = NULL;
	json_t *o = make(f, &config_kind, "default", "a");
	ok(recorder_new(f->c, &r, err));
	for (int i = 0; i < 3; i++) {
		recorder_event(r, o, "tester", "Normal", "Tested", "number %d", 1);
		atomic_fetch_add(&now_ns, (long long)1000000000);
	}
	recorder_event_at(r, o, "spec.x", "tester", "Warning", "Failed", "because");
	recorder_settle(r);
	json_t *all = events(f), *first = json_array_get(all, 0);
	assert_int_equal(json_array_size(all), 2);
	assert_int_equal(json_int_at(first, "count", 0), 3);
	assert_string_equal(str(first, "message"), "number 1");
	assert_string_equal(str(first, "involvedObject.uid"), str(o, "metadata.uid"));
	assert_string_equal(str(first, "involvedObject.kind"), "ConfigMap");
	assert_string_equal(str(first, "source.component"), "tester");
	assert_string_not_equal(str(first, "firstTimestamp"), str(first, "lastTimestamp"));
	assert_string_equal(str(json_array_get(all, 1), "involvedObject.fieldPath"), "spec.x");
	json_decref(all);
	/* One that is gone begins anew. */
	struct resource_call call = { .kind = &event_kind, .namespace = "default" };
	ok(cluster_delete_collection(f->c, &call, NULL, NULL, NULL, err));
	recorder_event(r, o, "tester", "Normal", "Tested", "number %d", 1);
	recorder_settle(r);
	all = events(f);
	assert_int_equal(json_array_size(all), 1);
	assert_int_equal(json_int_at(json_array_get(all, 0), "count", 0), 1);
	json_decref(all);
	recorder_free(r);
	json_decref(o);
}

static void a_flood_about_one_object_is_dropped(void **state)
{
	struct fixture *f = *state;
	struct recorder *r = NULL;
	json_t *o = make(f, &config_kind, "default", "a"), *b = make(f, &config_kind, "default", "b");
	ok(recorder_new(f->c, &r, err));
	for (int i = 0; i < 100; i++)
		recorder_event(r, o, "tester", "Normal", "Tested", "number %d", i);
	recorder_event(r, b, "tester", "Normal", "Tested", "another");
	recorder_free(r);
	json_t *all = events(f);
	assert_int_equal(json_array_size(all), 26);
	json_decref(all);
	json_decref(o);
	json_decref(b);
}

#define IN_MEMORY(t) cmocka_unit_test_setup_teardown(t, setup_memory, teardown)
#define ON_DISK(t) cmocka_unit_test_setup_teardown(t, setup_disk, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_DISK(the_admin_token_is_made_once),
		IN_MEMORY(a_service_account_is_known_by_its_token),
		cmocka_unit_test(other_algorithms_are_refused),
		cmocka_unit_test(certificates_name_users),
		IN_MEMORY(the_same_event_counts_up),
		IN_MEMORY(a_flood_about_one_object_is_dropped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
