/** What the browser was told about camera and microphone, as its Permissions interface says. No framework. */

/** @typedef {"camera" | "microphone"} Device */

/** @type {readonly Device[]} */
export const DEVICES = Object.freeze(["camera", "microphone"]);

/**
 * After both were refused together: those that may come when they are asked for alone, without a second question about
 * what a person has just said no to. Pure.
 * @param {Record<Device, string>} states "granted", "denied", "prompt", or "" where the browser does not tell
 * @returns {Device[]}
 */
export function stillToAsk(states) {
  const is_one_denied = DEVICES.some((device) => states[device] === "denied");
  return DEVICES.filter((device) => states[device] === "granted" || (states[device] === "prompt" && is_one_denied));
}

/** What is allowed now, and what will be: a refusal may be taken back while the page is open. */
export class Permissions {
  /** Kept: a browser may forget one that nobody holds. @type {PermissionStatus[]} */
  #watched = [];
  /** Counts the times it was forgotten: what is still on the way then is not watched. */
  #turn = 0;
  /** @type {(device: Device, state: string) => void} */
  onChange = () => {};

  /** Reads both, and watches them from now on. @returns {Promise<Record<Device, string>>} */
  async read() {
    this.forget();
    const turn = this.#turn;
    const [camera, microphone] = await Promise.all(DEVICES.map((device) => this.#watch(device, turn)));
    return { camera, microphone };
  }

  forget() {
    this.#turn += 1;
    for (const status of this.#watched.splice(0)) status.onchange = null;
  }

  /** @param {Device} device @param {number} turn @returns {Promise<string>} */
  async #watch(device, turn) {
    try {
      const status = await navigator.permissions.query({ name: /** @type {PermissionName} */ (device) });
      if (turn === this.#turn) {
        this.#watched.push(status);
        status.onchange = () => this.onChange(device, status.state);
      }
      return status.state;
    } catch {
      return ""; // a browser that does not know the name, or the interface
    }
  }
}
