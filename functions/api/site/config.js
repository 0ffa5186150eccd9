// The configuration of this page, /config.json. Whoever serves the page writes it.
//
//   {
//     "issuer":   "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_EXAMPLE",  exact iss of the pool's tokens
//     "clientId": "4p9exampleclientid7abcd1234",                                   app client without a secret
//     "loginUrl": "https://login-example.auth.eu-west-1.amazoncognito.com",        managed login, no slash at the end
//     "scopes":   ["openid"],                                                      requested scopes, openid included
//     "apiUrl":   "/api"                                                           or the API's full address, stage included
//   }

/** Reads /config.json. Errors are for the person who set the page up. */
export async function loadConfig() {
  const config = await loadJSON("/config.json");
  const wrong = [];
  for (const name of ["issuer", "clientId", "loginUrl", "apiUrl"]) {
    if (typeof config[name] !== "string" || config[name] === "" || config[name].endsWith("/")) wrong.push(name);
  }
  if (!Array.isArray(config.scopes) || !config.scopes.includes("openid")) wrong.push("scopes");
  if (wrong.length > 0) throw new Error(`This page is not set up: config.json has no usable ${wrong.join(", ")}.`);
  return config;
}

/** Reads contract.json, which the build writes and which is served with the page. */
export function loadContract() {
  return loadJSON("/contract.json");
}

async function loadJSON(path) {
  let value;
  try {
    const response = await fetch(path, { cache: "no-cache" });
    value = response.ok ? await response.json() : null;
  } catch {
    value = null;
  }
  if (typeof value !== "object" || value === null) throw new Error(`This page is not set up: ${path} could not be read.`);
  return value;
}
