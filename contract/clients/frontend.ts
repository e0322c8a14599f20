// What an application of the frontend team does first, in types alone: run against a town.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { type FilingOf, isOf, mboolo, newKey, type Problem, type Schemas } from "../sdk/typescript/client.js";

interface Account {
  client_id: string;
  client_secret: string;
}

const [origin = "", accounts = ""] = process.argv.slice(2);
const demo = JSON.parse(readFileSync(accounts, "utf8")) as { clients: { cooperative: Account } };

async function tokenOf({ client_id, client_secret }: Account): Promise<string> {
  const { data, error } = await mboolo({ origin }).POST("/oauth2/token", {
    headers: {
      Authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}`,
      "Content-Type": "application/x-www-form-urlencoded",
    },
    body: { grant_type: "client_credentials" },
    bodySerializer: (body) => new URLSearchParams(body as Record<string, string>),
  });
  assert(data !== undefined, JSON.stringify(error));
  assert.equal(data.token_type, "Bearer");
  return data.access_token;
}

const token = await tokenOf(demo.clients.cooperative);
const api = mboolo({ origin, token: () => token, language: "en" });

// Who am I?
const me = await api.GET("/v1/me");
assert(me.data?.scopes.includes("filings:write"));

// The public register needs no token, and its lists have no ceiling.
const found = await mboolo({ origin }).GET("/v1/cooperatives", {
  params: { query: { limit: 5, life: "REGISTERED" } },
});
assert(found.data !== undefined && Array.isArray(found.data.items));
assert.equal(typeof (found.data.next_cursor ?? ""), "string");

// A draft may be partial; the same key brings the same answer.
const draft: Schemas["FilingWrite"] = {
  type: "REGISTRATION",
  payload: { legal_form: "SCOOPS", name: "Coopérative des maraîchères de Keur Momar Sarr" },
};
const header = { "Idempotency-Key": newKey() };
const made = await api.POST("/v1/filings", { params: { header }, body: draft });
assert.equal(made.response.status, 201);
assert(made.data !== undefined && "status" in made.data);
assert.equal(made.data.status, "DRAFT");
const again = await api.POST("/v1/filings", { params: { header }, body: draft });
assert.equal(again.response.headers.get("Idempotency-Replayed"), "true");
assert.deepEqual(again.data, made.data);

// The type of a filing decides what it declares: the compiler knows which payload is whose.
const renaming: Schemas["FilingWrite"] = {
  type: "CHANGE_OF_NAME",
  // @ts-expect-error: a change of name says nothing about activities
  payload: { name: "Coopérative des maraîchères", sector_codes: ["A01"] },
};
const seat = { type: "CHANGE_OF_SEAT", payload: { seat: { commune_code: "SN-DK-01" } } } as const;
const moving: FilingOf<"CHANGE_OF_SEAT"> = seat;
// @ts-expect-error: what belongs to one type belongs to no other
const misled: FilingOf<"CHANGE_OF_NAME"> = seat;
for (const body of [renaming, moving, misled]) {
  const about = { params: { header: { "Idempotency-Key": newKey() } }, body };
  assert.notEqual((await api.POST("/v1/filings", about)).response.status, 201);
}

// What is read back says so, too: names are words for who may read them, and covered for others.
const read = await api.GET("/v1/filings/{id}", { params: { path: { id: made.data.id } } });
assert(read.data !== undefined && isOf(read.data, "REGISTRATION"));
assert.equal(read.data.payload.legal_form, "SCOOPS");
// @ts-expect-error: no registration declares a measure of a court
assert.equal(read.data.payload.measure, undefined);

// A correction names the version that was read.
const edited = await api.PATCH("/v1/filings/{id}", {
  params: { path: { id: made.data.id }, header: { "If-Match": `"${made.data.version}"` } },
  body: { payload: { object: "Produire et vendre des légumes" } },
});
assert.equal(edited.data?.version, made.data.version + 1);

// A refusal is a typed problem, with a pointer to each thing that is wrong.
const refused = await api.POST("/v1/filings/{id}/submissions", {
  params: { path: { id: made.data.id }, header: { "Idempotency-Key": newKey() } },
  body: {},
});
assert(refused.error !== undefined);
const problem: Problem = refused.error;
assert.equal(problem.code, "VALIDATION_FAILED");
assert(problem.errors.some((finding) => finding.pointer?.startsWith("/payload")));
const absent = await api.GET("/v1/filings/{id}", { params: { path: { id: crypto.randomUUID() } } });
assert.equal(absent.error?.code, "NOT_FOUND");

// Anyone may simulate a loan.
const loan = await mboolo({ origin }).POST("/v1/repayment-schedules", {
  body: {
    principal_xof: 1_200_000,
    annual_rate_percent: "12.00",
    number_of_installments: 12,
    repay_every: 1,
    repay_unit: "MONTHS",
    disbursed_on: "2027-01-15",
    interest_method: "DECLINING",
    amortization: "ANNUITY",
    day_count: "PERIODIC",
  },
});
assert.equal(loan.data?.installments.length, 12);
assert.equal(loan.data.installments.at(-1)?.balance_xof, 0);
console.log("The TypeScript client did all that it was made for.");
