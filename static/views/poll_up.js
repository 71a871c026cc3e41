/** The poll on the screens, as who works in the shop sees it: how it stands, and its end. */

import { html } from "../vendor/preact.js";
import { pollOf } from "../lib/room/polls.js";
import { useApp } from "./app.js";
import { Button } from "./button.js";
import { useLeft } from "./countdown.js";
import { PollCard } from "./poll_card.js";

/** @param {{state: import("../lib/room/room_state.js").RoomState, onClosePoll: (poll: string) => unknown, onDismiss: (poll: string) => unknown}} props */
export function PollUp({ state, onClosePoll, onDismiss }) {
  const { t, clock } = useApp();
  useLeft(state.board.poll?.ends_at_ms ?? null);
  const poll = pollOf(state, clock.now_ms());
  if (!poll) return null;
  return html`<div class="poll-up"><${PollCard} poll=${poll} results=${true} />
    <p class="poll-up__tools">${!poll.over && html`<${Button} kind="small accent" onClick=${() => onClosePoll(poll.id)}>${t("poll.close")}<//>`}
      <${Button} kind=${poll.over ? "small accent" : "quiet small"} onClick=${() => onDismiss(poll.id)}>${t("poll.dismiss")}<//></p></div>`;
}
