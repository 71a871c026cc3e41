/** The poll on a viewer's screen. It can be made small and big again; a new one comes big. */

import { html, useState } from "../vendor/preact.js";
import { pollOf } from "../lib/room/polls.js";
import { useApp } from "../views/app.js";
import { Button } from "../views/button.js";
import { useLeft } from "../views/countdown.js";
import { Icon } from "../views/icon.js";
import { PollCard } from "../views/poll_card.js";
import { useAttempt } from "../views/use_attempt.js";
import { useShow } from "./show_context.js";

/** No props. */
export function Poll() {
  const { t, clock } = useApp();
  const attempt = useAttempt();
  const { state, room, phase } = useShow();
  const [folded, setFolded] = useState("");
  useLeft(state.board.poll?.ends_at_ms ?? null);
  const poll = pollOf(state, clock.now_ms());
  if (!poll) return null;
  if (folded === poll.id) {
    return html`<button type="button" class="poll-small btn btn--small btn--glass" aria-label=${`${t("poll.unfold")}: ${poll.question}`} onClick=${() => setFolded("")}><${Icon} name="poll" />${t("poll.title")}<${Icon} name="up" /></button>`;
  }
  /** @param {number} at */
  const vote = (at) => attempt(async () => {
    await room.request("vote_poll", { poll: poll.id, choice: at }, { write: true });
    room.learn({ event: "voted", poll: poll.id, choice: at });
  });
  // What others chose is shown to who has chosen, so that it sways nobody; staff see it early only where they work.
  return html`<${PollCard} key=${poll.id} poll=${poll} results=${poll.over || (poll.mine !== null && !poll.early)} onVote=${phase === "ended" ? undefined : vote} extra="poll--viewer"
    tools=${html`<${Button} kind="quiet round" class="poll__fold" label=${t("poll.fold")} onClick=${() => setFolded(poll.id)}><${Icon} name="close" /><//>`} />`;
}
