/* Fields of metadata: see schema_meta.h. Numbers are those of the protobuf messages. */
#include "cluster/schema_meta.h"

#include "base/check.h"

static const struct schema_field owner_fields[] = {
	{ .number = 5, .name = "apiVersion", .type = FIELD_STRING, .required = true, .show = true,
	  .doc = "Group and version of the owner's kind." },
	{ .number = 1, .name = "kind", .type = FIELD_STRING, .required = true, .show = true, .doc = "Kind of the owner." },
	{ .number = 3, .name = "name", .type = FIELD_STRING, .required = true, .show = true, .doc = "Name of the owner." },
	{ .number = 4, .name = "uid", .type = FIELD_STRING, .required = true, .show = true,
	  .doc = "Identity of the owner; one with the same name and another uid does not count." },
	{ .number = 6, .name = "controller", .type = FIELD_BOOLEAN, .keep = true,
	  .doc = "True for the one owner that manages this object." },
	{ .number = 7, .name = "blockOwnerDeletion", .type = FIELD_BOOLEAN, .keep = true,
	  .doc = "With foreground deletion the owner stays until this object is gone." },
};
const struct schema_type type_meta_OwnerReference = {
	.name = "io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference",
	.doc = "An object that this one belongs to and is deleted with.",
	.fields = owner_fields,
	.fields_n = COUNT_OF(owner_fields),
	.atomic = true,
};

static const struct schema_field managed_fields[] = {
	{ .number = 1, .name = "manager", .type = FIELD_STRING, .doc = "Who wrote the fields." },
	{ .number = 2, .name = "operation", .type = FIELD_STRING, .doc = "Apply or Update." },
	{ .number = 3, .name = "apiVersion", .type = FIELD_STRING, .doc = "The version in which the fields are named." },
	{ .number = 4, .name = "time", .type = FIELD_TIME, .keep = true, .doc = "When the manager last changed one of them." },
	{ .number = 6, .name = "fieldsType", .type = FIELD_STRING, .doc = "FieldsV1." },
	{ .number = 7, .name = "fieldsV1", .type = FIELD_ANY, .keep = true, .doc = "The fields, as a tree of names." },
	{ .number = 8, .name = "subresource", .type = FIELD_STRING, .doc = "The subresource written through, if one was." },
};
const struct schema_type type_meta_ManagedFieldsEntry = {
	.name = "io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry",
	.doc = "The fields of an object that one manager owns.",
	.fields = managed_fields,
	.fields_n = COUNT_OF(managed_fields),
};

static const struct schema_field meta_fields[] = {
	{ .number = 1, .name = "name", .type = FIELD_STRING, .doc = "Unique within the namespace, for its kind." },
	{ .number = 2, .name = "generateName", .type = FIELD_STRING,
	  .doc = "Start of a name that is completed at random when no name is given." },
	{ .number = 3, .name = "namespace", .type = FIELD_STRING, .doc = "Namespace the object lives in." },
	{ .number = 4, .name = "selfLink", .type = FIELD_STRING },
	{ .number = 5, .name = "uid", .type = FIELD_STRING, .doc = "Identity of this very object, never used again." },
	{ .number = 6, .name = "resourceVersion", .type = FIELD_STRING,
	  .doc = "Changes with every write; given in an update, it refuses the write when somebody else wrote meanwhile." },
	{ .number = 7, .name = "generation", .type = FIELD_INTEGER, .doc = "Counts the changes of the wanted state." },
	{ .number = 8, .name = "creationTimestamp", .type = FIELD_TIME, .doc = "When the object was made." },
	{ .number = 9, .name = "deletionTimestamp", .type = FIELD_TIME, .keep = true,
	  .doc = "When the object was deleted; it stays until its finalizers are gone." },
	{ .number = 10, .name = "deletionGracePeriodSeconds", .type = FIELD_INTEGER, .keep = true,
	  .doc = "Seconds the object has for ending by itself." },
	{ .number = 11, .name = "labels", .type = FIELD_MAP, .item_type = FIELD_STRING,
	  .doc = "Short names and values that selectors choose by." },
	{ .number = 12, .name = "annotations", .type = FIELD_MAP, .item_type = FIELD_STRING,
	  .doc = "Names and texts kept for tools; selectors do not see them." },
	{ .number = 13, .name = "ownerReferences", .type = FIELD_LIST, .item_type = FIELD_OBJECT,
	  .of = &type_meta_OwnerReference, .list = LIST_MAP, .keys = "uid", .merge_key = "uid",
	  .doc = "Objects this one belongs to; it is deleted when all of them are gone." },
	{ .number = 14, .name = "finalizers", .type = FIELD_LIST, .item_type = FIELD_STRING, .list = LIST_SET, .merge_key = "",
	  .doc = "Names that must be taken away, by whoever set them, before the object disappears." },
	{ .number = 17, .name = "managedFields", .type = FIELD_LIST, .item_type = FIELD_OBJECT,
	  .of = &type_meta_ManagedFieldsEntry, .doc = "Which manager owns which field." },
};
const struct schema_type type_meta_ObjectMeta = {
	.name = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
	.doc = "What every object has: its name, labels and history.",
	.fields = meta_fields,
	.fields_n = COUNT_OF(meta_fields),
};
