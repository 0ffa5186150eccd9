// The routes, read from the OpenAPI document. There is no other list of them.

const METHODS = ["get", "post", "put", "patch", "delete", "head"];

/**
 * The operations, by path and then by method: { id, method, path, summary, parameters, isPublic, allowed },
 * where allowed says in words who may call.
 */
export function operationsOf(document) {
  const operations = [];
  for (const path of Object.keys(document.paths).sort()) {
    const item = document.paths[path];
    for (const method of METHODS.filter((m) => m in item)) {
      const operation = item[method];
      const security = operation.security ?? document.security;
      operations.push({
        id: operation.operationId ?? `${method}${path}`.replaceAll(/[^A-Za-z0-9]+/g, "-"),
        method: method.toUpperCase(),
        path,
        summary: operation.summary ?? "",
        parameters: parametersOf(document, item, operation),
        isPublic: security.length === 0,
        allowed: allowedBy(document, security),
      });
    }
  }
  return operations;
}

/** Parameters of path and query: { name, place, description, required, number, min, max }. */
function parametersOf(document, item, operation) {
  const found = new Map(); // an operation's own takes the place of its path's
  for (const given of [...(item.parameters ?? []), ...(operation.parameters ?? [])]) {
    const p = resolve(document, given);
    const schema = resolve(document, p.schema ?? {});
    if (p.in !== "path" && p.in !== "query") continue;
    found.set(`${p.in} ${p.name}`, {
      name: p.name,
      place: p.in,
      description: p.description ?? "",
      required: p.in === "path" || p.required === true,
      number: schema.type === "integer" || schema.type === "number",
      min: schema.minimum,
      max: schema.maximum,
    });
  }
  return [...found.values()];
}

/** Who may call, in words. Each entry of security is enough by itself. */
function allowedBy(document, security) {
  if (security.length === 0) return "anybody";
  const entries = security.map((entry) => requirement(document, entry));
  return entries.includes("") ? "anybody signed in" : `callers ${entries.join(", or ")}`;
}

/** All that one entry asks for: scopes of OAuth schemes, Cognito groups of the others. Empty: a token will do. */
function requirement(document, entry) {
  const parts = Object.entries(entry).flatMap(([scheme, names]) => {
    const { type } = document.components.securitySchemes[scheme];
    const kind = type === "oauth2" || type === "openIdConnect" ? "with scope" : "in group";
    return names.map((name) => `${kind} ${name}`);
  });
  return parts.join(" and ");
}

/** Follows a reference within the document. */
function resolve(document, value) {
  if (typeof value.$ref !== "string") return value;
  return value.$ref.replace("#/", "").split("/")
    .reduce((at, name) => at[name.replaceAll("~1", "/").replaceAll("~0", "~")], document);
}
