/** A password that can be looked at: nobody gets a long sentence right blind on a phone. */

import { html, useState } from "../vendor/preact.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { Field } from "../views/field.js";
import { Icon } from "../views/icon.js";

/** @param {{label: string, value: string, onInput: (value: string) => void, [other: string]: any}} props */
export function PasswordField(props) {
  const { t } = useApp();
  const [shown, setShown] = useState(false);
  return html`<div class="secret">
    <${Field} ...${props} name="password" type=${shown ? "text" : "password"} autocapitalize="none" spellcheck="false" />
    <${Button} kind="quiet round" class="secret__eye" label=${t(shown ? "form.hide" : "form.show")} aria-pressed=${String(shown)} onClick=${() => setShown(!shown)}><${Icon} name="eye" /><//>
  </div>`;
}
