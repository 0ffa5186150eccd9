// handler.mjs
export function callerOf(event) {
  const context = event.requestContext.authorizer ?? {};
  const identity = context.lambda ?? context; // an HTTP API with format 2.0 nests it
  if (!identity.sub) throw new Error("no identity: is the authorizer attached to this route?");
  const list = (text) => (text ? text.split(" ") : []);
  return {
    sub: identity.sub,
    username: identity.username ?? null,
    clientId: identity.clientId,
    groups: list(identity.groups),
    scopes: list(identity.scopes),
  };
}

export async function handler(event) {
  return { statusCode: 200, headers: { "Content-Type": "application/json" }, body: JSON.stringify(callerOf(event)) };
}
