/** What the viewers ask, the most wanted first: answer one now, mark it answered, write an answer, put it aside. */

import { html, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { AskForm } from "../host/ask_form.js";
import { questionsOf } from "../lib/room/questions.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { EmptyState } from "../views/empty_state.js";
import { Field } from "../views/field.js";
import { QuestionLine } from "../views/question_list.js";
import { useTalk } from "../views/use_talk.js";

/** @typedef {import("../lib/room/questions.js").Question} Question */

/**
 * @param {{state: import("../lib/room/room_state.js").RoomState, moderation: import("./moderation.js").Moderation, act: import("./acting.js").Act,
 *   onPerson: (whom: {person: string, name: string}) => void, turn: number, over: boolean}} props turn: counts how often the pane's key was pressed
 */
export function QuestionsPane({ state, moderation, act, onPerson, turn, over }) {
  const { t } = useApp();
  const { live, open, answered } = questionsOf(state);
  const around = useTalk(state);
  const [writing, setWriting] = useState("");
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  // Before the next key can come.
  useLayoutEffect(() => {
    if (turn) /** @type {HTMLElement | null} */ (list.current?.querySelector(".case"))?.focus();
  }, [turn]);
  /** The question after the one that was dealt with takes the focus. @param {HTMLElement | null} row @param {() => Promise<import("./moderation.js").Done>} run */
  const done = async (row, run) => {
    const next = /** @type {HTMLElement | null} */ (row?.nextElementSibling ?? row?.previousElementSibling ?? null);
    if (await act(run)) next?.focus();
  };
  /** The first button: up on every screen; for the one that is, answered. @param {HTMLElement | null} row @param {Question} one */
  const forward = (row, one) => void (one === live ? done(row, () => moderation.answerQuestion(one, null)) : act(() => moderation.showQuestion(one)));
  /** @param {KeyboardEvent & {currentTarget: HTMLElement}} event @param {Question} one */
  const press = (event, one) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    const row = event.currentTarget;
    /** @type {Record<string, () => unknown>} */
    const keys = {
      j: () => /** @type {HTMLElement | null} */ (row.nextElementSibling)?.focus(), k: () => /** @type {HTMLElement | null} */ (row.previousElementSibling)?.focus(),
      y: () => !over && one.state === "open" && forward(row, one), e: () => !over && setWriting(one.id), x: () => !over && void done(row, () => moderation.dismissQuestion(one)),
      Enter: () => onPerson(one), i: () => onPerson(one),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  };
  /** @param {Question} one */
  const tools = (one) => html`<p class="case__tools">
    ${one.state === "open" && html`<${Button} kind=${`small ${one === live ? "accent" : ""}`} onClick=${(/** @type {Event} */ event) => forward(rowOf(event), one)}>${t(one === live ? "ask.done" : "control.ask.show")}<//>`}
    <${Button} kind="small" onClick=${() => setWriting(one.id)}>${t("control.ask.write")}<//>
    ${one === live ? html`<${Button} kind="quiet small" onClick=${() => act(() => moderation.showQuestion(null))}>${t("ask.take_down")}<//>`
      : html`<${Button} kind="quiet small" onClick=${(/** @type {Event} */ event) => done(rowOf(event), () => moderation.dismissQuestion(one))}>${t("control.ask.dismiss")}<//>`}</p>`;
  /** @param {Question} one */
  const line = (one) => html`<div class="case" key=${one.id} tabindex="0" role="group" aria-label=${`${one.name}: ${one.text}`} onKeyDown=${(/** @type {KeyboardEvent & {currentTarget: HTMLElement}} */ event) => press(event, one)}>
    <ul class="askeds"><${QuestionLine} question=${one} live=${one === live} around=${around} /></ul>
    ${!over && (writing === one.id ? html`<${WriteAnswer} question=${one} moderation=${moderation} act=${act} onClose=${() => setWriting("")} />` : tools(one))}</div>`;
  return html`<div class="queues" ref=${list}>
    ${!open.length && html`<${EmptyState} icon="ask" title=${t("control.ask.none")} />`}
    <div class="cases">${open.map(line)}</div>
    ${answered.length > 0 && html`<details class="sessions"><summary>${t("ask.answered")} <b class="tabs__count">${answered.length}</b></summary><div class="cases">${answered.map(line)}</div></details>`}
    <p class="control__keys">${t("control.ask.keys")}</p>
  </div>`;
}

/** @param {Event} event @returns {HTMLElement | null} */
function rowOf(event) {
  return /** @type {HTMLElement} */ (event.currentTarget).closest(".case");
}

/** @param {{question: Question, moderation: import("./moderation.js").Moderation, act: import("./acting.js").Act, onClose: () => void}} props */
function WriteAnswer({ question, moderation, act, onClose }) {
  const { t } = useApp();
  const [text, setText] = useState(question.answer?.text ?? "");
  const run = async () => {
    if (await act(() => moderation.answerQuestion(question, text.trim()))) onClose();
  };
  return html`<${AskForm} card=${false} label=${t("control.ask.send")} kind="accent small" run=${run}>
      <${Field} name="answer" label=${t("control.ask.answer")} value=${text} onInput=${setText} rows=${2} maxlength="300" /><//>
    <p class="case__tools"><${Button} kind="quiet small" onClick=${onClose}>${t("cancel")}<//></p>`;
}
