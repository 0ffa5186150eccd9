// Sign-in with Cognito's managed login: the authorization code grant with PKCE (RFC 6749 §4.1, RFC 7636) and an ID token (OpenID
// Connect Core §3.1).
//
// Tokens are only kept in the memory of this page, so a reload loses them. Managed login's cookie then allows a new sign-in
// without a password. sessionStorage only holds what the page needs after the redirect, and only for one return.

import { challengeOf, randomText } from "/pkce.js";

const PENDING = "sign-in"; // key in sessionStorage
const RENEW_BEFORE = 30_000; // milliseconds before its expiry at which a token is renewed
const TIMEOUT = 10_000; // milliseconds to wait for managed login

/** A failed sign-in. The message is for the person who uses the page. */
export class Refused extends Error {}

/** Managed login did not respond, or reported an error of its own. */
export class Unavailable extends Error {
  constructor() {
    super("Managed login does not respond at the moment. Try again later.");
  }
}

export class Session {
  #config;
  #changed;
  #tokens = null; // { access, refresh, expires (in milliseconds), caller }
  #renewal = null; // the promise of the running renewal, shared by all callers

  /** changed is called whenever somebody signs in, or is signed out. */
  constructor(config, changed) {
    this.#config = config;
    this.#changed = changed;
  }

  /** The person who is signed in: { username, groups }, or null. */
  get caller() {
    return this.#tokens?.caller ?? null;
  }

  /** Navigates to managed login, which returns to the root of this origin. The page then restores the current URL. */
  async begin() {
    const pending = { state: randomText(), nonce: randomText(), verifier: randomText(), href: location.href };
    sessionStorage.setItem(PENDING, JSON.stringify(pending));
    location.assign(this.#loginPage("/oauth2/authorize", {
      response_type: "code",
      redirect_uri: home(),
      scope: this.#config.scopes.join(" "),
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await challengeOf(pending.verifier),
      code_challenge_method: "S256",
    }));
  }

  /**
   * Completes a sign-in if managed login has just redirected the browser back. First of all the code is removed from the address
   * bar. Throws Refused or Unavailable.
   */
  async finish() {
    const answer = new URLSearchParams(location.search);
    if (location.pathname !== "/" || !(answer.has("code") || answer.has("error"))) return;
    const pending = takePending();
    const valid = pending !== null && pending.state === answer.get("state");
    history.replaceState(null, "", valid ? pending.href : "/");
    // An attacker's code would sign this person in as the attacker (RFC 6749 §10.12).
    if (!valid) throw new Refused("This sign-in was not started on this page, so it was ignored. Sign in again.");
    if (answer.has("error")) throw new Refused(refusalOf(answer.get("error")));
    const granted = await this.#token({
      grant_type: "authorization_code",
      code: answer.get("code"),
      redirect_uri: home(),
      code_verifier: pending.verifier,
    });
    this.#set(granted, this.#callerOf(granted.id_token, pending.nonce));
  }

  /** Returns an access token that does not expire soon, or null if nobody is signed in. */
  async accessToken() {
    if (this.#tokens !== null && Date.now() >= this.#tokens.expires - RENEW_BEFORE) {
      try {
        await this.renew(this.#tokens.access);
      } catch {
        // The current token may still be valid. If not, the API rejects it and the caller renews it again.
      }
    }
    return this.#tokens?.access ?? null;
  }

  /**
   * Renews a token that the API rejected. Returns the new token, or null if the session has expired or was revoked. Throws Unavailable, which leaves
   * the session unchanged.
   */
  async renew(refused) {
    if (this.#tokens?.access === refused) {
      this.#renewal ??= this.#refresh(this.#tokens).finally(() => { this.#renewal = null; });
      await this.#renewal;
    }
    return this.#tokens?.access ?? null;
  }

  /** Revokes the refresh token, then ends the session at managed login, which redirects back here. */
  async end() {
    const refresh = this.#tokens?.refresh;
    this.#forget();
    if (refresh) {
      try {
        await this.#post("/oauth2/revoke", { token: refresh });
      } catch {
        // This page has forgotten the token anyway. Not signing out would be worse.
      }
    }
    location.assign(this.#loginPage("/logout", { logout_uri: home() }));
  }

  async #refresh(tokens) {
    let granted;
    try {
      if (!tokens.refresh) throw new Refused();
      granted = await this.#token({ grant_type: "refresh_token", refresh_token: tokens.refresh });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (this.#tokens === tokens) this.#forget();
      return;
    }
    if (this.#tokens !== tokens) return; // signed out in the meantime
    this.#set({ refresh_token: tokens.refresh, ...granted }, tokens.caller); // with rotation there is a new one
  }

  #set(granted, caller) {
    this.#tokens = {
      access: granted.access_token,
      refresh: granted.refresh_token,
      expires: Date.now() + granted.expires_in * 1000,
      caller,
    };
    this.#changed();
  }

  #forget() {
    this.#tokens = null;
    this.#changed();
  }

  /**
   * Reads the ID token. It came directly from managed login over TLS, so its signature need not be verified (OpenID Connect Core
   * §3.1.3.7). The API verifies the signature of the access token.
   */
  #callerOf(idToken, nonce) {
    const claims = claimsOf(idToken);
    if (claims.iss !== this.#config.issuer || claims.aud !== this.#config.clientId || claims.token_use !== "id" ||
        claims.nonce !== nonce || !(claims.exp * 1000 > Date.now())) {
      throw new Refused("Managed login responded to another sign-in, so the response was ignored. Sign in again.");
    }
    return { username: String(claims["cognito:username"]), groups: claims["cognito:groups"] ?? [] };
  }

  async #token(form) {
    const response = await this.#post("/oauth2/token", form);
    let answer = null;
    try {
      answer = await response.json();
    } catch {
      throw new Unavailable();
    }
    if (response.ok && typeof answer?.access_token === "string" && answer.expires_in > 0) return answer;
    if (response.ok || response.status === 429 || response.status >= 500) throw new Unavailable();
    throw new Refused("Managed login rejected this sign-in. It may have expired. Sign in again.");
  }

  async #post(path, form) {
    try {
      return await fetch(this.#config.loginUrl + path, {
        method: "POST",
        body: new URLSearchParams({ client_id: this.#config.clientId, ...form }),
        credentials: "omit",
        cache: "no-store",
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT),
      });
    } catch {
      throw new Unavailable();
    }
  }

  #loginPage(path, query) {
    return `${this.#config.loginUrl}${path}?${new URLSearchParams({ client_id: this.#config.clientId, ...query })}`;
  }
}

/** Returns the URL that must be among the callback URLs and the sign-out URLs of the app client. */
function home() {
  return location.origin + "/";
}

/** Returns and removes what begin has stored; null if there is nothing. */
function takePending() {
  const text = sessionStorage.getItem(PENDING);
  sessionStorage.removeItem(PENDING);
  return JSON.parse(text); // JSON.parse(null) is null
}

/** Returns a fixed message for an error code. error_description is not shown, because anybody can put text into the URL. */
function refusalOf(code) {
  if (code === "access_denied") return "You did not sign in.";
  return "Managed login rejected the request of this page. Check the settings of its app client.";
}

function claimsOf(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(payload), (c) => c.charCodeAt(0))));
  } catch {
    return {}; // without claims, which every check rejects
  }
}
