import { mboolo, newKey, type Mboolo, type Problem } from "../../../contract/sdk/typescript/client.js";
import { readConfig, type Config } from "./config.ts";
import { NotSignedIn, SignIn } from "./signin.ts";
import { preferred, say, type Language, type Word } from "./words.ts";

const LANGUAGE = "mboolo-language";

class Page {
  #config: Config;
  #signIn: SignIn;
  #language: Language;

  constructor(config: Config) {
    this.#config = config;
    this.#signIn = new SignIn(config);
    this.#language = (localStorage.getItem(LANGUAGE) as Language | null) ?? preferred();
  }

  async open(): Promise<void> {
    this.#speak();
    on("language", "click", () => this.#turn());
    on("sign-in", "click", () => this.#do(() => this.#signIn.begin(this.#language)));
    on("sign-out", "click", () => this.#signIn.leave());
    on("refresh", "click", () => this.#do(() => this.#renew()));
    on("search", "submit", () => this.#do(() => this.#search()));
    on("introduce", "submit", () => this.#do(() => this.#introduce()));
    await this.#do(async () => {
      if (location.pathname === new URL(this.#config.redirect_uri).pathname) {
        await this.#signIn.finish();
      }
      await this.#show();
      await this.#search();
    });
  }

  /** Calls with the person's token when somebody is signed in. */
  get #api(): Mboolo {
    const settings = { origin: this.#config.origin, language: this.#language };
    const token = () => this.#signIn.token();
    return mboolo(this.#signIn.isIn ? { ...settings, token } : settings);
  }

  async #show(): Promise<void> {
    const isIn = this.#signIn.isIn;
    element("outside").hidden = isIn;
    element("inside").hidden = element("writing").hidden = !isIn;
    if (!isIn) return;
    const { data, error, response } = await this.#api.GET("/v1/me");
    this.#seen(response);
    if (data === undefined) return this.#refused(error);
    this.#list("me", {
      roles: data.roles.join(", "),
      organisation: data.organisation_id,
      rights: data.scopes.join(", "),
    });
  }

  async #renew(): Promise<void> {
    await this.#signIn.refresh();
    await this.#show();
    element("doing").textContent = say(this.#language, "renewed");
  }

  async #search(): Promise<void> {
    const q = element<HTMLInputElement>("wish").value.trim();
    const { data, error, response } = await this.#api.GET("/v1/cooperatives", {
      params: { query: q === "" ? { limit: 5 } : { q, limit: 5 } },
    });
    this.#seen(response);
    if (data === undefined) return this.#refused(error);
    const names = data.items.map((cooperative) => cooperative.name);
    const lines = names.length > 0 ? names : [say(this.#language, "nothing")];
    element("found").replaceChildren(...lines.map((line) => made("li", line)));
  }

  async #introduce(): Promise<void> {
    const { data, error, response } = await this.#api.POST("/v1/initiatives", {
      params: { header: { "Idempotency-Key": newKey() } },
      body: {
        name: element<HTMLInputElement>("name").value,
        commune_code: "SN-SE-SD3-1",
        activity: "Transformation de la noix de cajou",
        members_count: 7,
        women_count: 5,
      },
    });
    this.#seen(response);
    if (data === undefined) return this.#refused(error);
    this.#list("introduced", {
      address: response.headers.get("Location") ?? "",
      version: response.headers.get("ETag") ?? "",
    });
  }

  /** What only a page of a listed origin may read from another origin. */
  #seen({ status, headers }: Response): void {
    this.#list("seen", {
      status: String(status),
      remaining: headers.get("RateLimit") ?? "",
      policy: headers.get("RateLimit-Policy") ?? "",
      request_id: headers.get("X-Request-Id") ?? "",
    });
  }

  #refused(problem: Problem): void {
    const findings = problem.errors.map((finding) => finding.message);
    this.#alert([problem.title, ...findings, problem.remedy].join(" "));
  }

  async #do(act: () => Promise<void>): Promise<void> {
    element("alert").hidden = true;
    element("doing").textContent = say(this.#language, "doing");
    try {
      await act();
    } catch (error) {
      if (error instanceof NotSignedIn) {
        this.#alert(`${say(this.#language, "not_signed_in")} (${error.message})`);
        await this.#show();
      } else if (error instanceof TypeError) {
        this.#alert(say(this.#language, "away"));
      } else {
        throw error;
      }
    } finally {
      const doing = element("doing");
      if (doing.textContent === say(this.#language, "doing")) doing.textContent = "";
    }
  }

  #alert(text: string): void {
    element("alert").textContent = text;
    element("alert").hidden = false;
  }

  #list(id: string, facts: Partial<Record<Word, string>>): void {
    const pairs = Object.entries(facts) as [Word, string][];
    const lines = pairs.flatMap(([word, fact]) => {
      const term = made("dt", say(this.#language, word));
      term.dataset["say"] = word;
      const told = made("dd", fact);
      told.dataset["fact"] = word;
      return [term, told];
    });
    element(id).replaceChildren(...lines);
  }

  #turn(): void {
    this.#language = this.#language === "fr" ? "en" : "fr";
    localStorage.setItem(LANGUAGE, this.#language);
    this.#speak();
  }

  #speak(): void {
    document.documentElement.lang = this.#language;
    for (const one of document.querySelectorAll<HTMLElement>("[data-say]")) {
      one.textContent = say(this.#language, one.dataset["say"] as Word);
    }
    const other = element("language");
    other.textContent = say(this.#language, "other_language");
    other.lang = this.#language === "fr" ? "en" : "fr";
  }
}

function element<E extends HTMLElement>(id: string): E {
  return document.getElementById(id) as E;
}

function made(tag: string, text: string): HTMLElement {
  const one = document.createElement(tag);
  one.textContent = text;
  return one;
}

function on(id: string, event: string, act: () => unknown): void {
  element(id).addEventListener(event, (happened) => {
    happened.preventDefault();
    void act();
  });
}

await new Page(await readConfig()).open();
