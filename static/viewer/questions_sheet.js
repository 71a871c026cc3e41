/** What the viewers want to know: the open questions with the most wanted first, the answered ones below, a line to ask. */

import { html } from "../vendor/preact.js";
import { questionsOf } from "../lib/room/questions.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { EmptyState } from "../views/empty_state.js";
import { Icon } from "../views/icon.js";
import { QuestionLine } from "../views/question_list.js";
import { Sheet } from "../views/sheet.js";
import { useAttempt } from "../views/use_attempt.js";
import { useTalk } from "../views/use_talk.js";
import { useSaying } from "./composer.js";
import { useShow } from "./show_context.js";

/** Opens the sheet; says how many are open. @param {{wide?: boolean}} props wide: with its name */
export function QuestionsButton({ wide = false }) {
  const { t } = useApp();
  const { state, openSheet } = useShow();
  const count = questionsOf(state).open.length;
  const open = () => openSheet({ kind: "questions" });
  const label = t("ask.open", { count });
  if (wide) {
    return html`<button type="button" class="btn btn--small" aria-label=${label} onClick=${open}><${Icon} name="ask" />${t("ask.title")}
      ${count > 0 && html`<span class="badge badge--count figures">${count}</span>`}</button>`;
  }
  return html`<button type="button" class="tool" aria-label=${label} title=${t("ask.title")} onClick=${open}><${Icon} name="ask" />
    ${count > 0 && html`<span class="badge badge--count tool__count figures">${count}</span>`}</button>`;
}

/** No props. */
export function QuestionsSheet() {
  const { t } = useApp();
  const attempt = useAttempt();
  const { state, room, phase, openSheet } = useShow();
  const { live, open, answered } = questionsOf(state);
  const around = useTalk(state);
  /** @param {import("../lib/room/questions.js").Question} one */
  const vote = (one) => attempt(async () => {
    await room.request("vote_question", { comment: one.id, on: !one.voted }, { write: true });
    room.learn({ event: "voted", comment: one.id, on: !one.voted });
  });
  return html`<${Sheet} title=${t("ask.title")} clear=${true} onClose=${() => openSheet(null)} foot=${phase !== "ended" && html`<${AskLine} />`}>
    ${!open.length && !answered.length && html`<${EmptyState} icon="ask" title=${t("ask.none")}>${t("ask.none_next")}<//>`}
    <ul class="askeds" aria-label=${t("ask.title")}>${open.map((one) => html`<${QuestionLine} key=${one.id} question=${one} live=${one === live} around=${around} onVote=${phase === "ended" ? undefined : vote} />`)}</ul>
    ${answered.length > 0 && html`<h3 class="askeds__title">${t("ask.answered")}</h3>
      <ul class="askeds" aria-label=${t("ask.answered")}>${answered.map((one) => html`<${QuestionLine} key=${one.id} question=${one} live=${false} around=${around} />`)}</ul>`}
  <//>`;
}

/** Asking is saying something that waits for an answer: the same rules hold. No props. */
function AskLine() {
  const { t, toasts } = useApp();
  const { state } = useShow();
  const say = useSaying({ question: true, onSaid: () => toasts.show(t("ask.sent")) });
  const stopped = say.stopped ?? (state.you?.warning ? t("error.warned") : null);
  return html`<form class="ask-line" onSubmit=${say.submit}>
    <input class="input" aria-label=${t("ask.label")} placeholder=${stopped ?? t("ask.placeholder")} disabled=${stopped !== null} value=${say.text} maxlength=${state.limits.comment_chars} enterkeyhint="send" autocomplete="off"
      onInput=${(/** @type {{currentTarget: HTMLInputElement}} */ event) => say.setText(event.currentTarget.value)} />
    <${Button} kind="accent" type="submit" busy=${say.busy} disabled=${stopped !== null || !say.text.trim()}>${t("ask.send")}<//>
  </form>`;
}
