/** The bar of pages without video: home, language, who you are. */

import { html } from "../vendor/preact.js";
import { useApp, usePerson } from "./app.js";
import { Avatar } from "./avatar.js";
import { LanguageSwitch } from "./language_switch.js";

/** The mark: a stall's awning over a play triangle. */
export function Mark() {
  return html`<svg class="topbar__mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="9" fill="var(--accent)" />
    <path d="M7 8h18l2 6a3 3 0 0 1-5.5 1.6 3.4 3.4 0 0 1-5.5 0 3.4 3.4 0 0 1-5.5 0A3 3 0 0 1 5 14z" fill="var(--on-accent)" />
    <path d="M13 19.5v6.8a.6.6 0 0 0 .9.5l5.6-3.4a.6.6 0 0 0 0-1l-5.6-3.4a.6.6 0 0 0-.9.5z" fill="var(--on-accent)" />
  </svg>`;
}

/** @param {{children?: unknown, title?: string}} props children: more on the right */
export function TopBar({ children, title }) {
  const { t } = useApp();
  const person = usePerson();
  return html`<header class="topbar">
    <a class="topbar__brand" href="/" aria-label=${`liveshop: ${t("nav.lobby")}`}><${Mark} /><span class="topbar__word">${title ?? "liveshop"}</span></a>
    <nav class="topbar__side" aria-label=${t("nav.label")}>
      ${children}
      <${LanguageSwitch} />
      ${person?.kind === "account"
        ? html`<a class="btn btn--quiet btn--round" href="/account" aria-label=${t("nav.account_of", { name: person.name })} title=${person.name}><${Avatar} name=${person.name} /></a>`
        : html`<a class="btn btn--small" href="/account">${t("nav.sign_in")}</a>`}
    </nav>
  </header>`;
}
