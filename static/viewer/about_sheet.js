/** About the show, who sells, the language, and where one's own things are. */

import { html } from "../vendor/preact.js";
import { useApp, usePerson } from "../views/app.js";
import { Avatar } from "../views/avatar.js";
import { Icon } from "../views/icon.js";
import { LanguageSwitch } from "../views/language_switch.js";
import { Sheet } from "../views/sheet.js";
import { supportersOf } from "../views/supporters.js";
import { useShow } from "./show_context.js";

/** No props. */
export function AboutSheet() {
  const { t } = useApp();
  const { show, shop, follow, state, translations, openSheet } = useShow();
  const person = usePerson();
  return html`<${Sheet} title=${t("show.about")} clear=${true} onClose=${() => openSheet(null)}>
    <div class="stack">
      <div class="row about__head"><${Avatar} name=${show.shop.name} picture=${show.shop.avatar} size="big" />
        <div class="grow"><h3>${show.title}</h3><p class="quiet small">${show.shop.name}${follow.following && html` · <span class="figures">${t("follow.followers", { count: follow.following.followers })}</span>`}</p></div></div>
      ${show.description && html`<p class="about__text">${show.description}</p>`}
      <${SellerCard} shop=${shop} />
      <div class="row row--spread"><span class="small quiet">${t("language")}</span><${LanguageSwitch} /></div>
      ${translations.possible && html`<label class="row row--spread about__switch"><span class="small">${t("translate.all")}</span><input type="checkbox" checked=${translations.all} onChange=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => translations.setAll(event.currentTarget.checked)} /></label>`}
      <nav class="stack stack--tight" aria-label=${t("nav.label")}>
        ${supportersOf(state.board).length > 0 && html`<button type="button" class="btn btn--wide" onClick=${() => openSheet({ kind: "supporters" })}><${Icon} name="trophy" />${t("supporters.title")}</button>`}
        <a class="btn btn--wide" href="/account#orders" target="_blank"><${Icon} name="box" />${t("nav.orders")}</a>
        <a class="btn btn--wide" href=${person?.kind === "account" ? "/account" : `/account#next=${encodeURIComponent(location.pathname)}`}><${Icon} name="person" />${person?.kind === "account" ? t("nav.account") : t("nav.sign_in")}</a>
        <a class="btn btn--wide" href="/"><${Icon} name="home" />${t("nav.lobby")}</a>
      </nav>
    </div>
  <//>`;
}

/** Who sells, as the law wants it to be said before paying. @param {{shop: import("../lib/types.js").Seller}} props */
export function SellerCard({ shop }) {
  const { t } = useApp();
  return html`<address class="seller notice"><${Icon} name="shop" /><span>
    <b>${t("buy.sold_by", { name: shop.legal_name || shop.name })}</b>
    ${shop.legal_address && html`<span class="seller__line">${shop.legal_address}</span>`}
    ${shop.contact_email && html`<span class="seller__line">${t("buy.seller_contact", { email: shop.contact_email })}</span>`}
  </span></address>`;
}
