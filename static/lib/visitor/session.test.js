import assert from "node:assert/strict";
import { test } from "node:test";
import { Api } from "../server/api.js";
import { Session } from "./session.js";

const answer = (name, token = "t1") => ({ access_token: token, expires_at_ms: Date.now() + 900_000, person: { id: "gu_1", kind: "guest", name, shops: [] } });

/** A browser that has had a session before, unless the test says otherwise. */
function session(...answers) {
  const asked = [];
  const memory = new Map([["liveshop.known", "yes"]]);
  const api = new Api({
    fetch: async (url, init) => {
      asked.push([init.method, url, init.body && JSON.parse(init.body)]);
      const { status = 200, body } = answers.shift();
      return new Response(body && JSON.stringify(body), { status });
    },
  });
  return { memory, asked, session: new Session(api, { getItem: (name) => memory.get(name) ?? null, setItem: (name, value) => memory.set(name, value) }) };
}

test("a newcomer becomes a guest who has not chosen a name yet", async () => {
  const { asked, session: mine } = session({ status: 401, body: { code: "no_session" } }, { body: answer("Guest 12") });
  assert.equal((await mine.resumeOrGuest("Guest 12")).name, "Guest 12");
  assert.deepEqual(asked[1], ["POST", "/api/v1/session", { guest_name: "Guest 12" }]);
  assert.equal(mine.named, false);
});

test("a browser that never had a session does not ask for one", async () => {
  const { asked, memory, session: mine } = session({ body: answer("Guest 12") });
  memory.clear();
  assert.equal(await mine.resume(), null);
  assert.equal(asked.length, 0);
  await mine.resumeOrGuest("Guest 12");
  assert.equal(memory.get("liveshop.known"), "yes");
});

test("somebody with a cookie is who they were", async () => {
  const { asked, session: mine } = session({ body: answer("Mei") });
  assert.equal((await mine.resumeOrGuest("Guest 12")).name, "Mei");
  assert.equal(asked.length, 1);
});

test("a chosen name is kept by the server, remembered here, and in the next token", async () => {
  const { asked, session: mine } = session({ body: answer("Guest 12") }, { body: {} }, { body: answer("Mei", "t2") });
  await mine.resume();
  const told = [];
  mine.subscribe((person) => told.push(person?.name));
  await mine.rename("Mei");
  assert.deepEqual(asked.slice(1), [["PATCH", "/api/v1/me", { name: "Mei" }], ["POST", "/api/v1/session", {}]]);
  assert.deepEqual([mine.named, told], [true, ["Mei"]]);
});

test("signing out forgets the person even when the server did before", async () => {
  const { session: mine } = session({ body: answer("Mei") }, { status: 401 }, { status: 401, body: {} });
  await mine.resume();
  await mine.signOut();
  assert.equal(mine.person, null);
});

test("an account whose session ended is not one that signed out", async () => {
  const account = { ...answer("Mei"), person: { ...answer("Mei").person, kind: "account" } };
  const over = { status: 401, body: { code: "no_session" } };
  const { session: mine } = session({ body: account }, over, over, { body: account }, { status: 200, body: {} });
  await mine.resume();
  assert.equal(mine.over, false);
  await assert.rejects(mine.rename("Mei"));
  assert.deepEqual([mine.person, mine.over], [null, true]);
  await mine.signIn("mei@example.org", "a password");
  assert.equal(mine.over, false);
  await mine.signOut();
  assert.deepEqual([mine.person, mine.over], [null, false]);
});
