/** A poll for the viewers: a form when none is up, else how it stands; below, the show's earlier ones. */

import { html, useState } from "../vendor/preact.js";
import { AskForm } from "../host/ask_form.js";
import { pastPolls } from "../lib/room/polls.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { Field } from "../views/field.js";
import { Icon } from "../views/icon.js";
import { PollCard } from "../views/poll_card.js";
import { PollUp } from "../views/poll_up.js";
import { Sheet } from "../views/sheet.js";
import { Switch } from "./modes_sheet.js";

const CHOICES_LEAST = 2;
const CHOICES_MOST = 6;
const QUESTION_CHARS = 140;
const CHOICE_CHARS = 60;
/** 0: until it is closed. */
const SPANS_S = Object.freeze([0, 15, 30, 60, 120, 300, 600]);
const USUAL_S = 60;

/** @typedef {{state: import("../lib/room/room_state.js").RoomState, moderation: import("./moderation.js").Moderation, act: import("./acting.js").Act}} Shared */

/** @param {Shared & {onClose: () => void}} props */
export function PollSheet({ state, moderation, act, onClose }) {
  const { t } = useApp();
  const past = pastPolls(state.board);
  const ended = state.show?.state === "ended";
  return html`<${Sheet} title=${t("poll.title")} onClose=${onClose}>
    ${state.board.poll ? html`<${PollUp} state=${state} onClosePoll=${(/** @type {string} */ poll) => act(() => moderation.closePoll(poll))} onDismiss=${(/** @type {string} */ poll) => act(() => moderation.dismissPoll(poll))} />` : !ended && html`<${PollForm} moderation=${moderation} act=${act} />`}
    ${past.length > 0 && html`<h3>${t("control.poll.past")}</h3>
      <div class="polls">${past.map((poll) => html`<${PollCard} key=${poll.id} poll=${poll} results=${true} extra="poll--past" />`)}</div>`}
  <//>`;
}

/** @param {Omit<Shared, "state">} props */
function PollForm({ moderation, act }) {
  const { t } = useApp();
  const [question, setQuestion] = useState("");
  const [choices, setChoices] = useState(["", ""]);
  const [seconds, setSeconds] = useState(USUAL_S);
  const [shown, setShown] = useState(true);
  const run = () => act(() => moderation.openPoll({ question: question.trim(), choices: choices.map((one) => one.trim()), seconds: seconds || null, hidden: !shown }));
  /** @param {number} at @param {string} text */
  const write = (at, text) => setChoices(choices.map((one, place) => (place === at ? text : one)));
  return html`<${AskForm} card=${false} label=${t("control.poll.open")} run=${run}>${(/** @type {(name: string) => string | null} */ errorOf) => html`
    <${Field} name="question" label=${t("control.poll.question")} value=${question} onInput=${setQuestion} maxlength=${QUESTION_CHARS} error=${errorOf("question")} />
    ${choices.map((choice, at) => html`<div class="poll-form__choice" key=${at}><${Field} name=${`choice-${at}`} label=${t("control.poll.choice", { number: at + 1 })} value=${choice} onInput=${(/** @type {string} */ text) => write(at, text)} maxlength=${CHOICE_CHARS} error=${errorOf(`choice-${at}`)} />
      ${choices.length > CHOICES_LEAST && html`<${Button} kind="quiet round" label=${t("control.poll.drop", { number: at + 1 })} onClick=${() => setChoices(choices.filter((_, place) => place !== at))}><${Icon} name="trash" /><//>`}</div>`)}
    ${choices.length < CHOICES_MOST && html`<${Button} kind="small" onClick=${() => setChoices([...choices, ""])}><${Icon} name="plus" />${t("control.poll.more")}<//>`}
    <${Field} name="seconds" label=${t("control.poll.span")} value=${String(seconds)} options=${SPANS_S.map((span) => ({ value: String(span), label: t(`control.poll.span.${span}`) }))} onInput=${(/** @type {string} */ value) => setSeconds(Number(value))} />
    <${Switch} name="shown" label=${t("control.poll.shown")} on=${shown} onChange=${setShown} />`}<//>`;
}
