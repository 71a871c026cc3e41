import assert from "node:assert/strict";
import { test } from "node:test";
import { RoomClient } from "./room.js";

/** A websocket that the test plays the server of. */
class FakeSocket {
  static made = [];
  readyState = 0;
  sent = [];
  constructor(url, protocols) {
    Object.assign(this, { url, protocols });
    FakeSocket.made.push(this);
  }
  send(text) { this.sent.push(JSON.parse(text)); }
  close(code) { this.readyState = 3; this.closedWith = code; }
  open() { this.readyState = 1; this.onopen(); }
  say(frame) { this.onmessage({ data: JSON.stringify(frame) }); }
  lose(code = 1006) { this.readyState = 3; this.onclose({ code }); }
}

/** Timers that run when the test says so. */
class FakeTimers {
  waiting = new Map();
  #next = 1;
  set = (run, after_ms) => { this.waiting.set(this.#next, { run, after_ms }); return this.#next++; };
  clear = (id) => this.waiting.delete(id);
  fire(after_ms) {
    const found = [...this.waiting].find(([, timer]) => timer.after_ms === after_ms);
    assert.ok(found, `no timer of ${after_ms} ms; there are ${[...this.waiting.values()].map((timer) => timer.after_ms)}`);
    this.waiting.delete(found[0]);
    found[1].run();
  }
}

const YOU = { person: "gu_1", name: "Mei", kind: "guest", role: "viewer", muted_until_ms: null, banned: false, reservations: [], orders_pending: [], last_order: null };
const SNAPSHOT = { products: [], sales: [], stock: {}, comments: [], viewers: 3, likes: 5, host: "live", run_of_show: [], orders: [] };
const turn = () => new Promise((resolve) => setImmediate(resolve));

function hello(re, more = {}) {
  return { type: "hello", re, v: 1, front: "front-0", heartbeat_ms: 15_000, server_time_ms: 1, shop_time_ms: 1, you: YOU, show: { id: "sh_1" }, snapshot: SNAPSHOT, missed: null, position: { epoch: "e", offset: 7, tag: "t" }, whep: null, limits: { comment_chars: 200, likes_per_frame: 20 }, slow_mode_s: 0, ...more };
}

async function room(random = () => 0.5) {
  FakeSocket.made = [];
  const timers = new FakeTimers();
  const tokens = ["one", "two", "three"];
  const client = new RoomClient({ url: "ws://x/ws/shows/sh_1", token: async () => tokens.shift() ?? "last", WebSocket: FakeSocket, random, timers });
  client.open();
  await turn();
  return { client, timers, socket: () => FakeSocket.made.at(-1) };
}

async function openRoom(random) {
  const all = await room(random);
  all.socket().open();
  all.socket().say(hello(all.socket().sent[0].id));
  return all;
}

test("the first frame is a hello with token and no position; the snapshot becomes the state", async () => {
  const { client, socket } = await room();
  assert.deepEqual(socket().protocols, ["liveshop.v1"]);
  socket().open();
  assert.deepEqual(socket().sent, [{ id: 1, type: "hello", token: "one", position: null, language: "en" }]);
  socket().say(hello(1));
  assert.deepEqual([client.status, client.state.viewers, client.state.ready], ["open", 3, true]);
});

test("a lost connection comes back with full jitter, a fresh token and the position", async () => {
  const { client, timers, socket } = await openRoom();
  socket().lose();
  assert.equal(client.status, "waiting");
  timers.fire(250); // half of 500 ms
  await turn();
  socket().lose();
  timers.fire(500);
  await turn();
  socket().open();
  assert.equal(FakeSocket.made.length, 3);
  assert.deepEqual(socket().sent[0].position, { epoch: "e", offset: 7, tag: "t" });
  assert.equal(socket().sent[0].token, "three");
});

test("codes from 4500 end it, with their name; below they do not", async () => {
  for (const [code, status, reason] of [[4503, "closed", "banned"], [4508, "closed", "signed_out"], [4001, "waiting", "too_slow"], [4000, "waiting", "drain"]]) {
    const { client, socket } = await openRoom();
    socket().lose(code);
    assert.deepEqual([client.status, client.reason], [status, reason]);
    client.close();
  }
});

test("a refused token is tried once more with a new one", async () => {
  const { client, timers, socket } = await room();
  socket().open();
  socket().lose(4502);
  timers.fire(250);
  await turn();
  socket().open();
  assert.equal(socket().sent[0].token, "two");
  socket().lose(4502);
  assert.deepEqual([client.status, client.reason], ["closed", "unauthorised"]);
});

test("a ping is answered, and silence of two and a half heartbeats is a lost connection", async () => {
  const { client, timers, socket } = await openRoom();
  socket().say({ type: "ping" });
  assert.equal(socket().sent.at(-1).type, "pong");
  const silent = socket();
  timers.fire(37_500);
  assert.deepEqual([client.status, silent.closedWith], ["waiting", 4002]);
});

test("an ok or an error settles its own request", async () => {
  const { client, socket } = await openRoom();
  const held = client.request("reserve", { lines: [] }, { write: true });
  const refused = client.request("reserve", { lines: [1] }, { write: true });
  const [first, second] = socket().sent.slice(-2);
  assert.ok(first.key && first.key !== second.key);
  socket().say({ type: "error", re: second.id, code: "all_held", message: "All held", temporary: true, retry_after_ms: 900, held: 3 });
  socket().say({ type: "ok", re: first.id, reservation: { id: "rs_1" } });
  assert.deepEqual(await held, { reservation: { id: "rs_1" } });
  await assert.rejects(refused, (error) => error.code === "all_held" && error.facts.held === 3 && error.retry_after_ms === 900);
});

test("a write survives a reconnect with the same key; a plain request does not", async () => {
  const { client, timers, socket } = await openRoom();
  const write = client.request("comment", { text: "hi" }, { write: true });
  const plain = client.request("name", { name: "Mei" });
  const { key } = socket().sent.find(({ type }) => type === "comment");
  socket().lose();
  await assert.rejects(plain, { code: "offline" });
  timers.fire(250);
  await turn();
  socket().open();
  socket().say(hello(socket().sent[0].id));
  const again = socket().sent.filter(({ type }) => type === "comment");
  assert.deepEqual(again.map((frame) => frame.key), [key]);
  socket().say({ type: "ok", re: again[0].id });
  assert.deepEqual(await write, {});
});

test("an answer that never comes is an error after its time", async () => {
  const { client, timers } = await openRoom();
  const lost = client.request("comment", { text: "hi" }, { write: true });
  timers.fire(20_000);
  await assert.rejects(lost, { code: "offline" });
});

test("what was missed is told once, and an order told before is not told again", async () => {
  const { client, timers, socket } = await openRoom();
  const facts = [];
  client.on("fact", (fact) => facts.push(fact.order_ref));
  const order = (order_ref, seq) => ({ kind: "order", at_ms: 1, seq, name: "Wu", product: "pr_1", variant: "va_1", quantity: 2, order_ref });
  socket().say({ type: "tick", position: { epoch: "e", offset: 8, tag: "t" }, server_time_ms: 1, facts: [order("a", 8)], talk: [], left_out: 0, state: {} });
  socket().lose();
  timers.fire(250);
  await turn();
  socket().open();
  assert.equal(socket().sent[0].position.offset, 8);
  socket().say(hello(socket().sent[0].id, { snapshot: null, missed: { type: "tick", position: { epoch: "e", offset: 10, tag: "t" }, facts: [order("a", 9), order("b", 10)], talk: [], left_out: 0, state: { viewers: 9 } }, position: { epoch: "e", offset: 10, tag: "t" } }));
  assert.deepEqual(facts, ["a", "b"]);
  assert.deepEqual(client.state.orders.map((fact) => fact.order_ref), ["a", "b"]);
  assert.equal(client.state.viewers, 9);
});

test("a tick that does not follow is not shown, and the room is entered without a position", async () => {
  const { client, timers, socket } = await openRoom();
  const facts = [];
  client.on("fact", (fact) => facts.push(fact));
  const pin = (seq) => ({ kind: "pin", at_ms: 1, seq, product: "pr_1" });
  const old = socket();
  old.say({ type: "tick", position: { epoch: "e", offset: 9, tag: "t" }, server_time_ms: 1, facts: [pin(7)], talk: [], left_out: 0, state: {} });
  assert.deepEqual([facts.length, client.status, client.reason, old.closedWith], [0, "waiting", "gap", 1000]);
  timers.fire(250);
  await turn();
  socket().open();
  assert.equal(socket().sent[0].position, null);
});

test("a drain moves to a new connection within its time", async () => {
  const { client, timers, socket } = await openRoom(() => 0.25);
  const old = socket();
  socket().say({ type: "drain", after_ms: 8_000 });
  assert.equal(client.status, "open");
  timers.fire(2_000);
  await turn();
  assert.notEqual(socket(), old);
  assert.equal(old.closedWith, 1000);
});

test("who is turned away at the door stays away for as long as it was told", async () => {
  const { client, timers, socket } = await openRoom(() => 0.5);
  socket().lose(4000);
  timers.fire(250);
  await turn();
  const turnedAway = socket();
  turnedAway.open();
  turnedAway.say({ type: "error", re: null, code: "rate_limited", message: "Too many come at once.", temporary: true, retry_after_ms: 4_000 });
  turnedAway.lose(4008);
  assert.equal(client.status, "waiting");
  timers.fire(4_000 + 500);
  await turn();
  assert.notEqual(socket(), turnedAway);
  client.close();
});

test("a hello refused because too many come is said again when it was told", async () => {
  const { client, timers, socket } = await openRoom(() => 0.5);
  socket().lose(4000);
  timers.fire(250);
  await turn();
  const refused = socket();
  refused.open();
  await turn();
  const hello = refused.sent.findLast((sent) => sent.type === "hello");
  refused.say({ type: "error", re: hello.id, code: "rate_limited", message: "Too many come in at once.", temporary: true, retry_after_ms: 2_000 });
  refused.lose(4008);
  timers.fire(2_000 + 500);
  await turn();
  assert.notEqual(socket(), refused);
  client.close();
});

test("waking skips the rest of the wait", async () => {
  const { client, socket } = await openRoom();
  const old = socket();
  old.lose();
  client.wake();
  await turn();
  assert.notEqual(socket(), old);
});

test("when the network was away an open socket is not trusted", async () => {
  const { client, socket } = await openRoom();
  const old = socket();
  client.restart();
  await turn();
  socket().open();
  assert.equal(old.closedWith, 1000);
  assert.deepEqual(socket().sent[0].position, { epoch: "e", offset: 7, tag: "t" });
});

test("a try that waits for its token when another begins opens nothing and ends nothing", async () => {
  FakeSocket.made = [];
  const asked = [];
  const token = () => new Promise((give, refuse) => asked.push({ give, refuse }));
  const client = new RoomClient({ url: "ws://x", token, WebSocket: FakeSocket, timers: new FakeTimers() });
  client.open();
  client.restart();
  client.restart();
  asked[0].give("old");
  asked[1].refuse(new Error("no network"));
  await turn();
  assert.deepEqual([FakeSocket.made.length, client.status], [0, "connecting"]);
  asked[2].give("new");
  await turn();
  const [socket] = FakeSocket.made;
  socket.open();
  assert.deepEqual([FakeSocket.made.length, socket.sent[0].token], [1, "new"]);
});

test("a closed room refuses and stays closed", async () => {
  const { client, timers } = await openRoom();
  client.close();
  await assert.rejects(client.request("comment", {}, { write: true }), { code: "offline" });
  assert.equal(timers.waiting.size, 0);
});
