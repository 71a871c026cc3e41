/** The form of a flash sale: what a preset fills in, and what is wrong with what stands there. No DOM. */

import { parseMoney, plainMoney } from "../lib/prices/money.js";

/** Share of the price, share of the stock, limit, minutes. */
export const PRESETS = /** @type {const} */ ([
  { name: "quick", price: 0.8, stock: 0.5, limit: 1, minutes: 2 },
  { name: "half", price: 0.5, stock: 0.2, limit: 1, minutes: 5 },
  { name: "long", price: 0.9, stock: 1, limit: 3, minutes: 15 },
]);
const STOCK_UNKNOWN = 10;

/** @typedef {{price: string, quantity: string, limit: string, minutes: string}} FlashForm as it is typed */
/** @typedef {Pick<import("../lib/types.js").Variant, "price_minor" | "stock">} Sold */

/** @param {Sold | undefined} variant @returns {number} units that a sale may take */
export function freeOf(variant) {
  return variant?.stock?.available ?? STOCK_UNKNOWN;
}

/** @param {typeof PRESETS[number]} preset @param {Sold} variant @param {string} currency @returns {FlashForm} */
export function filled(preset, variant, currency) {
  return {
    price: plainMoney(Math.max(1, Math.round(variant.price_minor * preset.price)), currency),
    quantity: String(Math.max(1, Math.floor(freeOf(variant) * preset.stock))), limit: String(preset.limit), minutes: String(preset.minutes),
  };
}

/** @param {FlashForm} form @param {number} free @param {string} currency @returns {Partial<Record<keyof FlashForm, string>>} a key of words at each field that is wrong */
export function faults(form, free, currency) {
  const price_minor = parseMoney(form.price, currency);
  const [quantity, limit, minutes] = [form.quantity, form.limit, form.minutes].map(Number);
  return {
    ...((price_minor === null || price_minor < 1) && { price: "flash.bad_price" }),
    ...(!(Number.isInteger(quantity) && quantity >= 1 && quantity <= free) && { quantity: free ? "flash.bad_quantity" : "flash.no_stock" }),
    ...(!(Number.isInteger(limit) && limit >= 1 && limit <= 99) && { limit: "flash.bad_limit" }),
    ...(!(minutes >= 0.5 && minutes <= 1440) && { minutes: "flash.bad_minutes" }),
  };
}
