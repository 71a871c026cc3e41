/** Who supports this show most. */

import { html } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { Sheet } from "../views/sheet.js";
import { SupporterList } from "../views/supporters.js";
import { useShow } from "./show_context.js";

/** No props. */
export function SupportersSheet() {
  const { t } = useApp();
  const { state, openSheet } = useShow();
  return html`<${Sheet} title=${t("supporters.title")} clear=${true} onClose=${() => openSheet(null)} class="sheet--small">
    <${SupporterList} board=${state.board} me=${state.you?.person} /><//>`;
}
