// The routes from the compiled contract, contract.json, the only list of them. What a caller needs is only read from
// x-authorizer-rule.

const METHODS = ["get", "post", "put", "patch", "delete", "head", "options", "x-amazon-apigateway-any-method"];

/**
 * Returns the operations, sorted by path and then by method:
 * { id, method, path, summary, parameters, isPublic, allowed, needsFreshSignIn }.
 * allowed describes who may call, in the words of the command cognito-authorizer routes.
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
        allowed: rule.text,
        needsFreshSignIn: rule.any_of?.some((entry) => entry.max_age > 0) ?? false,
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
