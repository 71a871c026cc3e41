import assert from "node:assert/strict";
import { test } from "node:test";
import { LayerHistory } from "./layer_history.js";

/** A browser's history: `go` answers later with a popstate, as real ones do. */
class FakeHistory extends EventTarget {
  entries = [null];
  at = 0;
  get state() { return this.entries[this.at]; }
  pushState(state) { this.entries.splice(++this.at, Infinity, state); }
  replaceState(state) { this.entries[this.at] = state; }
  go(delta) { this.pending = delta; }
  arrive(delta = this.pending) {
    this.at += delta;
    this.dispatchEvent(Object.assign(new Event("popstate"), { state: this.state }));
  }
}

function layers() {
  const history = new FakeHistory();
  const jobs = [];
  const shared = new LayerHistory(history, history, (job) => jobs.push(job));
  return { history, shared, settle: () => { while (jobs.length) jobs.shift()(); } };
}

test("the back button closes the sheet and stays on the page", () => {
  const { history, shared, settle } = layers();
  let closed = 0;
  shared.opened({ close: () => closed++ });
  settle();
  assert.equal(history.at, 1);
  history.arrive(-1);
  assert.deepEqual([closed, history.at, shared.open_layers], [1, 0, 0]);
});

test("a sheet closed by its button takes its entry along", () => {
  const { history, shared, settle } = layers();
  const layer = { close: () => assert.fail("it is closed already") };
  shared.opened(layer);
  settle();
  shared.closed(layer);
  settle();
  history.arrive();
  assert.deepEqual([history.at, shared.open_layers], [0, 0]);
});

test("a sheet that replaces another in the same moment keeps the entry", () => {
  const { history, shared, settle } = layers();
  const first = { close: () => {} };
  shared.opened(first);
  settle();
  shared.closed(first);
  let closed = 0;
  shared.opened({ close: () => closed++ });
  settle();
  assert.deepEqual([history.at, history.entries.length, history.pending], [1, 2, undefined]);
  history.arrive(-1);
  assert.equal(closed, 1);
});

test("a sheet opened while the browser is still going back is not closed by it", () => {
  const { history, shared, settle } = layers();
  const first = { close: () => {} };
  shared.opened(first);
  settle();
  shared.closed(first);
  settle();
  let closed = 0;
  shared.opened({ close: () => closed++ });
  settle();
  history.arrive();
  assert.deepEqual([closed, history.at, shared.open_layers], [0, 1, 1]);
});

test("back closes the upper sheet only", () => {
  const { history, shared, settle } = layers();
  const closed = [];
  shared.opened({ close: () => closed.push("lower") });
  shared.opened({ close: () => closed.push("upper") });
  settle();
  history.arrive(-1);
  assert.deepEqual(closed, ["upper"]);
});
