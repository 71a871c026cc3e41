/**
 * A shop's accent colour made readable: text on it and text made of it pass WCAG's 4.5:1.
 * Source: WCAG 2.2, relative luminance and contrast ratio.
 */

const PASSING = 4.5;
const DARK_INK = "#1c1200";
const LIGHT_INK = "#ffffff";
const STEPS = 40;

/** @typedef {[number, number, number]} Rgb */

/**
 * @param {string} hex "#rrggbb"
 * @returns {Rgb | null} null when it is no such colour
 */
export function parseHex(hex) {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  return match ? [parseInt(match[1], 16), parseInt(match[2], 16), parseInt(match[3], 16)] : null;
}

/** @param {Rgb} rgb */
function luminance(rgb) {
  const [r, g, b] = rgb.map((byte) => {
    const part = byte / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * Contrast ratio of two colours, 1 to 21.
 * @param {string} one "#rrggbb"
 * @param {string} other "#rrggbb"
 * @returns {number}
 */
export function contrast(one, other) {
  const a = luminance(parseHex(one) ?? [0, 0, 0]);
  const b = luminance(parseHex(other) ?? [0, 0, 0]);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/**
 * @param {Rgb} rgb
 * @param {Rgb} to
 * @param {number} part 0 to 1
 */
function mix(rgb, to, part) {
  return `#${rgb.map((byte, i) => Math.round(byte + (to[i] - byte) * part).toString(16).padStart(2, "0")).join("")}`;
}

/**
 * The colour itself, or the nearest darker (on light) or lighter (on dark) one that can be read on a ground.
 * @param {string} hex "#rrggbb"
 * @param {string} ground "#rrggbb"
 * @returns {string}
 */
export function readableOn(hex, ground) {
  const rgb = parseHex(hex) ?? [0, 0, 0];
  /** @type {Rgb} */
  const towards = contrast(ground, "#000000") > contrast(ground, "#ffffff") ? [0, 0, 0] : [255, 255, 255];
  for (let step = 0; step < STEPS; step += 1) {
    const tried = mix(rgb, towards, step / STEPS);
    if (contrast(tried, ground) >= PASSING) return tried;
  }
  return mix(towards, towards, 0);
}

/**
 * The CSS variables of a shop's accent.
 * @param {string | null | undefined} accent "#rrggbb"; anything else gives null (the house's saffron stays)
 * @returns {{accent: string, on_accent: string, text_on_light: string, text_on_dark: string} | null}
 */
export function accentColours(accent) {
  if (!accent || !parseHex(accent)) return null;
  const on_accent = contrast(accent, DARK_INK) >= contrast(accent, LIGHT_INK) ? DARK_INK : LIGHT_INK;
  return {
    accent: readableOn(accent, on_accent),
    on_accent,
    text_on_light: readableOn(accent, "#f1eee7"),
    text_on_dark: readableOn(accent, "#2a2622"),
  };
}
