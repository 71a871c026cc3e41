import assert from "node:assert/strict";
import { test } from "node:test";
import { ConversationFeed, joined, pause_ms } from "./conversation_feed.js";

const message = (number, side = "shop") => ({ number, kind: "said", side, author: "", text: `${number}`, at_ms: number, attachments: [] });
const page = (numbers, before = null, unread = 0) => ({ order: "or_1", messages: numbers.map((number) => message(number)), before, unread, seen: 0, closed: false });
const still = { set: () => 1, clear: () => {} };

/** A server by hand: what is asked is kept, `news` is answered next. */
function server() {
  const asked = [];
  const made = {
    asked,
    news: /** @type {any} */ (null),
    fails: false,
    changed: async (path, etag) => {
      asked.push(["changed", path, etag]);
      if (made.fails) throw new Error("away");
      return made.news;
    },
    get: async (path) => (asked.push(["get", path]), page([1, 2])),
    post: async (path, body, options) => {
      asked.push(["post", path, body, options?.key]);
      if (made.fails) throw new Error("away");
      return path.includes("/read") ? null : message(9, "buyer");
    },
    put: async (path, body) => (asked.push(["put", path, body]), { ...page([3, 4, 5]), closed: true }),
  };
  return made;
}

const numbers = (feed) => feed.value.messages.map(({ number }) => number);

test("it asks quickly while something goes on and slowly once it is quiet", () => {
  assert.deepEqual([0, 179_000, 180_000, 899_000, 900_000, 1e9].map(pause_ms), [2000, 2000, 5000, 5000, 15_000, 15_000]);
});

test("the newest page joins the older ones, and takes their place when something lies between", () => {
  const kept = page([1, 2, 3, 4]);
  assert.deepEqual(joined(kept, page([3, 4, 5], 3)).messages.map(({ number }) => number), [1, 2, 3, 4, 5]);
  assert.equal(joined(kept, page([3, 4, 5], 3)).before, null);
  const far = joined(kept, page([8, 9], 8));
  assert.deepEqual([far.messages.map(({ number }) => number), far.before], [[8, 9], 8]);
  assert.deepEqual(joined(null, page([])).messages, []);
});

test("it asks with what it knows, keeps what it has, and loads what came before", async () => {
  const api = server();
  const feed = new ConversationFeed(api, "/orders/or_1", "?token=t", () => {}, { timers: still, now_ms: () => 0 });
  api.news = { value: page([3, 4], 3), etag: '"1"' };
  feed.want(true);
  await feed.renew();
  await new Promise((resolve) => setImmediate(resolve));
  api.news = null;
  await feed.renew();
  assert.deepEqual(api.asked[0], ["changed", "/orders/or_1/messages?token=t", ""]);
  assert.deepEqual(numbers(feed), [3, 4]);
  await feed.older();
  assert.deepEqual(api.asked.at(-1), ["get", "/orders/or_1/messages?token=t&before=3"]);
  assert.deepEqual(numbers(feed), [1, 2, 3, 4]);
  feed.want(false);
});

test("a failure takes nothing from the screen; before there is anything it is told", async () => {
  const api = server();
  const feed = new ConversationFeed(api, "/orders/or_1", "", () => {}, { timers: still });
  api.fails = true;
  feed.want(true);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(/** @type {Error} */ (feed.error).message, "away");
  api.fails = false;
  api.news = { value: page([1]), etag: '"1"' };
  await feed.renew();
  api.fails = true;
  await feed.renew();
  assert.deepEqual([numbers(feed), feed.error], [[1], null]);
});

test("what is read is told once, and again when it did not arrive", async () => {
  const api = server();
  const feed = new ConversationFeed(api, "/orders/or_1", "", () => {}, { timers: still });
  api.news = { value: page([1, 2], null, 2), etag: '"1"' };
  feed.want(true);
  await new Promise((resolve) => setImmediate(resolve));
  api.fails = true;
  await feed.read();
  assert.equal(feed.value?.unread, 2);
  api.fails = false;
  await feed.read();
  await feed.read();
  assert.deepEqual(api.asked.filter(([, path]) => path.endsWith("/read")).map(([, , body]) => body), [{ number: 2 }, { number: 2 }]);
  assert.equal(feed.value?.unread, 0);
});

test("a message is on the screen as soon as it is taken, once", async () => {
  const api = server();
  const feed = new ConversationFeed(api, "/orders/or_1", "", () => {}, { timers: still });
  await feed.say("Hello", [/** @type {any} */ ({ id: "af_1" })]);
  await feed.say("Hello", [/** @type {any} */ ({ id: "af_1" })]);
  const said = api.asked.filter(([what]) => what === "post");
  assert.deepEqual(said[0].slice(0, 3), ["post", "/orders/or_1/messages", { text: "Hello", attachments: ["af_1"] }]);
  assert.notEqual(said[0][3], said[1][3], "the same words said twice are two messages");
  assert.deepEqual(numbers(feed), [9]);
  await feed.close(true);
  assert.equal(feed.value?.closed, true);
});

test("a message that got no answer is tried with its key, and with another once it was changed", async () => {
  const api = server();
  const feed = new ConversationFeed(api, "/orders/or_1", "", () => {}, { timers: still });
  api.fails = true;
  for (const words of ["Hello", "Hello", "Hello you"]) await assert.rejects(feed.say(words, []));
  const keys = api.asked.filter(([what]) => what === "post").map(([, , , key]) => key);
  assert.equal(keys[0], keys[1]);
  assert.notEqual(keys[1], keys[2]);
});
