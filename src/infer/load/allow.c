/*
 * Which names a pickle may mention: see pickle.h and the rows in allow_table.h.
 *
 * An allowlist, since denylists of dangerous names have been incomplete every time. Names are compared whole: the dotted
 * names with which STACK_GLOBAL reaches attributes of attributes match nothing here.
 */
#include <string.h>

#include "base/check.h"
#include "infer/load/make.h"
#include "infer/load/pickle.h"

static const struct allowed rows[] = {
#define NAME(m, n) { .cls = { m, n }, .kind = ALLOW_NAME },
#define CLASS(m, n) { .cls = { m, n }, .kind = ALLOW_CLASS },
#define DICT(m, n) { .cls = { m, n }, .kind = ALLOW_DICT },
#define MAKE(m, n, f) { .cls = { m, n }, .kind = ALLOW_MAKE, .make = f },
#include "infer/load/allow_table.h"
};

static const char *const packages[] = {
#define PACKAGE(m) m,
#include "infer/load/allow_table.h"
};

static const char *const function_packages[] = {
#define FUNCTIONS(m) m,
#include "infer/load/allow_table.h"
};

static bool all_of(struct slice s, const char *others)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || (c && strchr(others, c))))
			return false;
	}
	return s.len > 0 && s.len < 256;
}

static bool in_package(struct slice module, const char *const *list, size_t count)
{
	if (!all_of(module, "."))
		return false;
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(list[i]);
		if (slice_starts(module, list[i]) && (module.len == n || module.ptr[n] == '.'))
			return true;
	}
	return false;
}

static bool spelled_as_class(struct slice name)
{
	if (!all_of(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		return false;
	size_t i = 0;
	while (i < name.len && name.ptr[i] == '_')
		i++;
	return i < name.len && name.ptr[i] >= 'A' && name.ptr[i] <= 'Z';
}

/* What a package lets this name be: a class, a function, or the one by which Cython's classes are unpickled. */
static bool package_kind(struct slice module, struct slice name, enum allow_kind *kind)
{
	static const char unpickle[] = "__pyx_unpickle_";
	bool cython = slice_starts(name, unpickle);
	if (in_package(module, packages, COUNT_OF(packages)) &&
	    spelled_as_class(cython ? slice_from(name, sizeof unpickle - 1) : name)) {
		*kind = cython ? ALLOW_MAKE : ALLOW_CLASS;
		return true;
	}
	*kind = ALLOW_NAME;
	return !cython && all_of(name, "") && in_package(module, function_packages, COUNT_OF(function_packages));
}

/* A row made for this file. */
static int package_row(struct pickle *p, struct slice module, struct slice name, enum allow_kind kind,
		       const struct allowed **out)
{
	if (pickle_charge(p, module.len + name.len) < 0)
		return -1;
	struct allowed *row = pickle_alloc(p, 1, sizeof *row);
	const char *m = row ? arena_cstr(p->arena, module) : NULL, *n = m ? arena_cstr(p->arena, name) : NULL;
	if (!n)
		return err_set(p->err, ERR_TOO_LARGE, "out of memory");
	*row = (struct allowed){ .cls = { m, n }, .kind = kind, .make = kind == ALLOW_MAKE ? make_cython : NULL };
	*out = row;
	return 0;
}

/* Names come from a hostile file and go into logs and JSON. */
static void printable(struct slice s, char *to, size_t room)
{
	size_t n = MIN(s.len, room - 1);
	for (size_t i = 0; i < n; i++)
		to[i] = s.ptr[i] >= 0x20 && s.ptr[i] < 0x7f ? s.ptr[i] : '?';
	to[n] = 0;
}

static int refuse(struct pickle *p, struct slice module, struct slice name)
{
	char m[128], n[128];
	printable(module, m, sizeof m);
	printable(name, n, sizeof n);
	if (slice_starts(module, "sklearn.") || slice_is(module, "sklearn"))
		return pickle_refuse(p, "the file names %s.%s, which is no estimator: functions of scikit-learn are not part "
					"of a model's data",
				     m, n);
	if (slice_is(module, "__main__"))
		return pickle_refuse(p,
				     "the file names %s.%s, which is code of the program that wrote the file: it is not run. "
				     "Build the model from scikit-learn's own classes and save it again",
				     m, n);
	if (slice_starts(module, "scipy.stats."))
		return pickle_refuse(p,
				     "the file names %s.%s, a distribution that is not known. Of a search, save "
				     "best_estimator_ alone",
				     m, n);
	return pickle_refuse(p, "the file names %s.%s, which is not on the list of data types that a model may hold. A pickle "
				"is read as data here: nothing that it names is imported or called",
			     m, n);
}

int allow_find(struct pickle *p, struct slice module, struct slice name, const struct allowed **out)
{
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (slice_is(name, rows[i].cls.name) && slice_is(module, rows[i].cls.module)) {
			*out = &rows[i];
			return 0;
		}
	}
	enum allow_kind kind;
	if (package_kind(module, name, &kind))
		return package_row(p, module, name, kind, out);
	return refuse(p, module, name);
}
