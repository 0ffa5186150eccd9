// The page: sign in with Cognito's managed login, then call the routes of the contract.

import { call } from "/call.js";
import { loadConfig, loadContract } from "/config.js";
import { operationsOf } from "/contract.js";
import { Refused, Session, Unavailable } from "/session.js";
import { announce, clearAnswers, pointAt, showCaller, showProblem, showRoutes, showTitle } from "/view.js";

async function start() {
  const [config, contract] = await Promise.all([loadConfig(), loadContract()]);
  const operations = operationsOf(contract);
  const session = new Session(config, () => changed(session));
  showTitle(contract.info);
  const refusal = await finish(session);
  showRoutes(operations, (operation, values) => {
    showProblem("");
    history.replaceState(null, "", linkTo(operation, values));
    return call(config, session, operation, values);
  });
  show(session);
  showProblem(refusal || followLink(operations));
}

/** Completes a sign-in and says what was wrong with it, if anything. */
async function finish(session) {
  try {
    await session.finish();
    return "";
  } catch (error) {
    if (error instanceof Refused || error instanceof Unavailable) return error.message;
    throw error;
  }
}

/** The address of a route on this page, such as /getUser?username=alice. */
function linkTo(operation, values) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ""));
  return `/${encodeURIComponent(operation.id)}${query.size > 0 ? `?${query}` : ""}`;
}

/** Points at the route of the present address. Says so if there is none. */
function followLink(operations) {
  if (location.pathname === "/") return "";
  const operation = operations.find((o) => linkTo(o, {}) === location.pathname);
  if (operation === undefined) return "There is nothing at this address. Here is everything that there is.";
  pointAt(operation, new URLSearchParams(location.search));
  return "";
}

function changed(session) {
  if (session.caller === null) clearAnswers();
  show(session);
  announce(session.caller === null ? "You are signed out." : `You are signed in as ${session.caller.username}.`);
}

function show(session) {
  const attempt = (action) => () => action().catch((error) => showProblem(`That did not work: ${error.message}`));
  showCaller(session.caller, attempt(() => session.begin()), attempt(() => session.end()));
}

start().catch((error) => showProblem(error.message));
