/** Line icons on a 24 x 24 grid, drawn here: no font, no request. They are decoration; the label is beside them. */

import { html } from "../vendor/preact.js";

/** @type {Readonly<Record<string, string>>} path data */
const PATHS = Object.freeze({
  alert: "M12 8v5M12 16.5v.01M12 3 2.5 20h19z",
  arrow: "M5 12h14M13 6l6 6-6 6",
  ask: "M4 4h16v12H10l-5 4v-4H4zM9.8 8.3a2.3 2.3 0 1 1 3.3 2.1c-.8.4-1.1.8-1.1 1.6M12 13.9v.01",
  back: "M19 12H5M11 6l-6 6 6 6",
  bag: "M5 8h14l1 13H4zM9 8V6a3 3 0 0 1 6 0v2",
  bolt: "M13 2 5 13.5h6L10 22l8-11.5h-6z",
  box: "M3 8l9-5 9 5v8l-9 5-9-5zM3 8l9 5 9-5M12 13v8",
  calendar: "M4 6h16v15H4zM4 10.5h16M8.5 3v4M15.5 3v4",
  camera: "M3 7h12v10H3zM15 11l6-4v10l-6-4",
  chat: "M4 5h16v11H9l-5 4z",
  check: "M5 12.5l4.5 4.5L19 7",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.5V12l3 2.5",
  close: "M6 6l12 12M18 6 6 18",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  down: "M6 9.5l6 6 6-6",
  download: "M12 4v12M7 11.5l5 5 5-5M5 20h14",
  drag: "M9 6v.01M15 6v.01M9 12v.01M15 12v.01M9 18v.01M15 18v.01",
  edit: "M4 20h4L19.5 8.5l-4-4L4 16zM13 7l4 4",
  eye: "M2 12s3.5-7 10-7 10 7 10 7-3.5 7-10 7-10-7-10-7zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  flag: "M5 21V4h12l-2 4 2 4H5",
  heart: "M12 20.5S3 15 3 8.8A4.8 4.8 0 0 1 12 6.4a4.8 4.8 0 0 1 9 2.4c0 6.2-9 11.7-9 11.7z",
  home: "M4 11l8-7 8 7v9h-5v-6H9v6H4z",
  key: "M14.5 3.5a6 6 0 1 0 .01 0zM10 12l-7 7v2h4v-3h3",
  list: "M8 6h12M8 12h12M8 18h12M4 6v.01M4 12v.01M4 18v.01",
  lock: "M5 11h14v10H5zM8 11V8a4 4 0 0 1 8 0v3",
  mail: "M3 6h18v13H3zM3 7l9 7 9-7",
  mic: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM6 11a6 6 0 0 0 12 0M12 17v4",
  mic_off: "M4 4l16 16M9 9v2a3 3 0 0 0 4.5 2.6M15 11V6a3 3 0 0 0-5.6-1.5M6 11a6 6 0 0 0 9 5.2M18 11a6 6 0 0 1-.5 2.4M12 17v4",
  minus: "M6 12h12",
  pause: "M8 5v14M16 5v14",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21c.6-4.5 3.6-6.5 8-6.5s7.4 2 8 6.5",
  picture: "M3 5h18v14H3zM3 16l5-5 4 4 3-3 6 5M15.5 9v.01",
  poll: "M5 20v-7M12 20V4M19 20V9",
  pin: "M9 3h6l-1 6 4 4v2H6v-2l4-4zM12 15v6",
  play: "M7 4.5v15l12-7.5z",
  plus: "M12 6v12M6 12h12",
  qr: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 14h2v2h-2zM14 18h2v2h-2zM18 18h2v2h-2zM7 7v.01M17 7v.01M7 17v.01",
  react: "M12 3a9 9 0 1 0 9 9M8.5 14.5c1.6 2.2 5.4 2.2 7 0M9 9.5v.01M15 9.5v.01M19 2v6M16 5h6",
  refresh: "M20 11a8 8 0 1 0-2.3 6.3M20 4v7h-7",
  reply: "M10 7 4 12l6 5v-3c5 0 8 1 10 5 0-6-3-9.5-10-10z",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 21 21",
  send: "M3 11.5 21 3l-6.5 18-3.5-7.5z",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
  share: "M12 15V3M7.5 7.5 12 3l4.5 4.5M8 11H5v10h14V11h-3",
  shop: "M4 9l1.5-5h13L20 9M4 9v11h16V9M4 9a2.7 2.7 0 0 0 5.3 0 2.7 2.7 0 0 0 5.4 0A2.7 2.7 0 0 0 20 9M10 20v-5h4v5",
  sign_out: "M14 4H5v16h9M10 12h11M17 8l4 4-4 4",
  smile: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8.5 14.5c1.6 2.2 5.4 2.2 7 0M9 9.5v.01M15 9.5v.01",
  sound: "M4 9.5v5h4l5 4.5V5L8 9.5zM16.5 9a4 4 0 0 1 0 6M19 6a8 8 0 0 1 0 12",
  sound_off: "M4 9.5v5h4l5 4.5V5L8 9.5zM17 10l4 4M21 10l-4 4",
  swap: "M8 20V5M4 9l4-4 4 4M16 4v15M12 15l4 4 4-4",
  tag: "M3 11V3h8l10 10-8 8zM7.5 7.5v.01",
  translate: "M3 6h10M8 4v2M11 6c-.6 3.6-3 6.6-7 8.5M5.5 9c1.2 2.4 3.2 4.2 6 5.5M12 20l4.5-10L21 20M13.6 16.5h5.8",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 14h10l1-14M10 11v6M14 11v6",
  trophy: "M7 4h10v6a5 5 0 0 1-10 0zM7 6H4v2a3 3 0 0 0 3 3M17 6h3v2a3 3 0 0 1-3 3M12 15v3M8 21h8M9.5 18h5",
  undo: "M8 5 3 10l5 5M3 10h10a6 6 0 0 1 0 12h-3",
  upload: "M12 16V4M7 8.5l5-5 5 5M5 20h14",
  up: "M6 14.5l6-6 6 6",
  wifi_off: "M4 4l16 16M2.5 9A14 14 0 0 1 7 6.2M10.5 5.1A14 14 0 0 1 21.5 9M6 13a9 9 0 0 1 4-2.2M14 10.8a9 9 0 0 1 4 2.2M12 18v.01",
});

/**
 * @param {{name: string, filled?: boolean, class?: string}} props
 */
export function Icon({ name, filled = false, class: extra = "" }) {
  return html`<svg class=${`icon ${filled ? "icon--filled" : ""} ${extra}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d=${PATHS[name] ?? ""} />
  </svg>`;
}
