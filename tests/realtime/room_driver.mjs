/** The pages' room client alone, without a page: joins a room and tells every state on a line. "ws": over that package. */

import { RoomClient } from "../../static/lib/room/room.js";

const [url, person, way] = process.argv.slice(2);
const WebSocket = way === "ws" ? (await import("ws")).WebSocket : globalThis.WebSocket;
const facts = [];
const room = new RoomClient({ url, token: async () => person, random: () => 0.02, WebSocket });
const tell = () => {
  const { comments, position, board, slow_mode_s, orders, stock } = room.state;
  const state = { status: room.status, reason: room.reason, comments: comments.map(({ text }) => text), position, board, slow_mode_s, orders, stock, facts };
  process.stdout.write(`${JSON.stringify(state)}\n`);
};
room.on("fact", (fact) => facts.push(fact));
room.on("state", tell);
room.on("status", tell);
room.open();
for await (const line of process.stdin.setEncoding("utf8")) {
  for (const text of line.split("\n").filter(Boolean)) {
    room.request("comment", { text }, { write: true }).catch((error) => process.stderr.write(`${error.code}\n`));
  }
}
room.close();
