/** What the Node clients share: talking with the test in lines, and with the server over HTTP. */

import { createInterface } from "node:readline";

/** Tells the test something, one JSON object a line. */
export const tell = (event, facts = {}) => process.stdout.write(`${JSON.stringify({ event, ...facts })}\n`);

/** Calls `commands[line]()` for each line the test writes; the end of the input is the command `stop`. */
export function obey(commands) {
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => commands[line]());
  lines.on("close", () => commands.stop());
}

/** Posts an offer; what the server says, and the session's address. */
export async function post(url, token, offer) {
  const headers = { "Content-Type": "application/sdp", Authorization: `Bearer ${token}` };
  const response = await fetch(url, { method: "POST", headers, body: offer, signal: AbortSignal.timeout(8_000) });
  const location = response.headers.get("location");
  const answer = await response.text();
  tell("answered", { status: response.status, location, answer });
  return { status: response.status, answer, session: location === null ? null : new URL(location, url).href };
}

/** Deletes a session and tells the status. */
export async function remove(session, token) {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(session, { method: "DELETE", headers, signal: AbortSignal.timeout(8_000) });
  tell("deleted", { status: response.status });
}
