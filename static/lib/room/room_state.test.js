import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyRoom, follows, withFrame, withHello, withTick, withYou } from "./room_state.js";

const variant = (id, price_minor = 1200) => ({ id, title: "100 g", price_minor, compare_at_minor: null, price_version: 1, pool: `po_${id}`, stock: { available: 5, held: 0, sold: 0, total: 5 } });
const product = (id, ...variants) => ({ id, title: id, description: "", picture: null, pictures: [], currency: "USD", variants });
const comment = (id, person = "gu_1") => ({ id, person, name: "Lin", badge: null, text: id, at_ms: 1, reply_to: null });
const tick = (more = {}) => ({ type: "tick", position: { epoch: "e", offset: 1, tag: "t" }, server_time_ms: 1, facts: [], talk: [], left_out: 0, state: {}, ...more });
const facts = (...list) => tick({ facts: list.map((fact) => ({ at_ms: 5, ...fact })) });
const YOU = { person: "gu_1", name: "Mei", kind: "guest", role: "viewer", muted_until_ms: null, banned: false, reservations: [], orders_pending: [], last_order: null };

function room(snapshot = {}) {
  return withHello(emptyRoom(), {
    you: YOU, show: { id: "sh_1", state: "live" }, missed: null, position: { epoch: "e", offset: 0, tag: "t" }, whep: null, slow_mode_s: 0,
    snapshot: { products: [product("pr_1", variant("va_1")), product("pr_2", variant("va_2"))], run_of_show: ["pr_2", "pr_1"], pinned: "pr_1", stock: { po_va_1: { available: 3, held: 1, sold: 1, total: 5 } }, comments: [comment("co_1")], viewers: 2, likes: 1, host: "live", orders: [{ kind: "order", order_ref: "r1" }], ...snapshot },
  });
}

test("a snapshot is the room, with the stock of its pools where it names none", () => {
  const state = room();
  assert.deepEqual(state.run_of_show, ["pr_2", "pr_1"]);
  assert.equal(state.stock.po_va_1.available, 3);
  assert.equal(state.stock.po_va_2.available, 5);
  assert.equal(state.pinned, "pr_1");
});

test("an order in the snapshot and again as a fact counts once", () => {
  const state = withTick(room(), facts({ kind: "order", order_ref: "r1" }, { kind: "order", order_ref: "r2" }, { kind: "order", order_ref: "r2" }));
  assert.deepEqual(state.orders.map((fact) => fact.order_ref), ["r1", "r2"]);
});

test("an old state is never changed", () => {
  const state = Object.freeze(room());
  const before = JSON.stringify(state);
  withTick(state, facts({ kind: "price", variant: "va_1", price_minor: 1, price_version: 2 }, { kind: "pin", product: null }, { kind: "order", order_ref: "x" }));
  assert.equal(JSON.stringify(state), before);
});

test("a price reaches its variant with its version", () => {
  const state = withTick(room(), facts({ kind: "price", variant: "va_1", price_minor: 900, price_version: 2 }));
  assert.deepEqual([state.products.pr_1.variants[0].price_minor, state.products.pr_1.variants[0].price_version], [900, 2]);
  assert.equal(state.products.pr_2.variants[0].price_minor, 1200);
});

test("a pin may be an id, a whole product or nothing", () => {
  assert.equal(withTick(room(), facts({ kind: "pin", product: "pr_2" })).pinned, "pr_2");
  const whole = withTick(room(), facts({ kind: "pin", product: product("pr_9", variant("va_9")) }));
  assert.deepEqual([whole.pinned, whole.products.pr_9.title, whole.stock.po_va_9.total], ["pr_9", "pr_9", 5]);
  assert.equal(withTick(whole, facts({ kind: "pin", product: null })).pinned, null);
});

test("deleted comments and those of a banned person vanish, also when they come late", () => {
  let state = withTick(room(), tick({ talk: [comment("co_2", "gu_2"), comment("co_3", "gu_2")] }));
  state = withTick(state, facts({ kind: "comment_deleted", comment: "co_1" }));
  assert.deepEqual(state.comments.map(({ id }) => id), ["co_2", "co_3"]);
  state = withTick(state, tick({ talk: [comment("co_4")], facts: [{ kind: "banned", at_ms: 1, person: "gu_2" }] }));
  assert.deepEqual(state.comments.map(({ id }) => id), ["co_4"]);
});

test("a ban stands in the log once, also when no moderator's fact came with it", () => {
  const ban = { kind: "banned", person: "gu_2" };
  const alone = withTick(room(), facts({ ...ban, seq: 7 }));
  assert.deepEqual(alone.moderation.map(({ action, actor, target, seq }) => [action, actor, target, seq]), [["ban", null, "gu_2", 7]]);
  const later = withTick(alone, facts({ kind: "moderation", action: "ban", actor: "ac_1", target: "gu_2" }));
  assert.deepEqual(later.moderation.map(({ action, actor }) => [action, actor]), [["ban", "ac_1"]]);
  const told = withTick(room(), facts({ kind: "moderation", action: "ban", actor: "ac_1", target: "gu_2" }, ban));
  assert.deepEqual(told.moderation.map(({ actor }) => actor), ["ac_1"]);
});

test("the same comment twice is shown once, and only the last two hundred are kept", () => {
  const many = Array.from({ length: 250 }, (_, i) => comment(`co_x${i}`));
  const state = withTick(withTick(room(), tick({ talk: many })), tick({ talk: [comment("co_x249")] }));
  assert.deepEqual([state.comments.length, state.comments.at(-1).id], [200, "co_x249"]);
});

test("a sale comes and ends", () => {
  const sale = { id: "fs_1", product: "pr_1", variant: "va_1", pool: "po_fs_1", state: "open", ended_at_ms: null };
  const open = withTick(room(), facts({ kind: "sale", sale }));
  assert.equal(open.sales.fs_1.state, "open");
  assert.deepEqual([withTick(open, facts({ kind: "sale_ended", sale: "fs_1" })).sales.fs_1.ended_at_ms], [5]);
});

test("state carries only newest values, and unknown facts change nothing", () => {
  const state = withTick(room(), tick({ facts: [{ kind: "constructor", at_ms: 1 }, { kind: "from_the_future", at_ms: 1 }], state: { viewers: 7, stock: { po_va_2: { available: 0, held: 5, sold: 0, total: 5 } } } }));
  assert.deepEqual([state.viewers, state.likes, state.stock.po_va_2.held, state.stock.po_va_1.available], [7, 1, 5, 3]);
});

test("own reservations and orders follow what the server says to this person", () => {
  let state = withYou(room(), { event: "reservation", reservation: { id: "rs_1", state: "open" } });
  state = withYou(state, { event: "order", order: { id: "or_1", state: "pending" } });
  assert.deepEqual([state.you.reservations.length, state.you.orders_pending.length], [1, 1]);
  state = withYou(state, { event: "reservation", reservation: { id: "rs_1", state: "committed" } });
  state = withYou(state, { event: "order", order: { id: "or_1", state: "paid" } });
  assert.deepEqual([state.you.reservations, state.you.orders_pending, state.you.last_order.state], [[], [], "paid"]);
});

test("what is pinned up comes with the snapshot and changes with facts", () => {
  const board = { poll: { question: "Green?" } };
  assert.deepEqual(room({ board }).board, board);
  const later = withTick(room({ board }), facts({ kind: "board", name: "poll", value: null }, { kind: "board", name: "greeting", value: "hello" }));
  assert.deepEqual(later.board, { greeting: "hello" });
});

test("when the log began anew, what it no longer holds is gone, and staff keep their board", () => {
  const before = withTick(room(), facts({ kind: "order", order_ref: "lost" }, { kind: "slow_mode", seconds: 30 }, { kind: "board", name: "staff:note", value: "old" }));
  const anew = withFrame(before, { type: "snapshot", position: { epoch: "f", offset: 1, tag: "u" }, server_time_ms: 9, slow_mode_s: 0, snapshot: { products: [], orders: [], comments: [] }, staff_board: { "staff:note": "new" } });
  assert.deepEqual([anew.position.epoch, anew.slow_mode_s, anew.board, anew.orders], ["f", 0, { "staff:note": "new" }, []]);
  const again = withTick(anew, facts({ kind: "order", order_ref: "lost" }));
  assert.deepEqual(again.orders.map(({ order_ref }) => order_ref), ["lost"]);
});

test("a comment said after its speaker's others were taken away stays", () => {
  const state = withTick(room(), tick({ facts: [{ kind: "comments_removed", at_ms: 1, person: "gu_2" }], talk: [comment("co_5", "gu_2")] }));
  assert.deepEqual(state.comments.map(({ id }) => id), ["co_1", "co_5"]);
});

test("a tick follows when its facts come once, in order, in the same log and not beyond its place", () => {
  const last = { epoch: "e", offset: 5, tag: "t" };
  const at = (offset, ...seqs) => tick({ position: { epoch: "e", offset, tag: "t" }, facts: seqs.map((seq) => ({ kind: "pin", at_ms: 1, seq, product: null })) });
  assert.deepEqual([at(5), at(9), at(9, 6, 9)].map((one) => follows(last, one)), [true, true, true]);
  const wrong = [at(4), at(9, 5), at(9, 7, 7), at(9, 8, 7), at(9, 10), { ...at(9), position: { epoch: "f", offset: 9, tag: "t" } }, { ...at(9, 9), position: null }];
  assert.deepEqual(wrong.map((one) => follows(last, one)), wrong.map(() => false));
  assert.equal(follows(null, at(9)), false);
});

test("a warning stands until it is acknowledged", () => {
  const open = { ...emptyRoom(), you: /** @type {any} */ ({ person: "gu_1" }) };
  const warned = withYou(open, { event: "warned", action: "ma_1", message: "Be kind." });
  assert.deepEqual(warned.you?.warning, { action: "ma_1", message: "Be kind." });
  assert.equal(withYou(warned, { event: "acknowledged" }).you?.warning, null);
});

test("sums for staff stand beside a snapshot's and come with ticks", () => {
  const anew = withFrame(room({ tallies: {} }), { type: "snapshot", position: { epoch: "f", offset: 1, tag: "u" }, server_time_ms: 9, slow_mode_s: 0, snapshot: { products: [], orders: [], comments: [], tallies: { "poll:pl_1": 2 } }, staff_board: {}, staff_tallies: { "staff:poll:pl_1:0": 2 } });
  assert.deepEqual(anew.tallies, { "poll:pl_1": 2, "staff:poll:pl_1:0": 2 });
});

test("tallies keep what a tick does not name, and a snapshot starts them anew", () => {
  const state = withTick(room({ tallies: { "react:clap": 3, "react:fire": 1 } }), tick({ state: { tallies: { "react:clap": 5 } } }));
  assert.deepEqual(state.tallies, { "react:clap": 5, "react:fire": 1 });
  assert.deepEqual(room().tallies, {});
});
