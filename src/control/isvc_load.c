/*
 * Models of an InferenceService: from a storageUri to an open model. Files lie in DIR/models/NS/NAME/REVISION as
 * /mnt/models would hold them; REVISION.json beside it, written last, says whose they are, so that a restart opens them
 * without a fetch.
 *
 * A failure is tried again after 1 s, doubled up to 30 s (never sooner than 20 times what the attempt took), or at once
 * when a secret, account, claim, runtime or alias came. Files that could not be opened are fetched anew, because
 * whoever repairs a model replaces it where it was.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/check.h"
#include "base/fs.h"
#include "base/log.h"
#include "codec/json.h"
#include "control/isvc_parts.h"
#include "control/isvc_state.h"

enum { RETRY_MS_FIRST = 1000, RETRY_MS_MAX = 30000, RETRY_PER_ATTEMPT = 20, MANIFEST_BYTES_MAX = 64 << 10 };
enum { CHECK_MS = 200, HANG_MS = 2000 };

/* ---- the pod's log ---- */

struct pod_log {
	struct control *c;
	json_t *pod; /* owned; NULL: no log */
	const char *container;
};

static void log_line(void *arg, const char *line)
{
	struct pod_log *l = arg;
	if (!l->pod)
		return;
	struct podlog_name name = {slice_str(json_str_at(l->pod, "metadata.namespace")),
				   slice_str(json_str_at(l->pod, "metadata.name")),
				   slice_str(json_str_at(l->pod, "metadata.uid")), slice_str(l->container)};
	podlog_append(&l->c->podlog, &name, slice_str(line));
}

static void log_printf(struct pod_log *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void log_printf(struct pod_log *l, const char *fmt, ...)
{
	char line[2048];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	log_line(l, line);
}

/* ---- files of a revision ---- */

static json_t *manifest_read(struct control *c, const struct isvc_plan *p, const char *revision)
{
	char path[PATH_MAX], *text;
	size_t len;
	json_t *doc = NULL;
	if (!isvc_files_path(c, p, revision, ".json", path, sizeof path) ||
	    fs_slurp(path, MANIFEST_BYTES_MAX, &text, &len, NULL) < 0)
		return NULL;
	json_decode(slice_of(text, len), 0, &doc, NULL);
	free(text);
	return doc;
}

static int manifest_write(struct control *c, const struct isvc_plan *p, const struct component *m, struct err *err)
{
	char path[PATH_MAX];
	struct buf text;
	if (!isvc_files_path(c, p, m->revision, ".json", path, sizeof path))
		return err_set(err, ERR_INVALID, "path is too long");
	json_t *doc = json_pack("{s:s, s:s, s:s}", "uid", json_str_at(m->revision_object, "metadata.uid"), "uri",
				m->uri, "method", model_method_name(m->method));
	buf_init(&text, MANIFEST_BYTES_MAX);
	json_encode(doc, JSON_ENCODE_INDENT, &text);
	int rc = fs_replace(path, buf_view(&text), 0600, err);
	buf_release(&text);
	json_decref(doc);
	return rc;
}

static void files_remove(struct control *c, const struct isvc_plan *p, const char *revision)
{
	char path[PATH_MAX];
	if (isvc_files_path(c, p, revision, ".json", path, sizeof path))
		unlink(path);
	if (isvc_files_path(c, p, revision, "", path, sizeof path))
		fs_remove_tree(path, NULL);
}

static bool files_there(struct control *c, const struct isvc_plan *p, const struct component *m)
{
	json_t *manifest = manifest_read(c, p, m->revision);
	const char *uid = json_str_at(manifest, "uid"), *is = json_str_at(m->revision_object, "metadata.uid");
	bool there = uid && is && !strcmp(uid, is);
	json_decref(manifest);
	return there;
}

/* ---- fetching ---- */

struct fetch_context {
	struct control *c;
	struct isvc_plan *p;
	struct isvc_state *s;
	int64_t checked_ns;
	bool gone;
};

static void route(void *arg, const char *host_port, struct fetch_route *out)
{
	struct fetch_context *f = arg;
	resolver_route(&f->c->resolver, f->p->namespace_, host_port, out);
	if (out->why[0] && f->c->o.recorder)
		recorder_event(f->c->o.recorder, f->p->isvc, "storage-initializer", "Normal", "Resolved", "%s",
			       out->why);
}

/* Asks something else by now, or is gone. */
static bool changed(struct fetch_context *f)
{
	const char *uid, *stop;
	json_t *is = cluster_find(f->c->o.cluster, f->c->kinds.isvc, f->p->namespace_, f->p->name);
	bool same = is && (uid = json_str_at(is, "metadata.uid")) && !strcmp(uid, f->p->uid) &&
		    !json_at(is, "metadata.deletionTimestamp") &&
		    json_int_at(is, "metadata.generation", 0) == json_int_at(f->p->isvc, "metadata.generation", 0);
	stop = json_string_value(json_object_get(json_at(is, "metadata.annotations"), "serving.kserve.io/stop"));
	same = same && !(stop && !strcmp(stop, "true"));
	json_decref(is);
	return !same;
}

/* fetch_options.check. What hangs is given up when others want its thread, or when what it waits for may be here. */
static int check(void *arg, int64_t idle_ms, struct err *err)
{
	struct fetch_context *f = arg;
	int64_t now = clock_mono_ns(f->c->o.clock);
	bool hangs = idle_ms >= HANG_MS;
	if (!f->gone && now - f->checked_ns >= CHECK_MS * 1000000) {
		f->checked_ns = now;
		f->gone = changed(f);
	}
	if (f->gone || atomic_load(&f->c->stopping) || (hangs && atomic_load(&f->s->retry)))
		return err_set(err, ERR_CANCELLED, "the fetch was given up");
	if (hangs && queue_pressed(f->c->queues[CONTROLLER_ISVC]))
		return err_set(err, ERR_DEADLINE, "nothing came for %d s while other InferenceServices waited",
			       HANG_MS / 1000);
	return 0;
}

static int write_ca(struct control *c, const struct isvc_plan *p, const struct component *m,
		    struct storage_credentials *credentials, char *path, size_t n, struct err *err)
{
	char dir[PATH_MAX];
	path[0] = 0;
	if (!credentials->ca_pem)
		return 0;
	if (!control_path(c, dir, sizeof dir, "models/%s/%s", p->namespace_, p->name) ||
	    !isvc_files_path(c, p, m->revision, ".ca.pem", path, n))
		return err_set(err, ERR_INVALID, "path is too long");
	if (fs_mkdirs(dir, 0700, err) < 0 || fs_replace(path, slice_str(credentials->ca_pem), 0600, err) < 0)
		return -1;
	credentials->s3.ca_file = path;
	return 0;
}

static int fetch_files(struct control *c, struct isvc_plan *p, struct component *m, struct isvc_state *s,
		       struct pod_log *log, struct err *err)
{
	struct fetch_context context = {.c = c, .p = p, .s = s};
	struct storage_credentials credentials = {0};
	char target[PATH_MAX], ca[PATH_MAX] = "", volume[PATH_MAX], scheme[16];
	const char *uri = m->uri;
	struct slice claim, below;
	int rc = m->storage ? storage_config_of(c->o.cluster, &c->storage_kinds, p->namespace_, m->storage, &p->arena,
						&uri, &credentials, err)
			    : 0;
	if (rc == 0 && fetch_scheme(uri, scheme, err) < 0)
		rc = -1;
	/* an account that is missing keeps a pod from being made, whatever it is needed for */
	if (rc == 0 && !m->storage)
		rc = storage_credentials_of(c->o.cluster, &c->storage_kinds, p->namespace_, m->service_account,
					    &p->arena, &credentials, err);
	if (rc < 0 || write_ca(c, p, m, &credentials, ca, sizeof ca, err) < 0)
		return -1;
	if (!isvc_files_path(c, p, m->revision, "", target, sizeof target))
		return err_set(err, ERR_INVALID, "path is too long");
	struct fetch_options options = {
	    .objects = c->o.objects,
	    .s3_access_key = c->o.s3_access_key,
	    .s3_secret_key = c->o.s3_secret_key,
	    .file_roots = c->o.file_roots,
	    .file_roots_n = c->o.file_roots_n,
	    .refuse_private = c->o.refuse_private,
	    .clock = c->o.clock,
	    .route = route,
	    .route_arg = &context,
	    .check = check,
	    .check_arg = &context,
	    .log = log_line,
	    .log_arg = log,
	};
	struct fetch_request request = {.uri = uri, .s3 = credentials.found ? &credentials.s3 : NULL, .target = target};
	if (!strcmp(scheme, "pvc") && fetch_claim(uri, &claim, &below, err) == 0 &&
	    claim_folder(c, p->namespace_, arena_cstr(&p->arena, claim), volume, sizeof volume))
		request.volume_dir = volume;
	int64_t began = clock_mono_ns(c->o.clock);
	log_printf(log, "Initializing, args: src_uri [%s] dest_path [/mnt/models]", uri);
	rc = fetch_uri(&options, &request, NULL, err);
	if (rc == 0)
		log_printf(log, "Model downloaded in %.3f seconds.", (double)(clock_mono_ns(c->o.clock) - began) / 1e9);
	if (ca[0])
		unlink(ca);
	return rc == 0 ? manifest_write(c, p, m, err) : -1;
}

/* ---- opening ---- */

/* What model_open gets: a transformer's own file where a bucket holds both. */
static void model_path(struct component *m, const char *folder, char *out, size_t n)
{
	static const char *const names[] = {"transformer.joblib", "transformer.pkl", "transformer.pickle"};
	for (size_t i = 0; m->id == COMPONENT_TRANSFORMER && i < COUNT_OF(names); i++) {
		snprintf(out, n, "%s/%s", folder, names[i]);
		if (access(out, R_OK) == 0)
			return;
	}
	snprintf(out, n, "%s", folder);
}

static int open_files(struct control *c, struct isvc_plan *p, struct component *m, struct isvc_loaded *out,
		      struct err *err)
{
	char folder[PATH_MAX], path[PATH_MAX + 64];
	struct model *model;
	if (!isvc_files_path(c, p, m->revision, "", folder, sizeof folder))
		return err_set(err, ERR_INVALID, "path is too long");
	model_path(m, folder, path, sizeof path);
	if (model_open(path, &(struct model_options){.sandbox = c->o.sandbox}, &model, err) < 0)
		return -1;
	*out = (struct isvc_loaded){.method = m->method, .model = model};
	snprintf(out->revision, sizeof out->revision, "%s", m->revision);
	snprintf(out->uid, sizeof out->uid, "%s", json_str_at(m->revision_object, "metadata.uid"));
	return 0;
}

/* Paths of this machine are nobody's business: "/mnt/models/…" is what the user knows. */
static void show_path(struct control *c, const struct isvc_plan *p, const struct component *m, struct err *err)
{
	char folder[PATH_MAX], text[ERR_MESSAGE_BYTES], *at;
	if (!isvc_files_path(c, p, m->revision, "", folder, sizeof folder) || !(at = strstr(err->message, folder)))
		return;
	snprintf(text, sizeof text, "%.*s/mnt/models%s", (int)(at - err->message), err->message, at + strlen(folder));
	memcpy(err->message, text, sizeof text);
}

/* ---- attempts ---- */

static void failed(struct control *c, struct component *m, struct isvc_state *s, enum component_phase phase,
		   const char *reason, const char *message)
{
	struct isvc_attempt *a = &s->failed[m->id];
	const char *uid = json_str_at(m->revision_object, "metadata.uid");
	if (strcmp(a->revision, m->revision) != 0 || strcmp(a->uid, uid) != 0)
		*a = (struct isvc_attempt){0};
	snprintf(a->revision, sizeof a->revision, "%s", m->revision);
	snprintf(a->uid, sizeof a->uid, "%s", uid);
	int64_t ms = RETRY_MS_FIRST;
	for (int i = 0; i < a->failures && ms < RETRY_MS_MAX; i++)
		ms *= 2;
	ms = MIN(ms, RETRY_MS_MAX);
	ms = MAX(ms, RETRY_PER_ATTEMPT * (clock_mono_ns(c->o.clock) - s->attempt_ns) / 1000000);
	a->failures++;
	a->next_ns = clock_mono_ns(c->o.clock) + ms * 1000000;
	a->phase = phase;
	a->failure.reason = reason;
	snprintf(a->failure.message, sizeof a->failure.message, "%s", message);
}

/* The last attempt failed and its time to wait is not over. */
static bool still_waiting(struct control *c, struct component *m, struct isvc_state *s)
{
	struct isvc_attempt *a = &s->failed[m->id];
	const char *uid = json_str_at(m->revision_object, "metadata.uid");
	if (!a->failures || strcmp(a->revision, m->revision) != 0 || strcmp(a->uid, uid) != 0) {
		*a = (struct isvc_attempt){0};
		return false;
	}
	return !s->retrying && clock_mono_ns(c->o.clock) < a->next_ns;
}

static void show_attempt(struct component *m, const struct isvc_state *s)
{
	const struct isvc_attempt *a = &s->failed[m->id];
	m->phase = a->phase;
	m->failure = a->failure;
	m->restarts = a->failures - 1;
}

static enum image_kind image_wanted(const struct component *m)
{
	return m->id == COMPONENT_TRANSFORMER ? IMAGE_TRANSFORMER : IMAGE_SKLEARN;
}

/* The files are there: an image that can serve them, and the model itself. */
static void try_open(struct control *c, struct isvc_plan *p, struct component *m, struct isvc_state *s,
		     struct pod_log *log)
{
	struct err err = {0};
	struct isvc_loaded loaded;
	char text[1024];
	enum image_kind wanted = image_wanted(m);
	if (m->image_kind != wanted) {
		snprintf(
		    text, sizeof text,
		    m->image_kind == IMAGE_UNKNOWN
			? "Failed to pull image \"%s\": no such image here. Say what it is: coracle image alias %s %s"
			: "Image \"%s\" cannot be this container (its alias %s should be %s)",
		    m->image, m->image,
		    wanted == IMAGE_TRANSFORMER ? "coracle/sklearn-transformer" : "coracle/sklearn");
		failed(c, m, s, PHASE_IMAGE_FAILED, "ImagePullFailed", text);
		return;
	}
	log->container = "kserve-container";
	int64_t began = clock_mono_ns(c->o.clock);
	if (open_files(c, p, m, &loaded, &err) < 0) {
		show_path(c, p, m, &err);
		log_printf(log, "ERROR Failed to load model %s: %s", p->name, err.message);
		failed(c, m, s, PHASE_LOAD_FAILED, "ModelLoadFailed", err.message);
		files_remove(c, p, m->revision);
		return;
	}
	log_printf(log, "INFO Registering model: %s (%s %s, %s) in %.3f seconds", p->name, model_format(loaded.model),
		   model_version(loaded.model), model_class(loaded.model),
		   (double)(clock_mono_ns(c->o.clock) - began) / 1e9);
	log_printf(log, "INFO Listening on port 8080");
	isvc_loaded_clear(&s->fresh[m->id]);
	s->fresh[m->id] = loaded;
	s->failed[m->id] = (struct isvc_attempt){0};
	m->phase = PHASE_READY;
}

static void attempt(struct control *c, struct isvc_plan *p, struct component *m, struct isvc_state *s,
		    void (*seen)(struct control *c, struct isvc_plan *p, struct component *m))
{
	struct err err = {0};
	struct pod_log log = {.c = c, .container = "storage-initializer"};
	bool here = files_there(c, p, m);
	s->attempt_ns = clock_mono_ns(c->o.clock);
	m->phase = here ? PHASE_LOADING : PHASE_PENDING;
	m->restarts = s->failed[m->id].failures;
	if (m->fresh_revision || !here)
		seen(c, p, m);
	log.pod = isvc_pod_find(c, p, m);
	bool none = !*m->uri && !m->storage;
	if (none && m->image_kind == image_wanted(m)) {
		failed(c, m, s, PHASE_LOAD_FAILED, "ModelLoadFailed",
		       m->id == COMPONENT_TRANSFORMER
			   ? "the container's env STORAGE_URI does not name the transformer's file"
			   : "no storageUri is given");
	} else if (!none && !here && fetch_files(c, p, m, s, &log, &err) < 0) {
		log_printf(&log, "ERROR %s", err.message);
		if (err.code != ERR_CANCELLED)
			failed(c, m, s, PHASE_FETCH_FAILED, "StorageInitFailed", err.message);
	} else {
		try_open(c, p, m, s, &log);
	}
	json_decref(log.pod);
	if (m->phase != PHASE_READY && err.code != ERR_CANCELLED)
		show_attempt(m, s);
}

void isvc_load(struct control *c, struct isvc_plan *p, struct component *m, struct isvc_state *s,
	       void (*seen)(struct control *c, struct isvc_plan *p, struct component *m))
{
	const char *uid = json_str_at(m->revision_object, "metadata.uid");
	struct isvc_loaded *fresh = &s->fresh[m->id], *serving = &s->serving[m->id];
	if (!s->restored && !strcmp(serving->revision, m->revision) && !strcmp(serving->uid, uid))
		isvc_loaded_set(fresh, serving); /* opened a moment ago, by isvc_restore */
	if (!strcmp(fresh->revision, m->revision) && !strcmp(fresh->uid, uid)) {
		json_t *pod = isvc_pod_find(c, p, m);
		bool deleted = !pod && !m->fresh_revision && s->restored;
		json_decref(pod);
		if (!deleted) {
			m->phase = PHASE_READY;
			return;
		}
		/* whoever deletes a pod wants the model read again */
		isvc_loaded_clear(fresh);
		files_remove(c, p, m->revision);
	}
	if (still_waiting(c, m, s)) {
		show_attempt(m, s);
		return;
	}
	attempt(c, p, m, s, seen);
}

/* ---- after a start ---- */

/* The revision that served, from its files and manifest. */
static bool restore_one(struct control *c, struct isvc_plan *p, enum component_id id, struct isvc_state *s)
{
	char path[64];
	snprintf(path, sizeof path, "status.components.%s.latestReadyRevision", component_infos[id].key);
	const char *revision = json_str_at(p->isvc, path);
	if (!revision || !*revision)
		return false;
	struct component m = {.id = id};
	struct isvc_loaded loaded;
	struct err err = {0};
	bool ok = false;
	snprintf(m.revision, sizeof m.revision, "%s", revision);
	m.revision_object = cluster_find(c->o.cluster, c->kinds.revision, p->namespace_, revision);
	json_t *manifest = manifest_read(c, p, revision);
	const char *method = json_str_at(manifest, "method");
	if (m.revision_object && manifest && files_there(c, p, &m)) {
		m.method = method ? model_method_parse(slice_str(method)) : MODEL_DEFAULT;
		m.method = m.method == MODEL_METHODS ? MODEL_DEFAULT : m.method;
		ok = open_files(c, p, &m, &loaded, &err) == 0;
		if (ok)
			s->serving[id] = loaded;
		else
			LOG_WARN("control", "a model that served cannot be opened", LOG_S("revision", revision),
				 LOG_S("error", err.message));
	}
	json_decref(manifest);
	json_decref(m.revision_object);
	return ok;
}

void isvc_restore(struct control *c, struct isvc_plan *p, struct isvc_state *s)
{
	if (s->restored)
		return;
	for (size_t i = 0; i < COMPONENTS; i++)
		restore_one(c, p, (enum component_id)i, s);
}

void isvc_files_prune(struct control *c, const struct isvc_plan *p, const struct isvc_state *s)
{
	for (size_t i = 0; i < COMPONENTS; i++) {
		const struct component *m = &p->components[i];
		for (int64_t n = m->generation - 1; m->revision[0] && n > 0 && n > m->generation - 16; n--) {
			char revision[REVISION_BYTES], path[PATH_MAX];
			snprintf(revision, sizeof revision, "%.128s-%05lld", m->service, (long long)n);
			if (!strcmp(revision, s->serving[i].revision))
				continue;
			if (!isvc_files_path(c, p, revision, ".json", path, sizeof path) || access(path, F_OK) < 0)
				continue;
			files_remove(c, p, revision);
		}
	}
}
