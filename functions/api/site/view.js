// The elements of the page. Text is only ever inserted as text, never as HTML.

const MAX_SHOWN = 20_000; // characters of a body

const byId = (id) => document.getElementById(id);

/** Creates an element. Attributes that are undefined or false are left out; true becomes an attribute without value. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

export function showTitle({ title, version, description }) {
  document.title = title;
  byId("title").textContent = title;
  byId("description").textContent = [description, `Version ${version}.`].filter(Boolean).join(" ");
}

/** Shows an error message. An empty one hides it. */
export function showProblem(text) {
  byId("problem").hidden = text === "";
  byId("problem").textContent = text;
}

/** Announces a change to users of screen readers. */
export function announce(text) {
  byId("status").textContent = text;
}

/** Shows who is signed in, with a button to sign in or out. */
export function showCaller(caller, signIn, signOut) {
  const button = make("button", { type: "button", class: "primary" }, caller === null ? "Sign in" : "Sign out");
  button.addEventListener("click", caller === null ? signIn : signOut);
  const who = caller === null
    ? [make("strong", {}, "Not signed in")]
    : [make("strong", {}, caller.username), make("span", {}, caller.groups.length > 0 ? `in group ${caller.groups.join(", ")}` : "in no group")];
  const hadFocus = byId("caller").contains(document.activeElement);
  byId("caller").replaceChildren(make("p", {}, ...who), button);
  if (hadFocus) button.focus(); // keep the keyboard focus
}

/**
 * Shows the routes. called is an async function that makes a call: it gets the operation and the values of its parameters by name,
 * and returns the result.
 */
export function showRoutes(operations, called) {
  byId("routes").append(...operations.map((operation) => routeOf(operation, called)));
  byId("routes").hidden = false;
}

/** Removes all responses, so that the next person does not see them. */
export function clearAnswers() {
  for (const body of byId("routes").tBodies) clearAnswer(body);
}

/** Highlights a route and fills in its parameters. */
export function pointAt({ id }, values) {
  const body = byId(`route-${id}`);
  body.setAttribute("aria-current", "true");
  for (const input of body.querySelectorAll("input")) input.value = values.get(input.name) ?? "";
  body.scrollIntoView({ block: "center" });
}

function routeOf(operation, called) {
  const name = `${operation.method} ${operation.path}`;
  const form = make("form", { id: `call-${operation.id}` },
    make("button", { type: "submit", "aria-label": `Call ${name}` }, "Call"));
  const body = make("tbody", { role: "rowgroup", id: `route-${operation.id}` },
    make("tr", { role: "row" },
      make("th", { scope: "row", role: "rowheader" },
        make("span", { class: `method ${operation.method.toLowerCase()}` }, operation.method), " ",
        make("code", {}, operation.path),
        make("span", { class: "summary" }, operation.summary)),
      make("td", { role: "cell", class: "allowed" }, make("span", { class: "label", "aria-hidden": "true" }, "Who may call it: "), operation.allowed),
      make("td", { role: "cell", class: "parameters" }, ...operation.parameters.map((p) => fieldOf(p, operation, form.id))),
      make("td", { role: "cell", class: "call" }, form),
      make("td", { role: "cell", class: "outcome" })));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.getAttribute("aria-disabled") === "true") return; // disabled would lose the focus
    button.setAttribute("aria-disabled", "true");
    const values = Object.fromEntries([...form.elements].filter((e) => e.name !== "").map((e) => [e.name, e.value]));
    try {
      showAnswer(body, name, await called(operation, values));
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
  return body;
}

function fieldOf(parameter, operation, form) {
  const id = `${operation.id}-${parameter.name}`;
  return make("div", { class: "field" },
    make("label", { for: id }, parameter.name, parameter.required ? "" : make("span", { class: "optional" }, " optional")),
    make("input", {
      id, form, name: parameter.name, title: parameter.description || undefined,
      type: parameter.number ? "number" : "text", min: parameter.min, max: parameter.max,
      required: parameter.required, autocomplete: "off", autocapitalize: "none", spellcheck: "false",
    }));
}

function clearAnswer(body) {
  body.querySelector(".outcome").replaceChildren();
  body.querySelector(".answer")?.remove();
}

function showAnswer(body, name, { status, milliseconds, body: text, meaning }) {
  clearAnswer(body);
  const kind = status === 0 ? "none" : `is-${Math.floor(status / 100)}xx`;
  body.querySelector(".outcome").append(
    make("strong", { class: `code ${kind}` }, status === 0 ? "none" : String(status)), " ",
    make("span", { class: "time" }, `${milliseconds} ms`));
  const cell = make("td", { role: "cell", colspan: "5" });
  if (meaning !== "") cell.append(make("p", { class: `meaning ${kind}` }, meaning));
  if (status !== 0) {
    cell.append(text === ""
      ? make("p", { class: "empty" }, "The response has no body.")
      : make("pre", { tabindex: "0", role: "region", "aria-label": `Body of the response to ${name}` }, readable(text)));
  }
  body.append(make("tr", { role: "row", class: "answer" }, cell));
  announce(`${name}: ${status === 0 ? "no response" : status}, after ${milliseconds} milliseconds. ${meaning}`);
}

/** Returns JSON with indentation, and any other text unchanged. */
function readable(text) {
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // it is not JSON
  }
  return shown.length <= MAX_SHOWN ? shown : `${shown.slice(0, MAX_SHOWN)}\n… and ${shown.length - MAX_SHOWN} more characters`;
}
