/** A product's picture in the width that fits, or a quiet stand-in. */

import { html } from "../vendor/preact.js";
import { Icon } from "./icon.js";

/**
 * @param {{picture: import("../lib/types.js").Picture | null | undefined, sizes?: string, eager?: boolean, icon?: string}} props
 *   sizes: as in HTML, the width it is shown at
 */
export function Picture({ picture, sizes = "96px", eager = false, icon = "box" }) {
  if (!picture) return html`<span class="picture"><${Icon} name=${icon} /></span>`;
  const set = `${picture.url_320} 320w, ${picture.url_640} 640w, ${picture.url_1280} 1280w`;
  return html`<span class="picture"><img src=${picture.url_640} srcset=${set} sizes=${sizes} alt=${picture.alt ?? ""}
    loading=${eager ? "eager" : "lazy"} decoding="async" /></span>`;
}
