/** A password that can be looked at: nobody gets a long sentence right blind on a phone. */

import { html, useState } from "../vendor/preact.js";
import { useApp } from "./app.js";
import { Button } from "./button.js";
import { Field } from "./field.js";
import { Icon } from "./icon.js";

/** @param {{label: string, value: string, name?: string, onInput: (value: string) => void, [other: string]: any}} props */
export function PasswordField(props) {
  const { t } = useApp();
  const [shown, setShown] = useState(false);
  return html`<div class="secret">
    <${Field} name="password" ...${props} type=${shown ? "text" : "password"} autocapitalize="none" spellcheck="false" />
    <${Button} kind="quiet round" class="secret__eye" label=${t(shown ? "password.hide" : "password.show")} aria-pressed=${String(shown)} onClick=${() => setShown(!shown)}><${Icon} name="eye" /><//>
  </div>`;
}
