// Signing in with authorization code + PKCE (RFC 7636), and keeping the tokens.
//
// The access token lives in memory only. The refresh token, which is good once, waits in this tab's
// sessionStorage, so that reloading the page does not sign anybody out.
import { mboolo, type Schemas } from "../../../contract/sdk/typescript/client.js";
import type { Config } from "./config.ts";

type Tokens = Schemas["TokenRead"];

const WAY = "mboolo-way"; // what must be the same when the person comes back
const KEPT = "mboolo-kept";
const SCOPES = "openid cooperatives:read filings:write training:read";
const EARLY_MS = 30_000;

interface Way {
  state: string;
  verifier: string;
}

interface Kept {
  refresh_token: string;
  id_token: string | null;
}

/** Why signing in did not work; `code` is OAuth's error. */
export class NotSignedIn extends Error {
  readonly code: string;

  constructor(code: string, description?: string | null) {
    super(description ?? code);
    this.code = code;
  }
}

export class SignIn {
  #config: Config;
  #access = "";
  #ends_at = 0;
  #renewing: Promise<string> | undefined;

  constructor(config: Config) {
    this.#config = config;
  }

  get isIn(): boolean {
    return sessionStorage.getItem(KEPT) !== null;
  }

  /** Leave for the sign-in page. */
  async begin(language: string): Promise<void> {
    const way: Way = { state: random(), verifier: random() };
    sessionStorage.setItem(WAY, JSON.stringify(way));
    location.assign(
      this.#address("/oauth2/authorize", {
        response_type: "code",
        client_id: this.#config.client_id,
        redirect_uri: this.#config.redirect_uri,
        scope: SCOPES,
        state: way.state,
        code_challenge: await s256(way.verifier),
        code_challenge_method: "S256",
        ui_locales: language,
      }),
    );
  }

  /** Back from it, at the redirect URI: exchange the code, and forget the address with it. */
  async finish(): Promise<void> {
    const told = new URLSearchParams(location.search);
    const way = JSON.parse(sessionStorage.getItem(WAY) ?? "{}") as Partial<Way>;
    sessionStorage.removeItem(WAY);
    history.replaceState(null, "", "/");
    const isOurs = told.get("state") === way.state && told.get("iss") === this.#config.origin;
    if (!isOurs || way.verifier === undefined) throw new NotSignedIn("state");
    const refused = told.get("error");
    if (refused !== null) throw new NotSignedIn(refused, told.get("error_description"));
    await this.#ask({
      grant_type: "authorization_code",
      code: told.get("code") ?? "",
      redirect_uri: this.#config.redirect_uri,
      code_verifier: way.verifier,
    });
  }

  /** A token that holds; a new one when the old one is about to end. */
  async token(): Promise<string> {
    return Date.now() < this.#ends_at - EARLY_MS ? this.#access : this.refresh();
  }

  /** A new access token now. Who asks meanwhile waits for the same one: a refresh token is good once. */
  refresh(): Promise<string> {
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  /** Forget the tokens and end the sign-in at the platform. */
  leave(): void {
    const { id_token } = this.#kept();
    this.forget();
    location.assign(
      this.#address("/oauth2/logout", {
        client_id: this.#config.client_id,
        post_logout_redirect_uri: this.#config.after_logout,
        ...(id_token === null ? {} : { id_token_hint: id_token }),
      }),
    );
  }

  forget(): void {
    sessionStorage.removeItem(KEPT);
    this.#access = "";
    this.#ends_at = 0;
  }

  async #renew(): Promise<string> {
    const { refresh_token } = this.#kept();
    return this.#ask({ grant_type: "refresh_token", refresh_token });
  }

  async #ask(form: Record<string, string>): Promise<string> {
    const { data, error } = await mboolo({ origin: this.#config.origin }).POST("/oauth2/token", {
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: { ...form, client_id: this.#config.client_id } as never,
      bodySerializer: (body) => new URLSearchParams(body as Record<string, string>),
    });
    if (data === undefined) {
      if ("error" in error) this.forget(); // OAuth says no; a problem may pass
      throw "error" in error
        ? new NotSignedIn(error.error, error.error_description)
        : new NotSignedIn(error.code, error.detail);
    }
    this.#keep(data);
    return data.access_token;
  }

  #keep(tokens: Tokens): void {
    this.#access = tokens.access_token;
    this.#ends_at = Date.now() + tokens.expires_in * 1000;
    const kept: Kept = {
      refresh_token: tokens.refresh_token ?? "",
      id_token: tokens.id_token ?? this.#kept().id_token,
    };
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
  }

  #kept(): Kept {
    const nothing: Kept = { refresh_token: "", id_token: null };
    return JSON.parse(sessionStorage.getItem(KEPT) ?? JSON.stringify(nothing)) as Kept;
  }

  #address(path: string, query: Record<string, string>): string {
    return `${this.#config.origin}${path}?${new URLSearchParams(query)}`;
  }
}

function random(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

async function s256(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return base64url(new Uint8Array(digest));
}

function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
