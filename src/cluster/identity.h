/*
 * Who is calling: bearer tokens and client certificates to a user (name, uid, groups).
 *
 * - the admin token, made at first start in DIR/pki/admin.token (mode 0600): kubernetes-admin, system:masters
 * - service account tokens: ES256 JWTs, key in DIR/pki/sa.key; refused when the account is gone or was made anew
 * - client certificates signed by our CA: CN is the user, each O a group (crypto/pki checks the chain)
 * Comparison of secrets is constant-time. Tokens never appear in logs.
 */
#ifndef CORACLE_CLUSTER_IDENTITY_H
#define CORACLE_CLUSTER_IDENTITY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"

struct cluster;

enum { USER_GROUPS_MAX = 16 };

struct user {
	char name[256];	/* "kubernetes-admin", "system:serviceaccount:NS:NAME", "system:anonymous" */
	char uid[64];	/* "" when unknown */
	char groups[USER_GROUPS_MAX][128];
	int groups_n;
	bool authenticated;
};

struct identity;

struct identity_options {
	const char *pki_dir;	   /* DIR/pki; NULL: keys in memory only (tests) */
	struct cluster *cluster;   /* looks service accounts up */
	const struct clock *clock; /* NULL: clock_os */
	const char *issuer;	   /* "https://kubernetes.default.svc.cluster.local"; NULL: that one */
};

int identity_new(const struct identity_options *options, struct identity **out, struct err *err);
void identity_free(struct identity *id);

/* The token of kubernetes-admin, for `coracle env` and the kubeconfig. Borrowed. */
const char *identity_admin_token(const struct identity *id);

/* ERR_UNAUTHENTICATED for anything that does not hold. `audience` NULL: the API server's own. */
int identity_token(struct identity *id, struct slice token, const char *audience, struct user *out, struct err *err);
/* From a certificate that TLS has verified: common name and organizations. */
int identity_certificate(const char *common_name, const char *const *organizations, size_t organizations_n,
			 struct user *out, struct err *err);
void identity_anonymous(struct user *out);
/* The user that somebody acts as (Impersonate-User, -Uid, -Group): groups are those named and what every such user has.
 * ERR_INVALID when a name is too long or there are too many groups. */
int identity_act_as(struct slice name, struct slice uid, const struct slice *groups, size_t groups_n, struct user *out,
		    struct err *err);

/* A token for a service account (TokenRequest). expires_s: asked lifetime, 600 to 1 year, default 3600 when 0.
 * *token is malloc'd; *expires_at_s: Unix time. ERR_NOT_FOUND when there is no such account. */
int identity_token_make(struct identity *id, const char *namespace, const char *name, const char *const *audiences,
			size_t audiences_n, int64_t expires_s, char **token, int64_t *expires_at_s, struct err *err);

/* {username, uid, groups, extra}: the user of TokenReview and SelfSubjectReview. New reference. */
json_t *user_info(const struct user *u);

#endif
