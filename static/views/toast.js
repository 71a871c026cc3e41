/** Short messages at the lower edge: they leave by themselves, and may carry one action (Undo). */

import { html, useEffect, useState } from "../vendor/preact.js";
import { Icon } from "./icon.js";

const SHOWN_MS = 5_000;
const MOST_SHOWN = 3;

/** @typedef {{id: number, text: string, kind: "plain"|"trouble", action: {label: string, run: () => void} | null}} Toast */

export class ToastBoard {
  /** @type {Toast[]} */
  #toasts = [];
  #nextId = 1;
  /** @type {Set<(toasts: Toast[]) => void>} */
  #listeners = new Set();

  /** @returns {Toast[]} oldest first */
  get toasts() {
    return this.#toasts;
  }

  /**
   * @param {string} text
   * @param {{kind?: "plain"|"trouble", action?: {label: string, run: () => void}, shown_ms?: number}} [options]
   * @returns {() => void} takes it away
   */
  show(text, { kind = "plain", action, shown_ms = SHOWN_MS } = {}) {
    const id = this.#nextId++;
    const others = this.#toasts.filter((toast) => toast.text !== text);
    this.#set([...others, { id, text, kind, action: action ?? null }].slice(-MOST_SHOWN));
    const close = () => this.close(id);
    setTimeout(close, shown_ms);
    return close;
  }

  /** @param {string} text */
  trouble(text) {
    return this.show(text, { kind: "trouble", shown_ms: 7_000 });
  }

  /** @param {number} id */
  close(id) {
    this.#set(this.#toasts.filter((toast) => toast.id !== id));
  }

  /** @param {(toasts: Toast[]) => void} listener @returns {() => void} */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param {Toast[]} toasts */
  #set(toasts) {
    this.#toasts = toasts;
    for (const listener of this.#listeners) listener(toasts);
  }
}

/** @param {{board: ToastBoard, closeLabel: string}} props */
export function Toasts({ board, closeLabel }) {
  const [toasts, setToasts] = useState(board.toasts);
  useEffect(() => board.subscribe(setToasts), [board]);
  return html`<div class="toasts" role="status" aria-live="polite">
    ${toasts.map((toast) => html`<div key=${toast.id} class=${`toast toast--${toast.kind}`}>
      <span class="grow">${toast.text}</span>
      ${toast.action && html`<button type="button" onClick=${() => { toast.action?.run(); board.close(toast.id); }}>${toast.action.label}</button>`}
      <button type="button" aria-label=${closeLabel} onClick=${() => board.close(toast.id)}><${Icon} name="close" /></button>
    </div>`)}
  </div>`;
}
