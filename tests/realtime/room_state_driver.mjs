/** Applies recorded frames with the pages' own `room_state.js`: a list of frames a line in, the room a line out. */

import { createInterface } from "node:readline";
import { emptyRoom, withFrame, withHello, withTick } from "../../static/lib/room/room_state.js";

const RULES = { hello: withHello, tick: withTick, snapshot: withFrame };

/** @param {any[]} frames */
function play(frames) {
  const room = frames.reduce((state, frame) => RULES[frame.type](state, frame), emptyRoom());
  const variants = Object.values(room.products).flatMap((product) => product.variants);
  return {
    comments: room.comments.map(({ id }) => id),
    pinned: room.pinned,
    host: room.host,
    show: room.show,
    run_of_show: room.run_of_show,
    products: Object.keys(room.products).sort(),
    prices: Object.fromEntries(variants.map((one) => [one.id, [one.price_minor, one.price_version]])),
    sales: Object.fromEntries(Object.values(room.sales).map((sale) => [sale.id, sale.state])),
    orders: room.orders.map((order) => order.order_ref),
    slow_mode_s: room.slow_mode_s,
    board: room.board,
    staff_notes: room.staff_notes.map(({ id }) => id),
    stock: room.stock,
    position: room.position,
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(play(JSON.parse(line)))}\n`);
}
