// A typed client of the platform: paths, bodies and answers are those of the contract.
import createClient, { type Client } from "openapi-fetch";

import type { components, paths } from "./schema.d.ts";

export type { components, paths };
export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];
/** The body of a new filing of one type, with the payload of that type. */
export type FilingOf<T extends Schemas["FilingType"]> = Extract<Schemas["FilingWrite"], { type: T }>;
/** A filing as it is read, once its type is known. */
export type ReadOf<T extends Schemas["FilingType"]> = Omit<
  Schemas["FilingRead"],
  "type" | "payload"
> & {
  type: T;
  payload: Schemas["FilingReadByType"][T];
};

/** Whether a filing is of a type; its payload is that of the type then. */
export function isOf<T extends Schemas["FilingType"]>(
  filing: Schemas["FilingRead"],
  type: T,
): filing is ReadOf<T> {
  return filing.type === type;
}

export type Mboolo = Client<paths>;

export interface Settings {
  /** Where the platform is, without a path: `https://api.example.sn`. */
  origin: string;
  /** Called before each request; nothing is sent to `Authorization` without it. */
  token?: () => string | Promise<string>;
  /** The language of problems and labels. */
  language?: "fr" | "en";
}

/** A client; every call answers `{ data }` or `{ error }`, and `error` is a problem (RFC 9457). */
export function mboolo({ origin, token, language = "fr" }: Settings): Mboolo {
  const client = createClient<paths>({ baseUrl: origin });
  client.use({
    async onRequest({ request }) {
      request.headers.set("Accept-Language", language);
      if (token !== undefined && !request.headers.has("Authorization")) {
        request.headers.set("Authorization", `Bearer ${await token()}`);
      }
      return request;
    },
  });
  return client;
}

/** A key for one act; send the same one again when you try the same act again. */
export function newKey(): string {
  return crypto.randomUUID();
}
