/**
 * Whose link brought this visit. It is remembered in this tab alone, for a day at most, and for the one show; the
 * newest link counts. `?via=` is taken out of the address, so that who copies that shares nobody else's link.
 */

const KEY = "liveshop.via";
const CODE = /^[a-z0-9]{1,16}$/;
export const REMEMBERED_MS = 86_400_000;

/** @typedef {{getItem(name: string): string | null, setItem(name: string, value: string): void}} Memory */

/** sessionStorage; nothing is remembered where the browser forbids it. @returns {Memory} */
export function tabMemory() {
  try {
    sessionStorage.getItem(KEY);
    return sessionStorage;
  } catch {
    return { getItem: () => null, setItem: () => {} };
  }
}

/**
 * @param {string} show
 * @param {string | null} code what the address says
 * @param {number} now_ms
 * @param {Memory} [memory]
 * @returns {string | null} the code, when it can be one
 */
export function rememberVia(show, code, now_ms, memory = tabMemory()) {
  if (code === null || !CODE.test(code)) return null;
  memory.setItem(KEY, JSON.stringify({ show, code, until_ms: now_ms + REMEMBERED_MS }));
  return code;
}

/**
 * @param {string} show
 * @param {number} now_ms
 * @param {Memory} [memory]
 * @returns {string | null} the code this visit came by, null when it came by none
 */
export function viaOf(show, now_ms, memory = tabMemory()) {
  try {
    const kept = JSON.parse(memory.getItem(KEY) ?? "null");
    return kept?.show === show && kept.until_ms > now_ms && CODE.test(kept.code) ? kept.code : null;
  } catch {
    return null;
  }
}

/**
 * At the start of a show's page: the product that a link opens, taken out of the address as well.
 * @returns {string | null}
 */
export function arrivedProduct() {
  const address = new URL(location.href);
  const product = address.searchParams.get("product");
  if (product === null) return null;
  address.searchParams.delete("product");
  history.replaceState(history.state, "", address);
  return product;
}

/**
 * The address of a link that opens the show at one of its products.
 * @param {string} url of the link to the show
 * @param {string | null} product null: to the show itself
 */
export function linkTo(url, product) {
  return product === null ? url : `${url}/${encodeURIComponent(product)}`;
}

/**
 * At the start of a show's page: the link of the address, remembered and taken out of it.
 * @param {string} show
 * @returns {string | null}
 */
export function arrivedVia(show) {
  const address = new URL(location.href);
  const code = address.searchParams.get("via");
  if (code === null) return null;
  address.searchParams.delete("via");
  history.replaceState(history.state, "", address);
  return rememberVia(show, code.toLowerCase(), Date.now());
}
