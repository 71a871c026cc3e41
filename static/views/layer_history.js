/**
 * Sheets and the browser's history: an open sheet is one entry, so the phone's back button closes it and does not
 * leave the page. Layers and entries are brought in line a moment after a change (a sheet that replaces another
 * keeps its entry), and never while a traversal is under way: `history.go` is asynchronous.
 */

const DEPTH = "liveshop_layer";

/** @typedef {{close: () => void}} Layer */
/** @typedef {{state: any, pushState(state: any, title: string): void, replaceState(state: any, title: string): void, go(delta: number): void}} HistoryLike */

export class LayerHistory {
  /** @type {Layer[]} */
  #layers = [];
  #depth = 0;
  #moving = false;
  #scheduled = false;
  #history;
  #later;

  /**
   * @param {HistoryLike} history
   * @param {EventTarget} events fires "popstate"
   * @param {(run: () => void) => void} [later]
   */
  constructor(history, events, later = (run) => void setTimeout(run)) {
    this.#history = history;
    this.#later = later;
    // After a reload inside a sheet the entry is still there, but the sheet is not: it becomes the ground.
    if (history.state?.[DEPTH]) history.replaceState({ ...history.state, [DEPTH]: 0 }, "");
    events.addEventListener("popstate", (event) => this.#popped(/** @type {PopStateEvent} */ (event).state));
  }

  /** @returns {number} */
  get open_layers() {
    return this.#layers.length;
  }

  /** @param {Layer} layer */
  opened(layer) {
    this.#layers.push(layer);
    this.#schedule();
  }

  /** @param {Layer} layer closed by a button, not by going back; those above it close, too */
  closed(layer) {
    const index = this.#layers.indexOf(layer);
    if (index < 0) return;
    this.#layers.splice(index);
    this.#schedule();
  }

  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#later(() => {
      this.#scheduled = false;
      this.#align();
    });
  }

  #align() {
    if (this.#moving) return;
    while (this.#depth < this.#layers.length) {
      this.#depth += 1;
      this.#history.pushState({ ...this.#history.state, [DEPTH]: this.#depth }, "");
    }
    if (this.#depth > this.#layers.length) {
      this.#moving = true;
      this.#history.go(this.#layers.length - this.#depth);
    }
  }

  /** @param {any} state */
  #popped(state) {
    this.#depth = state?.[DEPTH] ?? 0;
    if (!this.#moving) while (this.#layers.length > this.#depth) this.#layers.pop()?.close();
    this.#moving = false;
    this.#align();
  }
}

/** @type {LayerHistory | null} */
let shared = null;

/** @returns {LayerHistory} the page's one */
export function layerHistory() {
  shared ??= new LayerHistory(history, window);
  return shared;
}
