// One call of the API, and what its answer means for the caller.

import { Unavailable } from "/session.js";

const PATIENCE = 35_000; // milliseconds; API Gateway gives up after 29 s

/**
 * Calls an operation with the values of its parameters, by name. A token that the API refuses is renewed once
 * and the call is made again: the authorizer refused it, so the API has not done anything yet.
 *
 * Returns { status, milliseconds, body, meaning }; status is 0 when there is no answer that a script may read.
 */
export async function call(config, session, operation, values) {
  const address = addressOf(config.apiUrl, operation, values);
  if (address === null) {
    return { status: 0, milliseconds: 0, body: "", meaning: "Not sent: a browser takes . and .. for steps in the path." };
  }
  const token = operation.isPublic ? null : await session.accessToken();
  const answer = await send(operation.method, address, token);
  if (answer.status !== 401 || token === null) return explained(answer, operation, token);
  let renewed;
  try {
    renewed = await session.renew(token);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return { ...answer, meaning: "Try later: your token has expired, and managed login does not answer to renew it." };
  }
  if (renewed === null) return { ...answer, meaning: "Sign in again: your session has ended." };
  return explained(await send(operation.method, address, renewed), operation, renewed);
}

function explained(answer, operation, token) {
  return { ...answer, meaning: meaningOf(answer, operation, token !== null) };
}

/** null for values that would lead to another path. */
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
      method,
      headers: token === null ? {} : { Authorization: `Bearer ${token}` },
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    const body = await response.text();
    Object.assign(answer, { status: response.status, body, retryAfter: response.headers.get("Retry-After") });
  } catch {
    // A script is not told why: no network, no server, or an answer without CORS headers.
  }
  return { ...answer, milliseconds: Math.round(performance.now() - begin) };
}

function meaningOf({ status, retryAfter }, operation, withToken) {
  if (status >= 200 && status < 300) return "";
  switch (status) {
    case 0:
      return "No answer that this page may read: the API cannot be reached, or does not name this page's origin in its CORS headers.";
    case 400:
      return "A parameter is wrong; the body says which.";
    case 401:
      return withToken ? "Sign in again: the API does not take this token." : "Sign in: this route takes signed-in callers only.";
    case 403:
      return `Not permitted: this route is for ${operation.allowed}. Signing in again as the same person does not change that.`;
    case 404:
      return "There is no such thing; you may ask for it, though.";
  }
  if (status === 429 || status >= 500) {
    return "Try later: the fault is not yours." + (retryAfter === null ? "" : ` The API asks you to wait ${retryAfter} s.`);
  }
  return "The API did not accept this call; the body may say why.";
}
