// The routes from the compiled contract, contract.json, the only list of them. What a caller needs is only read from
// x-authorizer-rule.

const METHODS = ["get", "post", "put", "patch", "delete", "head", "options", "x-amazon-apigateway-any-method"];

/**
 * Returns the operations, sorted by path and then by method: { id, method, path, summary, parameters, isPublic, allowed }.
 * allowed describes who may call.
 */
export function operationsOf(document) {
  const operations = [];
  for (const path of Object.keys(document.paths).sort()) {
    const item = document.paths[path];
    for (const method of METHODS.filter((m) => m in item)) {
      const operation = item[method];
      const rule = operation["x-authorizer-rule"];
      operations.push({
        id: operation.operationId ?? `${method}${path}`.replaceAll(/[^A-Za-z0-9]+/g, "-"),
        method: method.startsWith("x-") ? "ANY" : method.toUpperCase(),
        path,
        summary: operation.summary ?? "",
        parameters: parametersOf(operation),
        isPublic: rule.access === "public",
        allowed: allowedBy(rule),
      });
    }
  }
  return operations;
}

/** Returns the path and query parameters: { name, place, description, required, number, min, max }. */
function parametersOf(operation) {
  return (operation.parameters ?? []).filter((p) => p.in === "path" || p.in === "query").map((p) => ({
    name: p.name,
    place: p.in,
    description: p.description ?? "",
    required: p.in === "path" || p.required === true,
    number: p.schema?.type === "integer" || p.schema?.type === "number",
    min: p.schema?.minimum,
    max: p.schema?.maximum,
  }));
}

/** Describes who may call. Each entry of any_of suffices by itself. */
function allowedBy(rule) {
  if (rule.access === "public") return "anybody";
  if (rule.access !== "token") return "callers with an IAM signature";
  const entries = rule.any_of.map(requirement);
  return entries.includes("") ? "anybody signed in" : `callers ${entries.join(", or ")}`;
}

/** Describes what one entry requires. Empty if any valid token suffices. */
function requirement(entry) {
  const { scopes = [], groups = [], ...others } = entry;
  return [
    ...scopes.map((name) => `with scope ${name}`),
    ...groups.map((name) => `in group ${name}`),
    ...Object.keys(others).sort().map((name) => `who meet a condition on ${name}`),
  ].join(" and ");
}
