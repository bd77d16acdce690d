/*
 * Prints a kubeconfig. Values from outside go through quoted(), so that a path or a name cannot add YAML of its own.
 */
#include "api/kubernetes/kubeconfig.h"

#include "codec/base64.h"

static void quoted(struct buf *out, const char *s)
{
	buf_char(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_char(out, '\\');
		if ((unsigned char)*s < 0x20)
			buf_printf(out, "\\x%02x", (unsigned char)*s);
		else
			buf_char(out, *s);
	}
	buf_char(out, '"');
}

static void data(struct buf *out, const char *name, struct slice pem)
{
	if (pem.len == 0)
		return;
	buf_printf(out, "    %s: ", name);
	base64_encode(pem, BASE64_STANDARD, out);
	buf_char(out, '\n');
}

void kubeconfig_print(const struct kubeconfig *k, struct buf *out)
{
	const char *context = k->context ? k->context : "coracle";
	buf_str(out, "apiVersion: v1\nkind: Config\nclusters:\n- name: ");
	quoted(out, context);
	buf_str(out, "\n  cluster:\n    server: ");
	quoted(out, k->server);
	buf_char(out, '\n');
	data(out, "certificate-authority-data", k->ca_pem);
	buf_str(out, "users:\n- name: ");
	quoted(out, context);
	buf_str(out, "\n  user:\n");
	data(out, "client-certificate-data", k->client_cert_pem);
	data(out, "client-key-data", k->client_key_pem);
	if (k->token) {
		buf_str(out, "    token: ");
		quoted(out, k->token);
		buf_char(out, '\n');
	}
	buf_str(out, "contexts:\n- name: ");
	quoted(out, context);
	buf_str(out, "\n  context:\n    cluster: ");
	quoted(out, context);
	buf_str(out, "\n    user: ");
	quoted(out, context);
	buf_str(out, "\n    namespace: ");
	quoted(out, k->namespace_ ? k->namespace_ : "default");
	buf_str(out, "\ncurrent-context: ");
	quoted(out, context);
	buf_char(out, '\n');
}
