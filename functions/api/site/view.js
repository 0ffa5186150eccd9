// What is on the page. All text goes in as text: nothing here reads HTML.

const SHOWN = 20_000; // letters of a body

const byId = (id) => document.getElementById(id);

/** Makes an element. Attributes that are undefined or false are left out, true ones have no value. */
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

/** Says what went wrong; an empty text takes it away. */
export function showProblem(text) {
  byId("problem").hidden = text === "";
  byId("problem").textContent = text;
}

/** Tells somebody who does not see the page what has changed on it. */
export function announce(text) {
  byId("status").textContent = text;
}

/** Shows who is signed in, with the button that changes it. */
export function showCaller(caller, signIn, signOut) {
  const button = make("button", { type: "button", class: "primary" }, caller === null ? "Sign in" : "Sign out");
  button.addEventListener("click", caller === null ? signIn : signOut);
  const who = caller === null
    ? [make("strong", {}, "Not signed in")]
    : [make("strong", {}, caller.username), make("span", {}, caller.groups.length > 0 ? `in group ${caller.groups.join(", ")}` : "in no group")];
  const hadFocus = byId("caller").contains(document.activeElement);
  byId("caller").replaceChildren(make("p", {}, ...who), button);
  if (hadFocus) button.focus(); // a keyboard must not be sent back to the top
}

/**
 * Shows the routes. called is asked to make a call: it gets the operation and the values of its parameters by
 * name, and promises an answer.
 */
export function showRoutes(operations, called) {
  byId("routes").append(...operations.map((operation) => routeOf(operation, called)));
  byId("routes").hidden = false;
}

/** Takes the answers away, which are not for the next person's eyes. */
export function clearAnswers() {
  for (const body of byId("routes").tBodies) clearAnswer(body);
}

/** Points at one route and fills in its parameters. */
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
      make("td", { role: "cell", class: "allowed" }, make("span", { class: "label", "aria-hidden": "true" }, "For "), operation.allowed),
      make("td", { role: "cell", class: "parameters" }, ...operation.parameters.map((p) => fieldOf(p, operation, form.id))),
      make("td", { role: "cell", class: "call" }, form),
      make("td", { role: "cell", class: "outcome" })));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.getAttribute("aria-disabled") === "true") return; // disabled would take the focus away
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
      ? make("p", { class: "empty" }, "The answer has no body.")
      : make("pre", { tabindex: "0", role: "region", "aria-label": `Body of the answer to ${name}` }, readable(text)));
  }
  body.append(make("tr", { role: "row", class: "answer" }, cell));
  announce(`${name}: ${status === 0 ? "no answer" : status}, after ${milliseconds} milliseconds. ${meaning}`);
}

/** JSON on several lines, anything else as it is. */
function readable(text) {
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // it is not JSON
  }
  return shown.length <= SHOWN ? shown : `${shown.slice(0, SHOWN)}\n… and ${shown.length - SHOWN} letters more`;
}
