/* Tokens and certificates to users: identity.h. */
#include "cluster/identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/random.h"
#include "cluster/resource.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "crypto/hash.h"
#include "crypto/jwt.h"

#define ISSUER "https://kubernetes.default.svc.cluster.local"
#define SERVICE_ACCOUNT "system:serviceaccount:"
#define AUTHENTICATED "system:authenticated"
#define UNAUTHENTICATED "system:unauthenticated"

enum {
	ADMIN_TOKEN_CHARS = 64,
	TOKEN_FILE_BYTES_MAX = 4096,
	EXPIRES_S_LEAST = 600,
	EXPIRES_S_MOST = 365 * 86400,
	EXPIRES_S_DEFAULT = 3600,
};

struct identity {
	struct cluster *cluster;
	const struct clock *clock;
	char *issuer;
	struct jwt_key *key;
	char admin[ADMIN_TOKEN_CHARS + 1];
};

static int read_admin_token(struct identity *id, const char *path, struct err *err)
{
	char *text = NULL;
	size_t n = 0;
	if (fs_slurp(path, TOKEN_FILE_BYTES_MAX, &text, &n, err) < 0)
		return -1;
	struct slice token = slice_trim(slice_of(text, n));
	int rc = 0;
	if (token.len != ADMIN_TOKEN_CHARS)
		rc = err_set(err, ERR_CORRUPT, "%s does not hold a token of %d characters", path, ADMIN_TOKEN_CHARS);
	else
		memcpy(id->admin, token.ptr, token.len);
	explicit_bzero(text, n);
	free(text);
	return rc;
}

static int open_admin_token(struct identity *id, const char *dir, struct err *err)
{
	char *path = NULL;
	uint8_t bytes[ADMIN_TOKEN_CHARS / 2];
	int rc;
	if (dir && asprintf(&path, "%s/admin.token", dir) < 0)
		abort();
	if (path && access(path, F_OK) == 0) {
		rc = read_admin_token(id, path, err);
	} else {
		random_fill(&random_os, bytes, sizeof bytes);
		hex_encode(bytes, sizeof bytes, id->admin);
		rc = path ? fs_replace(path, slice_str(id->admin), 0600, err) : 0;
	}
	free(path);
	return rc;
}

int identity_new(const struct identity_options *o, struct identity **out, struct err *err)
{
	struct identity *id = calloc(1, sizeof *id);
	char *path = NULL;
	if (!id || !(id->issuer = strdup(o->issuer ? o->issuer : ISSUER)) ||
	    (o->pki_dir && asprintf(&path, "%s/sa.key", o->pki_dir) < 0))
		abort();
	id->cluster = o->cluster;
	id->clock = o->clock ? o->clock : &clock_os;
	int rc = o->pki_dir ? fs_mkdirs(o->pki_dir, 0700, err) : 0;
	if (rc == 0)
		rc = jwt_key_open(path, &id->key, err);
	if (rc == 0)
		rc = open_admin_token(id, o->pki_dir, err);
	free(path);
	if (rc < 0) {
		identity_free(id);
		return -1;
	}
	*out = id;
	return 0;
}

void identity_free(struct identity *id)
{
	if (!id)
		return;
	jwt_key_free(id->key);
	explicit_bzero(id->admin, sizeof id->admin);
	free(id->issuer);
	free(id);
}

const char *identity_admin_token(const struct identity *id)
{
	return id->admin;
}

static void add_group(struct user *u, const char *fmt, const char *arg) __attribute__((format(printf, 2, 0)));
static void add_group(struct user *u, const char *fmt, const char *arg)
{
	if (u->groups_n < USER_GROUPS_MAX)
		snprintf(u->groups[u->groups_n++], sizeof u->groups[0], fmt, arg);
}

void identity_anonymous(struct user *out)
{
	*out = (struct user){ .name = "system:anonymous" };
	add_group(out, "%s", UNAUTHENTICATED);
}

int identity_certificate(const char *common_name, const char *const *organizations, size_t organizations_n,
			 struct user *out, struct err *err)
{
	struct user u = { .authenticated = true };
	if (!*common_name || strlen(common_name) >= sizeof u.name)
		return err_set(err, ERR_UNAUTHENTICATED, "the certificate names no user");
	if (organizations_n >= USER_GROUPS_MAX)
		return err_set(err, ERR_UNAUTHENTICATED, "the certificate has more than %d groups", USER_GROUPS_MAX - 1);
	snprintf(u.name, sizeof u.name, "%s", common_name);
	for (size_t i = 0; i < organizations_n; i++) {
		/* A cut name could be another group's. */
		if (strlen(organizations[i]) >= sizeof u.groups[0])
			return err_set(err, ERR_UNAUTHENTICATED, "a group of the certificate has a name that is too long");
		add_group(&u, "%s", organizations[i]);
	}
	add_group(&u, "%s", AUTHENTICATED);
	*out = u;
	return 0;
}

static bool in_group(const struct user *u, const char *name)
{
	for (int i = 0; i < u->groups_n; i++)
		if (!strcmp(u->groups[i], name))
			return true;
	return false;
}

/* "system:serviceaccount:NS:NAME" is in the groups of all accounts and of those of its namespace. */
static void add_account_groups(struct user *u)
{
	const char *namespace_ = u->name + strlen(SERVICE_ACCOUNT), *end = strchr(namespace_, ':');
	char of_namespace[64];
	if (!end || (size_t)(end - namespace_) >= sizeof of_namespace)
		return;
	snprintf(of_namespace, sizeof of_namespace, "%.*s", (int)(end - namespace_), namespace_);
	add_group(u, "%s", "system:serviceaccounts");
	add_group(u, "system:serviceaccounts:%s", of_namespace);
}

int identity_act_as(struct slice name, struct slice uid, const struct slice *groups, size_t groups_n, struct user *out,
		    struct err *err)
{
	struct user u = { .authenticated = !slice_is(name, "system:anonymous") };
	if (name.len == 0 || name.len >= sizeof u.name || uid.len >= sizeof u.uid || groups_n > USER_GROUPS_MAX - 3)
		return err_set(err, ERR_INVALID, "the user to act as has no name, one that is too long, or too many groups");
	snprintf(u.name, sizeof u.name, "%.*s", SLICE_ARG(name));
	snprintf(u.uid, sizeof u.uid, "%.*s", SLICE_ARG(uid));
	for (size_t i = 0; i < groups_n; i++) {
		if (groups[i].len >= sizeof u.groups[0])
			return err_set(err, ERR_INVALID, "a group to act as has a name that is too long");
		snprintf(u.groups[u.groups_n++], sizeof u.groups[0], "%.*s", SLICE_ARG(groups[i]));
	}
	if (groups_n == 0 && slice_starts(name, SERVICE_ACCOUNT))
		add_account_groups(&u);
	if (!in_group(&u, AUTHENTICATED) && !in_group(&u, UNAUTHENTICATED))
		add_group(&u, "%s", u.authenticated ? AUTHENTICATED : UNAUTHENTICATED);
	*out = u;
	return 0;
}

/* ---- service accounts ---- */

static json_t *find_account(struct identity *id, const char *namespace_, const char *name)
{
	const struct kind *k = id->cluster ? cluster_kind(id->cluster, "", "v1", "serviceaccounts") : NULL;
	json_t *account = k ? cluster_find(id->cluster, k, namespace_, name) : NULL;
	kind_unref(k);
	return account;
}

static int refused(struct err *err, const char *why)
{
	return err_set(err, ERR_UNAUTHENTICATED, "invalid bearer token: %s", why);
}

static bool for_audience(const json_t *claims, const char *audience)
{
	const json_t *aud = json_object_get(claims, "aud"), *v;
	size_t i;
	if (json_is_string(aud))
		return !strcmp(json_string_value(aud), audience);
	json_array_foreach(aud, i, v)
		if (json_is_string(v) && !strcmp(json_string_value(v), audience))
			return true;
	return false;
}

static int check_claims(const struct identity *id, const json_t *claims, const char *audience, struct err *err)
{
	int64_t now = clock_wall_ns(id->clock) / 1000000000;
	const char *issuer = json_str_at(claims, "iss");
	if (!issuer || strcmp(issuer, id->issuer) != 0)
		return refused(err, "issued by another");
	if (now >= json_int_at(claims, "exp", 0))
		return refused(err, "service account token has expired");
	if (now < json_int_at(claims, "nbf", INT64_MAX))
		return refused(err, "service account token is not valid yet");
	return for_audience(claims, audience ? audience : id->issuer) ? 0 : refused(err, "made for another audience");
}

static int account_user(struct identity *id, const json_t *claims, struct user *out, struct err *err)
{
	const json_t *k = json_object_get(claims, "kubernetes.io"); /* its key has a dot */
	const char *namespace_ = json_str_at(k, "namespace"), *name = json_str_at(k, "serviceaccount.name"),
		   *uid = json_str_at(k, "serviceaccount.uid");
	struct user u = { .authenticated = true };
	if (!namespace_ || !name || !uid || strlen(uid) >= sizeof u.uid ||
	    strlen(SERVICE_ACCOUNT) + strlen(namespace_) + 1 + strlen(name) >= sizeof u.name)
		return refused(err, "names no service account");
	json_t *account = find_account(id, namespace_, name);
	const char *now = json_str_at(account, "metadata.uid");
	bool same = now && !strcmp(now, uid);
	json_decref(account);
	if (!same)
		return refused(err, "the service account was deleted or made anew");
	snprintf(u.name, sizeof u.name, SERVICE_ACCOUNT "%s:%s", namespace_, name);
	snprintf(u.uid, sizeof u.uid, "%s", uid);
	add_group(&u, "%s", "system:serviceaccounts");
	add_group(&u, "system:serviceaccounts:%s", namespace_);
	add_group(&u, "%s", AUTHENTICATED);
	*out = u;
	return 0;
}

int identity_token(struct identity *id, struct slice token, const char *audience, struct user *out, struct err *err)
{
	json_t *claims = NULL;
	if (token.len == ADMIN_TOKEN_CHARS && secret_eq(token.ptr, id->admin, ADMIN_TOKEN_CHARS)) {
		if (audience && strcmp(audience, id->issuer) != 0)
			return refused(err, "made for another audience");
		*out = (struct user){ .name = "kubernetes-admin", .authenticated = true };
		add_group(out, "%s", "system:masters");
		add_group(out, "%s", AUTHENTICATED);
		return 0;
	}
	if (jwt_verify(id->key, token, &claims, err) < 0)
		return -1;
	int rc = check_claims(id, claims, audience, err);
	if (rc == 0)
		rc = account_user(id, claims, out, err);
	json_decref(claims);
	return rc;
}

int identity_token_make(struct identity *id, const char *namespace, const char *name, const char *const *audiences,
			size_t audiences_n, int64_t expires_s, char **token, int64_t *expires_at_s, struct err *err)
{
	char jti[UUID_CHARS + 1];
	int64_t now = clock_wall_ns(id->clock) / 1000000000, life = expires_s ? expires_s : EXPIRES_S_DEFAULT;
	if (life < EXPIRES_S_LEAST)
		return err_set(err, ERR_UNPROCESSABLE,
			       "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: %lld: "
			       "may not specify a duration less than 10 minutes",
			       (long long)life);
	if (life > EXPIRES_S_MOST)
		life = EXPIRES_S_MOST;
	json_t *account = find_account(id, namespace, name);
	if (!account)
		return err_set(err, ERR_NOT_FOUND, "serviceaccounts \"%s\" not found", name);
	json_t *aud = json_array();
	for (size_t i = 0; i < audiences_n; i++)
		json_array_append_new(aud, json_string(audiences[i]));
	if (audiences_n == 0)
		json_array_append_new(aud, json_string(id->issuer));
	random_uuid(&random_os, jti);
	json_t *claims = json_pack("{s:o,s:I,s:I,s:s,s:s,s:{s:s,s:{s:s,s:O}},s:I}", "aud", aud, "exp", (json_int_t)(now + life),
				   "iat", (json_int_t)now, "iss", id->issuer, "jti", jti, "kubernetes.io", "namespace", namespace,
				   "serviceaccount", "name", name, "uid", json_at(account, "metadata.uid"), "nbf",
				   (json_int_t)now);
	json_object_set_new(claims, "sub", json_sprintf(SERVICE_ACCOUNT "%s:%s", namespace, name));
	int rc = jwt_sign(id->key, claims, token, err);
	if (rc == 0)
		*expires_at_s = now + life;
	json_decref(claims);
	json_decref(account);
	return rc;
}

json_t *user_info(const struct user *u)
{
	json_t *groups = json_array(), *out = json_pack("{s:s}", "username", u->name);
	for (int i = 0; i < u->groups_n; i++)
		json_array_append_new(groups, json_string(u->groups[i]));
	if (*u->uid)
		json_object_set_new(out, "uid", json_string(u->uid));
	json_object_set_new(out, "groups", groups);
	return out;
}
