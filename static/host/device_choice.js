/** The menu of cameras or microphones: drawn where there is something to choose. */

import { html } from "../vendor/preact.js";

/**
 * Whether a host can mend or change something with the menu: with two devices, or when none of them is in use. Pure.
 * @param {{deviceId: string}[]} devices
 * @param {string} now id of the device in use, "" when none is
 * @returns {boolean}
 */
export function isChoice(devices, now) {
  // Before the browser was asked for them, devices have no ids.
  return devices.length > 1 || (devices.length === 1 && devices[0].deviceId !== now);
}

/** @param {{label: string, devices: MediaDeviceInfo[], now: string, onChoose: (id: string) => void}} props */
export function DeviceChoice({ label, devices, now, onChoose }) {
  if (!isChoice(devices, now)) return null;
  const known = devices.some(({ deviceId }) => deviceId === now);
  return html`<select class="input preview__device" aria-label=${label} title=${label}
    onChange=${(/** @type {{currentTarget: HTMLSelectElement}} */ event) => onChoose(event.currentTarget.value)}>
    ${!known && html`<option key="none" value="" disabled selected>${label}</option>`}
    ${devices.map((device, at) => html`<option key=${device.deviceId} value=${device.deviceId} selected=${device.deviceId === now}>${device.label || `${label} ${at + 1}`}</option>`)}
  </select>`;
}
