/** Where a webhook goes and what it is told: of a new one, or changed later. */

import { html, useState } from "../../vendor/preact.js";
import { useApp } from "../../views/app.js";
import { Field } from "../../views/field.js";
import { Icon } from "../../views/icon.js";
import { Sheet } from "../../views/sheet.js";
import { AskForm } from "../ask_form.js";

/** @typedef {import("./state_words.js").Webhook} Webhook */

/**
 * @param {{shop: string, types: string[], webhook?: Webhook | null, onSaved: (answer: any) => void, onClose: () => void}} props
 *   types: what can be asked for; webhook: null makes a new one, whose answer has the secret
 */
export function WebhookForm({ shop, types, webhook = null, onSaved, onClose }) {
  const { t, api } = useApp();
  const [url, setUrl] = useState(webhook?.url ?? "https://");
  const [description, setDescription] = useState(webhook?.description ?? "");
  const [wanted, setWanted] = useState(webhook?.types ?? types);
  const [wrong, setWrong] = useState(/** @type {{url: string | null, types: string | null}} */ ({ url: null, types: null }));
  const run = async () => {
    setWrong({ url: null, types: wanted.length ? null : t("webhooks.no_types") });
    if (!wanted.length) return;
    const body = { url: url.trim(), description: description.trim(), types: wanted };
    try {
      onSaved(await (webhook ? api.patch(`/shops/${shop}/webhooks/${webhook.id}`, body) : api.post(`/shops/${shop}/webhooks`, body, { key: true })));
    } catch (error) {
      const { code, facts } = /** @type {{code?: string, facts?: {reason?: string}}} */ (error);
      if (code !== "bad_webhook_url") throw error;
      setWrong({ url: t(`webhooks.url.${facts?.reason}`), types: null });
    }
  };
  /** @param {string} type @param {boolean} yes */
  const choose = (type, yes) => {
    setWanted(types.filter((one) => (one === type ? yes : wanted.includes(one))));
    setWrong({ ...wrong, types: null });
  };
  return html`<${Sheet} title=${webhook ? t("webhooks.edit") : t("webhooks.new")} onClose=${onClose}>
    <${AskForm} card=${false} label=${t(webhook ? "save" : "webhooks.create")} run=${run}>
      ${(/** @type {(name: string) => string | null} */ errorOf) => html`
        <${Field} name="url" inputmode="url" autocomplete="off" spellcheck="false" label=${t("webhooks.url")} hint=${t("webhooks.url_hint")} value=${url}
          onInput=${(/** @type {string} */ value) => { setUrl(value); setWrong({ ...wrong, url: null }); }} error=${errorOf("url") ?? wrong.url} maxlength="1000" />
        <${Field} name="description" label=${t("webhooks.description")} value=${description} onInput=${setDescription} error=${errorOf("description")} optional maxlength="200" />
        <fieldset class="hooks__types"><legend class="field__label">${t("webhooks.types")}</legend>
          ${types.map((type) => html`<label class="check" key=${type}><input type="checkbox" checked=${wanted.includes(type)}
            onChange=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => choose(type, event.currentTarget.checked)} /><span>${t(`webhooks.type.${type}`)} <code class="quiet">${type}</code></span></label>`)}
          ${wrong.types && html`<span class="field__error" role="alert"><${Icon} name="alert" />${wrong.types}</span>`}</fieldset>`}
    <//>
  <//>`;
}
