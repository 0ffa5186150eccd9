// The page: people sign in with Cognito's managed login and call the routes of the contract.

import { call, signOut } from "/call.js";
import { loadConfig, loadContract } from "/config.js";
import { operationsOf } from "/contract.js";
import { Refused, Session, Unavailable } from "/session.js";
import { announce, clearAnswers, pointAt, showCaller, showProblem, showRoutes, showTitle } from "/view.js";

async function start() {
  const [config, contract] = await Promise.all([loadConfig(), loadContract()]);
  const operations = operationsOf(contract);
  const session = new Session(config, () => changed(session, leave));
  const leave = async () => {
    await signOut(config, session, operations);
    await session.end();
  };
  showTitle(contract.info);
  const refusal = await finish(session);
  showRoutes(operations, (operation, values) => {
    showProblem("");
    history.replaceState(null, "", linkTo(operation, values));
    return call(config, session, operation, values);
  });
  show(session, leave);
  showProblem(refusal || followLink(operations));
}

/** Completes a sign-in. Returns the error message, or an empty string. */
async function finish(session) {
  try {
    await session.finish();
    return "";
  } catch (error) {
    if (error instanceof Refused || error instanceof Unavailable) return error.message;
    throw error;
  }
}

/** Returns the URL of a route on this page, such as /getUser?username=alice. */
function linkTo(operation, values) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ""));
  return `/${encodeURIComponent(operation.id)}${query.size > 0 ? `?${query}` : ""}`;
}

/** Highlights the route of the current URL. Returns an error message if there is none. */
function followLink(operations) {
  if (location.pathname === "/") return "";
  const operation = operations.find((o) => linkTo(o, {}) === location.pathname);
  if (operation === undefined) return "There is no route at this address. All routes are listed below.";
  pointAt(operation, new URLSearchParams(location.search));
  return "";
}

function changed(session, leave) {
  if (session.caller === null) clearAnswers();
  show(session, leave);
  announce(session.caller === null ? "You are signed out." : `You are signed in as ${session.caller.username}.`);
}

function show(session, leave) {
  const attempt = (action) => () => action().catch((error) => showProblem(`Failed: ${error.message}`));
  showCaller(session.caller, attempt(() => session.begin()), attempt(leave));
}

start().catch((error) => showProblem(error.message));
