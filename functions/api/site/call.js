// Calls of the API, and what their responses mean for the caller.

import { Unavailable } from "/session.js";

const TIMEOUT = 35_000; // milliseconds; longer than API Gateway's own limit of 29 s

/**
 * Calls an operation with the values of its parameters, by name. If the API rejects the token, or answers from a cached result
 * that has ended with its token, the token is renewed and the call is repeated once. That is safe: the call was rejected before
 * it reached the function, so it had no effect.
 *
 * Returns { status, milliseconds, body, meaning }. status is 0 if there is no response that a script may read.
 */
export async function call(config, session, operation, values) {
  const address = addressOf(config.apiUrl, operation, values);
  if (address === null) {
    return { status: 0, milliseconds: 0, body: "", meaning: "Not sent: a browser would remove . and .. from the path." };
  }
  const token = operation.isPublic ? null : await session.accessToken();
  const answer = await send(operation.method, address, token);
  if (token === null || !(answer.status === 401 || hasExpired(answer))) return explained(answer, operation, token);
  let renewed;
  try {
    renewed = await session.renew(token);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return { ...answer, meaning: "Try later: your token has expired, and managed login does not respond to renew it." };
  }
  if (renewed === null) return { ...answer, meaning: "Sign in again: your session has expired or was revoked." };
  return explained(await send(operation.method, address, renewed), operation, renewed);
}

function explained(answer, operation, token) {
  return { ...answer, meaning: meaningOf(answer, operation, token !== null) };
}

/** Reports whether a 403 comes from the end of the token: the body of a REST API's own 403 says when that is. */
function hasExpired({ status, body }) {
  if (status !== 403) return false;
  try {
    return Date.parse(JSON.parse(body).expiresAt) <= Date.now();
  } catch {
    return false; // not JSON
  }
}

/**
 * Signs out of the API, if it has an operation POST /sign-out: revokes the access token, which managed login cannot do. Does
 * nothing if it fails. The caller signs out of managed login in any case.
 */
export async function signOut(config, session, operations) {
  const operation = operations.find(({ method, path }) => method === "POST" && path === "/sign-out");
  const token = operation === undefined ? null : await session.accessToken();
  if (token !== null) await send(operation.method, addressOf(config.apiUrl, operation, {}), token);
}

/** Returns the URL of a call, or null for values that would change the path. */
function addressOf(apiUrl, operation, values) {
  const query = new URLSearchParams();
  let path = operation.path;
  for (const { name, place } of operation.parameters) {
    const value = values[name] ?? "";
    if (place === "query") {
      if (value !== "") query.set(name, value);
    } else if (value === "." || value === "..") {
      return null;
    } else {
      path = path.replace(`{${name}}`, () => encodeURIComponent(value));
    }
  }
  return apiUrl + path + (query.size > 0 ? `?${query}` : "");
}

async function send(method, address, token) {
  const begin = performance.now();
  const answer = { status: 0, body: "", retryAfter: null };
  try {
    const response = await fetch(address, {
      method: method === "ANY" ? "GET" : method,
      headers: token === null ? {} : { Authorization: `Bearer ${token}` },
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT),
    });
    const body = await response.text();
    Object.assign(answer, { status: response.status, body, retryAfter: response.headers.get("Retry-After") });
  } catch {
    // Browsers do not tell scripts the reason: no network, no server, or a response without CORS headers.
  }
  return { ...answer, milliseconds: Math.round(performance.now() - begin) };
}

function meaningOf({ status, retryAfter }, operation, withToken) {
  if (status >= 200 && status < 300) return "";
  switch (status) {
    case 0:
      return "No response that this page may read: the API is unreachable, or its CORS headers do not allow this page's origin.";
    case 400:
      return "A parameter is invalid. The response names it.";
    case 401:
      return withToken ? "Sign in again: the API rejects this token." : "Sign in: this route requires a signed-in caller.";
    case 403:
      return `Not permitted. Who may call this route: ${operation.allowed}. ` + (operation.needsFreshSignIn
        ? "Signing in again helps only if your sign-in was too long ago."
        : "Signing in again as the same person does not change that.");
    case 404:
      return "Not found: you may call this route, but the resource does not exist.";
  }
  if (status === 429 || status >= 500) {
    return "Try later: this is not your error." + (retryAfter === null ? "" : ` The API asks you to wait ${retryAfter} s.`);
  }
  return "The API did not accept this call. The response may say why.";
}
