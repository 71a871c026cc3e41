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
  /** Kept: a browser may forget one that nobody holds. @type {Partial<Record<Device, PermissionStatus>>} */
  #statuses = {};
  /** @type {(device: Device) => void} it may be asked for now */
  onGranted = () => {};

  /** @returns {Promise<Record<Device, string>>} */
  async read() {
    this.forget();
    await Promise.all(DEVICES.map((device) => this.#watch(device)));
    return { camera: this.#statuses.camera?.state ?? "", microphone: this.#statuses.microphone?.state ?? "" };
  }

  /** @param {Device} device @returns {boolean} */
  isDenied(device) {
    return this.#statuses[device]?.state === "denied";
  }

  forget() {
    for (const status of Object.values(this.#statuses)) status.onchange = null;
    this.#statuses = {};
  }

  /** @param {Device} device */
  async #watch(device) {
    let status;
    try {
      status = await navigator.permissions.query({ name: /** @type {PermissionName} */ (device) });
    } catch {
      return; // a browser that does not know the name, or the interface
    }
    this.#statuses[device] = status;
    status.onchange = () => {
      if (status.state === "granted") this.onGranted(device);
    };
  }
}
