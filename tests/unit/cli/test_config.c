/* Tests of cli/config.c: file, environment and flags in their order; unknown keys with their line; exposure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/config.h" /* before cmocka.h, which has a macro named as its fail() */

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/limits.h"

static const struct option rows[] = {
	{ "config", 0, "FILE", "" },	    { "listen", 0, "NAME=ADDRESS", "" }, { "free-ports", 0, NULL, "" },
	{ "insecure-listen", 0, NULL, "" }, { "token", 0, "TOKEN", "" },	 { "limit", 0, "NAME=NUMBER", "" },
	{ "log-format", 0, "FORMAT", "" },  OPTION_END
};

static char dir[] = "/tmp/test-config-XXXXXX";
static char file[64];

static void give(struct options *o, const char *name, const char *value)
{
	for (const struct option *r = rows; r->name; r++) {
		if (strcmp(r->name, name) == 0) {
			o->given[o->given_n].option = r;
			o->given[o->given_n++].value = value;
			return;
		}
	}
	fail_msg("no option %s", name);
}

static struct options with_file(const char *text)
{
	struct options o = { 0 };
	assert_int_equal(fs_replace(file, slice_str(text), 0600, NULL), 0);
	give(&o, "config", file);
	return o;
}

static void refused(const struct options *o, const char *part)
{
	struct config c;
	struct err err = { 0 };
	assert_int_equal(config_read(o, &c, &err), -1);
	if (!strstr(err.message, part))
		fail_msg("\"%s\" does not say \"%s\"", err.message, part);
}

static void flags_override_the_file(void **state)
{
	(void)state;
	struct config c;
	struct err err = { 0 };
	struct options o = with_file("listen:\n  s3: 127.0.0.1:1111\n  kubernetes: 'off'\ntoken: from-file\n"
				     "limits: {drain_ms: 1234}\nimages: {a/b: coracle/sklearn}\n"
				     "storage:\n  file_roots: [/models]\n");
	give(&o, "listen", "s3=127.0.0.1:2222");
	give(&o, "free-ports", "");
	assert_int_equal(config_read(&o, &c, &err), 0);
	assert_string_equal(c.listen[LISTENER_S3], "127.0.0.1:2222");
	assert_null(c.listen[LISTENER_KUBERNETES]);
	assert_string_equal(c.listen[LISTENER_METRICS], "127.0.0.1:0");
	assert_string_equal(c.token, "from-file");
	assert_string_equal(c.images.ptr[0].target, "coracle/sklearn");
	assert_string_equal(c.file_roots.ptr[0], "/models");
	assert_int_equal(limits.drain_ms, 1234);
	config_release(&c);
}

static void the_environment_stands_between(void **state)
{
	(void)state;
	struct config c;
	struct err err = { 0 };
	struct options o = with_file("token: from-file\n");
	setenv("CORACLE_TOKEN", "from-environment", 1);
	setenv("MINIO_ROOT_USER", "minio", 1);
	setenv("MINIO_ROOT_PASSWORD", "minio123", 1);
	assert_int_equal(config_read(&o, &c, &err), 0);
	assert_string_equal(c.token, "from-environment");
	assert_string_equal(c.access_key, "minio");
	config_release(&c);
	give(&o, "token", "from-flag");
	assert_int_equal(config_read(&o, &c, &err), 0);
	assert_string_equal(c.token, "from-flag");
	config_release(&c);
	unsetenv("CORACLE_TOKEN");
	unsetenv("MINIO_ROOT_USER");
	unsetenv("MINIO_ROOT_PASSWORD");
}

static void unknown_keys_are_named_with_their_line(void **state)
{
	(void)state;
	struct options o = with_file("domain: example.com\nlog:\n  format: json\n  colour: red\n");
	refused(&o, "line 4: unknown key log.colour");
	o = with_file("domain: a\nlisten:\n  ftp: 127.0.0.1:21\n");
	refused(&o, "no listener named \"ftp\"");
	o = with_file("domains: a\n");
	refused(&o, "line 1: unknown key \"domains\"");
	o = with_file("access_log: maybe\n");
	refused(&o, "access_log is not true or false");
	o = with_file("a: 1\na: 2\n");
	refused(&o, "duplicate key");
	o = with_file("limits: {drain_ms: -1}\n");
	refused(&o, "drain_ms");
}

static void an_open_address_without_keys_is_refused(void **state)
{
	(void)state;
	struct config c;
	struct err err = { 0 };
	struct options o = { 0 };
	give(&o, "listen", "inference=0.0.0.0:8080");
	refused(&o, "would answer anybody");
	give(&o, "token", "secret");
	assert_int_equal(config_read(&o, &c, &err), 0);
	config_release(&c);
	give(&o, "listen", "metrics=[::]:9090");
	refused(&o, "metrics");
	give(&o, "insecure-listen", "");
	assert_int_equal(config_read(&o, &c, &err), 0);
	config_release(&c);
}

static void addresses_and_formats_are_checked(void **state)
{
	(void)state;
	struct options o = { 0 };
	give(&o, "listen", "s3");
	refused(&o, "NAME=HOST:PORT");
	o = (struct options){ 0 };
	give(&o, "listen", "s3=9000");
	refused(&o, "HOST:PORT or off");
	o = (struct options){ 0 };
	give(&o, "log-format", "xml");
	refused(&o, "text or json");
	o = (struct options){ 0 };
	give(&o, "limit", "drain_ms=soon");
	refused(&o, "NAME=NUMBER");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_override_the_file),
		cmocka_unit_test(the_environment_stands_between),
		cmocka_unit_test(unknown_keys_are_named_with_their_line),
		cmocka_unit_test(an_open_address_without_keys_is_refused),
		cmocka_unit_test(addresses_and_formats_are_checked),
	};
	if (!mkdtemp(dir))
		return 1;
	(void)snprintf(file, sizeof file, "%s/coracle.yaml", dir);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	fs_remove_tree(dir, NULL);
	return failed;
}
