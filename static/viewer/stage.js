/** The picture and everything that lies on it. */

import { html, useEffect, useRef } from "../vendor/preact.js";
import { useApp, useLoad, usePerson } from "../views/app.js";
import { Header } from "./header.js";
import { Hearts } from "./hearts.js";
import { PinnedCard } from "./pinned_card.js";
import { Countdown } from "../views/countdown.js";
import { formatDay, zoneName } from "../lib/clock.js";
import { Composer } from "./composer.js";
import { CommentFlow } from "./talk.js";
import { Icon } from "../views/icon.js";
import { LivePicture } from "./live_picture.js";
import { Poll } from "./poll.js";
import { QuestionsButton } from "./questions_sheet.js";
import { Reactions } from "./reactions.js";
import { RemindButton } from "../views/remind_button.js";
import { useShow } from "./show_context.js";
import { HeartFace } from "./heart_face.js";
import { HeartTaps } from "./heart_taps.js";

/** @param {{status: import("../lib/room/room.js").Status}} props */
export function Stage({ status }) {
  const { t } = useApp();
  const { room, phase, wide, state, show } = useShow();
  const taps = useRef(/** @type {HeartTaps | null} */ (null));
  taps.current ??= new HeartTaps((count) => room.tell("like", { count }));
  useEffect(() => () => taps.current?.stop(), []);
  const heart = () => taps.current?.tap(state.limits.likes_per_frame);
  return html`<main class="stage over-video" aria-label=${show.title}>
    <h1 class="unseen">${show.title}</h1>
    <${LivePicture} status=${status} onHeart=${heart} />
    <div class="stage__shade" aria-hidden="true"></div>
    <${Header} />
    ${phase !== "live" && html`<${Curtain} phase=${phase} />`}
    <${Hearts} likes=${state.likes} taps=${taps.current} />
    <div class="stage__foot">
      ${!wide && html`<${CommentFlow} />`}
      ${!wide && html`<div class="ask-rail"><${QuestionsButton} /></div>`}
      ${phase === "live" && html`<${Reactions} />`}
      ${!wide && html`<${Poll} />`}
      <${PinnedCard} />
      ${!wide && html`<${Composer} onHeart=${heart} />`}
    </div>
    ${wide && phase === "live" && html`<${HeartButton} onHeart=${heart} label=${t("like.label")} likes=${state.likes} />`}
  </main>`;
}

/** @param {{onHeart: () => void, label: string, likes: number}} props */
function HeartButton({ onHeart, label, likes }) {
  return html`<${HeartFace} onHeart=${onHeart} label=${label} likes=${likes} extra="stage__heart" />`;
}

/** Before the start and after the end: what is going on, over the poster. @param {{phase: "scheduled" | "ended"}} props */
function Curtain({ phase }) {
  const { t, i18n, clock } = useApp();
  const { show, wide, openSheet } = useShow();
  if (phase === "ended") {
    return html`<section class="curtain"><h2>${t("show.ended")}</h2><p>${t("show.ended_next")}</p></section>`;
  }
  const soon = clock.left_ms(show.starts_at_ms) <= 0;
  return html`<section class="curtain">
    <p class="small">${soon ? t("show.starts_soon") : t("show.starts_in")}</p>
    ${!soon && html`<p class="curtain__clock"><${Countdown} until_ms=${show.starts_at_ms} icon=${false} urgent_ms=${0} /></p>`}
    <p class="curtain__when"><b>${formatDay(show.starts_at_ms, i18n.locale, clock.now_ms())}</b> <span class="quiet small">${zoneName(i18n.locale)}</span></p>
    <p class="small quiet">${t("show.until_then")}</p>
    <${Remind} />
    ${!wide && html`<button type="button" class="btn btn--glass" onClick=${() => openSheet({ kind: "products" })}><${Icon} name="tag" />${t("buy.see_products")}</button>`}
  </section>`;
}

/** No props. */
function Remind() {
  const { api } = useApp();
  const { show, openSheet } = useShow();
  const person = usePerson();
  const loaded = useLoad(() => /** @type {Promise<import("../views/remind_button.js").Reminder>} */ (api.get(`/shows/${show.id}/reminder`)), [show.id, person?.id]);
  if (!loaded.value) return null;
  return html`<${RemindButton} show=${show} reminder=${loaded.value} onChange=${loaded.set} onAsk=${() => openSheet({ kind: "remind" })} onReached=${() => openSheet(null)} />`;
}
