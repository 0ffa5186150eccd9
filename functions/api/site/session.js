// Signing in with Cognito's managed login: authorization code with PKCE (RFC 6749 §4.1, RFC 7636) and an ID
// token (OpenID Connect Core §3.1).
//
// Tokens are kept in the memory of this page and nowhere else, so a reload forgets them; managed login's own
// cookie then signs in again without a password. Only what the redirect needs is in sessionStorage, from the
// redirect to the return, and it is good for one return.

import { challengeOf, randomText } from "/pkce.js";

const BEGUN = "sign-in"; // name in sessionStorage
const EARLY = 30_000; // milliseconds before its end at which a token is renewed
const PATIENCE = 10_000; // milliseconds to wait for managed login

/** A sign-in that cannot go on. The message is for the person in front of the page. */
export class Refused extends Error {}

/** Managed login gave no answer, or said that it is its own fault. */
export class Unavailable extends Error {
  constructor() {
    super("Managed login does not answer at the moment. Try again later.");
  }
}

export class Session {
  #config;
  #changed;
  #tokens = null; // { access, refresh, expires in milliseconds, caller }
  #renewal = null; // the one under way, however many wait for it

  /** changed is called whenever somebody is signed in, or nobody is any more. */
  constructor(config, changed) {
    this.#config = config;
    this.#changed = changed;
  }

  /** Who is signed in: { username, groups }, or null. */
  get caller() {
    return this.#tokens?.caller ?? null;
  }

  /** Goes to managed login. It comes back to the root of this origin, and from there to the present address. */
  async begin() {
    const begun = { state: randomText(), nonce: randomText(), verifier: randomText(), href: location.href };
    sessionStorage.setItem(BEGUN, JSON.stringify(begun));
    location.assign(this.#loginPage("/oauth2/authorize", {
      response_type: "code",
      redirect_uri: home(),
      scope: this.#config.scopes.join(" "),
      state: begun.state,
      nonce: begun.nonce,
      code_challenge: await challengeOf(begun.verifier),
      code_challenge_method: "S256",
    }));
  }

  /**
   * Completes a sign-in, if managed login has just sent the browser back. The code leaves the address bar
   * before anything else happens. Throws Refused or Unavailable.
   */
  async finish() {
    const answer = new URLSearchParams(location.search);
    if (location.pathname !== "/" || !(answer.has("code") || answer.has("error"))) return;
    const begun = takeBegun();
    const ours = begun !== null && begun.state === answer.get("state");
    history.replaceState(null, "", ours ? begun.href : "/");
    // Somebody else's code would sign this person in as somebody else (RFC 6749 §10.12).
    if (!ours) throw new Refused("This sign-in was not started on this page, so it was dropped. Sign in again.");
    if (answer.has("error")) throw new Refused(refusalOf(answer.get("error")));
    const granted = await this.#token({
      grant_type: "authorization_code",
      code: answer.get("code"),
      redirect_uri: home(),
      code_verifier: begun.verifier,
    });
    this.#set(granted, this.#callerOf(granted.id_token, begun.nonce));
  }

  /** An access token that is good for a while, or null when nobody is signed in. */
  async accessToken() {
    if (this.#tokens !== null && Date.now() >= this.#tokens.expires - EARLY) {
      try {
        await this.renew(this.#tokens.access);
      } catch {
        // The token at hand may do. If not, the API says so, and renew is asked again.
      }
    }
    return this.#tokens?.access ?? null;
  }

  /**
   * Gets another token in place of one that was refused, and returns it; null when the session is over.
   * Throws Unavailable, and then the session is as it was.
   */
  async renew(refused) {
    if (this.#tokens?.access === refused) {
      this.#renewal ??= this.#refresh(this.#tokens).finally(() => { this.#renewal = null; });
      await this.#renewal;
    }
    return this.#tokens?.access ?? null;
  }

  /** Ends the refresh token, then the session at managed login, which sends the browser back here. */
  async end() {
    const refresh = this.#tokens?.refresh;
    this.#forget();
    if (refresh) {
      try {
        await this.#post("/oauth2/revoke", { token: refresh });
      } catch {
        // Nobody has the token any more. Staying signed in for want of an answer would be worse.
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
    this.#set({ refresh_token: tokens.refresh, ...granted }, tokens.caller); // rotation sends a new one
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
   * Reads the ID token. It came straight from managed login over TLS, which OpenID Connect Core §3.1.3.7 takes
   * in place of its signature; the API checks the signature of the access token all the same.
   */
  #callerOf(idToken, nonce) {
    const claims = claimsOf(idToken);
    if (claims.iss !== this.#config.issuer || claims.aud !== this.#config.clientId || claims.token_use !== "id" ||
        claims.nonce !== nonce || !(claims.exp * 1000 > Date.now())) {
      throw new Refused("Managed login answered for another sign-in, so it was dropped. Sign in again.");
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
    throw new Refused("Managed login did not take this sign-in; it may be too old. Sign in again.");
  }

  async #post(path, form) {
    try {
      return await fetch(this.#config.loginUrl + path, {
        method: "POST",
        body: new URLSearchParams({ client_id: this.#config.clientId, ...form }),
        credentials: "omit",
        cache: "no-store",
        redirect: "error",
        signal: AbortSignal.timeout(PATIENCE),
      });
    } catch {
      throw new Unavailable();
    }
  }

  #loginPage(path, query) {
    return `${this.#config.loginUrl}${path}?${new URLSearchParams({ client_id: this.#config.clientId, ...query })}`;
  }
}

/** The address that the app client must list, in its callback URLs and in its sign-out URLs. */
function home() {
  return location.origin + "/";
}

/** What begin has left, once. */
function takeBegun() {
  const text = sessionStorage.getItem(BEGUN);
  sessionStorage.removeItem(BEGUN);
  return JSON.parse(text); // our own; null when there is none
}

/** The texts are ours: error_description is whatever somebody wrote into the address. */
function refusalOf(code) {
  if (code === "access_denied") return "You did not sign in.";
  return "Managed login did not let this page ask. Whoever runs it finds the reason in the app client's settings.";
}

function claimsOf(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(payload), (c) => c.charCodeAt(0))));
  } catch {
    return {}; // has no claim, and so passes no check
  }
}
