import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, ApiError } from "./api.js";

const SESSION = { access_token: "fresh", expires_at_ms: 2e12, person: { id: "gu_1", name: "Mei" } };

/** A server as a list of answers; what was asked is kept. */
function server(...answers) {
  const asked = [];
  const fetch = async (url, init) => {
    asked.push({ url, ...init });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return new Response(answer.body === undefined ? null : JSON.stringify(answer.body), { status: answer.status ?? 200, headers: answer.headers });
  };
  return { asked, api: new Api({ fetch }) };
}

test("a 401 refreshes the session once and asks again with the new token and the same key", async () => {
  const { asked, api } = server({ status: 401, body: { code: "unauthorised" } }, { body: SESSION }, { body: { ok: 1 } });
  api.adopt({ ...SESSION, access_token: "old" });
  assert.deepEqual(await api.post("/shops/sp_1/reservations", { lines: [] }, { key: true }), { ok: 1 });
  assert.deepEqual(asked.map(({ url }) => url), ["/api/v1/shops/sp_1/reservations", "/api/v1/session", "/api/v1/shops/sp_1/reservations"]);
  assert.equal(asked[2].headers.Authorization, "Bearer fresh");
  assert.equal(asked[0].headers["Idempotency-Key"], asked[2].headers["Idempotency-Key"]);
  assert.equal(asked[0].headers["Idempotency-Key"].length, 26);
});

test("a file comes as its bytes, with the token", async () => {
  const { asked, api } = server({ body: { any: "bytes" } });
  api.adopt(SESSION);
  assert.equal(await (await api.file("/orders/or_1/documents/or_1")).text(), '{"any":"bytes"}');
  assert.deepEqual([asked[0].headers.Authorization, asked[0].headers.Accept], ["Bearer fresh", "*/*"]);
});

test("a second 401 is the caller's to see", async () => {
  const { asked, api } = server({ status: 401, body: { code: "unauthorised" } }, { body: SESSION }, { status: 401, body: { code: "unauthorised" } });
  api.adopt(SESSION);
  await assert.rejects(api.get("/me"), { code: "unauthorised", status: 401 });
  assert.equal(asked.length, 3);
});

test("requests that fail together share one refresh", async () => {
  const { asked, api } = server({ status: 401 }, { status: 401 }, { body: SESSION }, { body: 1 }, { body: 2 });
  api.adopt({ ...SESSION, access_token: "old" });
  await Promise.all([api.get("/me"), api.get("/orders")]);
  assert.equal(asked.filter(({ url }) => url.endsWith("/session")).length, 1);
});

test("a problem document becomes an error with its code and facts", async () => {
  const { api } = server({ status: 409, body: { type: "about:blank", title: "Conflict", status: 409, code: "price_changed", detail: "Now 900.", price_minor: 900, price_version: 4 }, headers: { "Retry-After": "2" } });
  const error = await api.post("/x", {}).catch((caught) => caught);
  assert.ok(error instanceof ApiError);
  assert.deepEqual([error.code, error.status, error.message, error.facts, error.retry_after_ms], ["price_changed", 409, "Now 900.", { price_minor: 900, price_version: 4 }, 2000]);
});

test("a proxy's error page and a dead network have codes, too", async () => {
  const { api } = server({ status: 502, body: undefined }, new TypeError("network"));
  await assert.rejects(api.get("/x"), { code: "server_error" });
  await assert.rejects(api.get("/x"), { code: "offline", status: 0 });
});

test("no session is an answer, not a failure", async () => {
  const { api } = server({ status: 401, body: { code: "no_session" } });
  const seen = [];
  api.onSession = (answer) => seen.push(answer);
  assert.equal(await api.refresh(), false);
  assert.deepEqual(seen, [null]);
});

test("an empty answer is null, a raw body travels as it is", async () => {
  const { asked, api } = server({ status: 204 }, { body: { id: 1 } });
  assert.equal(await api.delete("/session"), null);
  const picture = new Blob(["x"], { type: "image/png" });
  await api.post("/pictures", picture);
  assert.equal(asked[1].body, picture);
  assert.equal(asked[1].headers["Content-Type"], undefined);
});
