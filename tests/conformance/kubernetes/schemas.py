"""What a server says about its kinds and their fields."""


class Schemas:
    """Every kind's schema out of the OpenAPI documents, and the fields below it."""

    def __init__(self, s):
        self.types, self.kinds = {}, {}
        for path in s.json("GET", "/openapi/v3")[1]["paths"]:
            for name, t in s.json("GET", "/openapi/v3/" + path)[1]["components"]["schemas"].items():
                self.types[name] = t
                for gvk in t.get("x-kubernetes-group-version-kind", ()):
                    self.kinds.setdefault(gvk["kind"], []).append(t)

    def along(self, kind, path):
        """For each type of that kind that has the path: the fields on it."""
        for t in self.kinds[kind]:
            fields, members = [], t.get("properties", {})
            for name in path.split("."):
                if name not in members:
                    break
                fields.append(members[name])
                members = self.members(members[name])
            else:
                yield fields

    def members(self, field):
        """Members of a field's value, or of its items."""
        field = field.get("items", field.get("additionalProperties", field))
        for ref in field.get("allOf", [field]):
            if "$ref" in ref:
                return self.types[ref["$ref"].rsplit("/", 1)[1]].get("properties", {})
        return field.get("properties", {})
