/**
 * What the room looks like, computed from what the server says: a snapshot replaces, a tick adds. Pure: every
 * function returns a new state and leaves the old one as it was.
 *
 * Facts come once and in order, also after a resume, but an order is counted by its reference all the same: a
 * snapshot lists the last orders, and those may come again as facts.
 */

const COMMENTS_KEPT = 200;
const ORDERS_KEPT = 20;
const ORDER_REFS_KEPT = 1000;

/** @typedef {import("../types.js").Fact} Fact */
/** @typedef {import("../types.js").Tick} Tick */
/** @typedef {import("../types.js").Hello} Hello */
/** @typedef {import("../types.js").Comment} Comment */
/** @typedef {import("../types.js").Product} Product */
/** @typedef {import("../types.js").Reservation} Reservation */
/**
 * @typedef {object} RoomState
 * @property {boolean} ready whether a hello has come
 * @property {import("../types.js").Position | null} position where to go on after a reconnect
 * @property {any} show
 * @property {string | null} pinned product id
 * @property {Record<string, Product>} products
 * @property {string[]} run_of_show product ids
 * @property {Record<string, import("../types.js").Sale>} sales
 * @property {Record<string, import("../types.js").Stock>} stock by pool
 * @property {Comment[]} comments oldest first
 * @property {Fact[]} orders oldest first
 * @property {ReadonlySet<string>} order_refs orders counted already
 * @property {number} viewers
 * @property {number} likes
 * @property {"live"|"away"|"off"} host
 * @property {number} slow_mode_s
 * @property {number} left_out comments the server left out since the last hello
 * @property {import("../types.js").You | null} you
 * @property {{url: string, token: string} | null} whep
 * @property {{comment_chars: number, likes_per_frame: number, translate?: boolean}} limits
 * @property {Record<string, any>} board what is pinned up, by name; names with "staff:" reach staff only
 * @property {Record<string, number>} tallies sums of what people press, such as "react:clap"; names with "staff:" reach staff only
 * @property {Fact[]} moderation the last moderator-only facts, oldest first
 * @property {Fact[]} staff_notes what moderators said to each other, the newest of it, oldest first
 */

/** @returns {RoomState} */
export function emptyRoom() {
  return {
    ready: false, position: null, show: null, pinned: null, products: {}, run_of_show: [], sales: {}, stock: {},
    comments: [], orders: [], order_refs: new Set(), viewers: 0, likes: 0, host: "off", slow_mode_s: 0, left_out: 0,
    you: null, whep: null, limits: { comment_chars: 200, likes_per_frame: 20 }, board: {}, tallies: {}, moderation: [], staff_notes: [],
  };
}

/**
 * @param {RoomState} state
 * @param {Hello} hello
 * @returns {RoomState}
 */
export function withHello(state, hello) {
  const known = {
    ...state,
    ready: true,
    position: hello.position,
    show: hello.show ?? state.show,
    you: hello.you,
    whep: hello.whep,
    limits: hello.limits ?? state.limits,
    slow_mode_s: hello.slow_mode_s ?? 0,
  };
  if (hello.snapshot) return withStaffs(withSnapshot(known, hello.snapshot), hello);
  return hello.missed ? { ...withTick(known, hello.missed), position: hello.position } : known;
}

/**
 * What stands beside a snapshot for staff alone.
 * @param {RoomState} state
 * @param {{staff_board?: Record<string, any> | null, staff_tallies?: Record<string, number> | null, staff_notes?: Fact[] | null}} beside
 */
function withStaffs(state, { staff_board, staff_tallies, staff_notes }) {
  return { ...state, board: { ...state.board, ...staff_board }, tallies: { ...state.tallies, ...staff_tallies }, staff_notes: staff_notes ?? [] };
}

/**
 * The room as a `snapshot` frame has it: the log began anew, and what it no longer holds is gone from here too.
 * @param {RoomState} state
 * @param {import("../types.js").SnapshotFrame} frame
 * @returns {RoomState}
 */
export function withFrame(state, frame) {
  const known = { ...state, position: frame.position, slow_mode_s: frame.slow_mode_s ?? state.slow_mode_s };
  return withStaffs(withSnapshot(known, frame.snapshot), frame);
}

/**
 * The room as a snapshot has it; who this is and what is theirs stays.
 * @param {RoomState} state
 * @param {import("../types.js").Snapshot} snapshot
 * @returns {RoomState}
 */
export function withSnapshot(state, snapshot) {
  const listed = /** @type {Product[]} */ (snapshot.products ?? snapshot.show?.products ?? []);
  const products = byId(listed);
  const base = {
    ...state,
    show: { ...state.show, ...snapshot.show },
    products,
    run_of_show: snapshot.run_of_show ?? Object.keys(products),
    sales: byId(snapshot.sales ?? []),
    stock: { ...stockOf(Object.values(products)), ...snapshot.stock },
    comments: (snapshot.comments ?? []).slice(-COMMENTS_KEPT),
    orders: /** @type {Fact[]} */ ([]),
    viewers: snapshot.viewers ?? 0,
    likes: snapshot.likes ?? 0,
    host: snapshot.host ?? "off",
    left_out: 0,
    board: snapshot.board ?? {},
    tallies: snapshot.tallies ?? {},
    moderation: [],
  };
  const pinned = withPin(base, snapshot.pinned ?? null);
  const orders = (snapshot.orders ?? []).slice(-ORDERS_KEPT);
  return { ...pinned, orders, order_refs: new Set(orders.map((order) => String(order.order_ref))) };
}

/**
 * @param {RoomState} state
 * @param {Tick} tick
 * @returns {RoomState}
 */
export function withTick(state, tick) {
  /** @type {RoomState} */
  let next = { ...state, position: tick.position ?? state.position, left_out: state.left_out + (tick.left_out ?? 0) };
  for (const fact of tick.facts) next = withFact(next, fact);
  // Talk without a place in the log is one's own, echoed because nobody else hears it.
  const talk = tick.position ? tick.talk : tick.talk.map((one) => ({ ...one, echoed: true }));
  if (talk.length) next.comments = addComments(next.comments, talk);
  const { viewers, likes, stock, tallies } = tick.state ?? {};
  if (viewers !== undefined) next.viewers = viewers;
  if (likes !== undefined) next.likes = Math.max(likes, 0);
  if (tallies) next.tallies = { ...next.tallies, ...tallies };
  if (stock) next.stock = { ...next.stock, ...stock };
  return next;
}

/**
 * Whether a tick goes on where the room stands: facts come once and in order, in one log, none beyond the tick's
 * place. When it does not, the room has to be entered without a position.
 * @param {import("../types.js").Position | null} last
 * @param {Tick} tick
 * @returns {boolean}
 */
export function follows(last, tick) {
  const next = tick.position;
  if (!last) return false;
  if (!next) return tick.facts.length === 0;
  if (next.epoch !== last.epoch || Number(next.offset) < Number(last.offset)) return false;
  let place = Number(last.offset);
  for (const { seq } of tick.facts) {
    if (!(Number(seq) > place)) return false;
    place = Number(seq);
  }
  return place <= Number(next.offset);
}

/** What each kind of fact does. A kind that is not here changes nothing on this screen. */
/** @type {Record<string, (state: RoomState, fact: Fact) => RoomState>} */
const FACTS = {
  order: withOrder,
  pin: (state, fact) => withPin(state, fact.product ?? null),
  price: withPrice,
  sale: (state, { sale }) => ({ ...state, sales: { ...state.sales, [sale.id]: sale } }),
  sale_ended: withSaleEnded,
  show: withShow,
  run_of_show: (state, fact) => withRunOfShow(state, fact.products ?? []),
  product: (state, { product }) => withProduct(state, product),
  comment_deleted: (state, { comment }) => ({ ...state, comments: state.comments.filter(({ id }) => id !== idOf(comment)) }),
  comments_removed: (state, { person }) => ({ ...state, comments: state.comments.filter((one) => one.person !== person) }),
  banned: withBan,
  slow_mode: (state, fact) => ({ ...state, slow_mode_s: fact.seconds }),
  board: withBoard,
  host: (state, fact) => ({ ...state, host: fact.state }),
  moderation: withModeration,
  payment_failed: withModeration,
  staff_note: (state, fact) => ({ ...state, staff_notes: [...state.staff_notes, fact].slice(-COMMENTS_KEPT) }),
};

/** @param {RoomState} state @param {Fact} fact @returns {RoomState} */
function withFact(state, fact) {
  return Object.hasOwn(FACTS, fact.kind) ? FACTS[fact.kind](state, fact) : state;
}

/** @param {RoomState} state @param {Fact} fact @returns {RoomState} */
function withShow(state, fact) {
  const { kind, at_ms, seq, show: _, ...told } = fact;
  const show = { ...state.show, ...told };
  if (fact.state === "live" && !show.started_at_ms) show.started_at_ms = at_ms;
  return { ...state, show, host: fact.state === "ended" ? "off" : state.host };
}

/** @param {RoomState} state @param {Fact} fact @returns {RoomState} */
function withBoard(state, { name, value }) {
  /** @type {Record<string, any>} */
  const board = { ...state.board, [name]: value };
  if (value === null) delete board[name];
  return { ...state, board };
}

/** @param {RoomState} state @param {Fact} fact @returns {RoomState} */
function withOrder(state, fact) {
  const ref = String(fact.order_ref);
  if (state.order_refs.has(ref)) return state;
  const refs = [...state.order_refs, ref].slice(-ORDER_REFS_KEPT);
  return { ...state, orders: [...state.orders, fact].slice(-ORDERS_KEPT), order_refs: new Set(refs) };
}

/** @param {RoomState} state @param {any} product an id, a Product or null @returns {RoomState} */
function withPin(state, product) {
  if (product && typeof product === "object") return { ...withProduct(state, product), pinned: product.id };
  return { ...state, pinned: product };
}

/** @param {RoomState} state @param {Product} product @returns {RoomState} */
function withProduct(state, product) {
  return {
    ...state,
    products: { ...state.products, [product.id]: product },
    stock: { ...stockOf([product]), ...state.stock },
  };
}

/** @param {RoomState} state @param {(string | Product)[]} entries @returns {RoomState} */
function withRunOfShow(state, entries) {
  let next = state;
  for (const entry of entries) if (typeof entry === "object") next = withProduct(next, entry);
  return { ...next, run_of_show: entries.map((entry) => idOf(entry)) };
}

/** @param {RoomState} state @param {Fact} fact @returns {RoomState} */
function withPrice(state, fact) {
  const products = { ...state.products };
  for (const product of Object.values(products)) {
    if (!product.variants.some(({ id }) => id === fact.variant)) continue;
    const variants = product.variants.map((variant) => variant.id === fact.variant ? repriced(variant, fact) : variant);
    products[product.id] = { ...product, variants };
  }
  return { ...state, products };
}

/** @param {import("../types.js").Variant} variant @param {Fact} fact */
function repriced(variant, fact) {
  const { price_minor, price_version, compare_at_minor = variant.compare_at_minor } = fact;
  return { ...variant, price_minor, price_version, compare_at_minor };
}

/** @param {RoomState} state @param {Fact} fact @returns {RoomState} */
function withSaleEnded(state, fact) {
  const sale = state.sales[idOf(fact.sale)];
  if (!sale) return state;
  return { ...state, sales: { ...state.sales, [sale.id]: { ...sale, state: "ended", ended_at_ms: fact.at_ms } } };
}

/**
 * A ban that came by way of the shop says whom but not who did it; a moderator's fact goes before it, or follows.
 * @param {RoomState} state @param {Fact} fact @returns {RoomState}
 */
function withBan(state, fact) {
  const next = { ...state, comments: state.comments.filter((one) => one.person !== fact.person) };
  const last = state.moderation[state.moderation.length - 1];
  if (last?.action === "ban" && last.target === fact.person) return next;
  return withModeration(next, { ...fact, kind: "moderation", action: "ban", actor: null, target: fact.person });
}

/**
 * @param {RoomState} state @param {Fact} fact one that names who banned takes the place of one that does not
 * @returns {RoomState}
 */
function withModeration(state, fact) {
  const last = state.moderation.filter((one) => one.target === fact.target).pop();
  const nameless = fact.action === "ban" && last?.action === "ban" && !last.actor;
  const before = nameless ? state.moderation.filter((one) => one !== last) : state.moderation;
  return { ...state, moderation: [...before, fact].slice(-COMMENTS_KEPT) };
}

/**
 * What the server says to this person alone.
 * @param {RoomState} state
 * @param {Record<string, any>} frame
 * @returns {RoomState}
 */
export function withYou(state, frame) {
  if (!state.you) return state;
  const { you } = state;
  switch (frame.event) {
    case "reservation": return { ...state, you: withHold(you, frame.reservation) };
    case "places": return { ...state, you: { ...you, waits: frame.places ?? [] } };
    case "order": return { ...state, you: withOwnOrder(you, frame.order) };
    case "muted": return { ...state, you: { ...you, muted_until_ms: frame.muted_until_ms ?? null } };
    case "warned": return { ...state, you: { ...you, warning: { action: frame.action, message: frame.message } } };
    case "acknowledged": return { ...state, you: { ...you, warning: null } };
    case "voted": return { ...state, you: withVote(you, frame) };
    case "banned": return { ...state, you: { ...you, banned: true } };
    case "unbanned": return { ...state, you: { ...you, banned: false } };
    case "state": return frame.you ? { ...state, you: frame.you } : state;
    default: return state;
  }
}

/** What one votes for now: a question or not, or a poll's choice. @param {import("../types.js").You} you @param {Record<string, any>} frame */
function withVote(you, { comment, on, poll, choice }) {
  if (poll) return { ...you, choices: { ...you.choices, [poll]: choice } };
  const others = (you.votes ?? []).filter((id) => id !== comment);
  return { ...you, votes: on ? [...others, comment] : others };
}

/**
 * The living reservations after one of them changed.
 * @param {Reservation[]} reservations
 * @param {Reservation | undefined} changed
 * @returns {Reservation[]}
 */
export function withReservation(reservations, changed) {
  if (!changed) return reservations;
  const others = reservations.filter(({ id }) => id !== changed.id);
  const living = changed.state === "open" || changed.state === "paying";
  return living ? [...others, changed] : others;
}

/**
 * A hold changed; what is held is not waited for any more.
 * @param {import("../types.js").You} you @param {Reservation | undefined} changed
 */
function withHold(you, changed) {
  const held = new Set((changed?.lines ?? []).map(({ pool }) => pool));
  const waits = you.waits?.filter(({ pool }) => !held.has(pool));
  return { ...you, reservations: withReservation(you.reservations, changed), ...(waits && { waits }) };
}

/** @param {import("../types.js").You} you @param {import("../types.js").Order | undefined} order */
function withOwnOrder(you, order) {
  if (!order) return you;
  const orders_pending = (you.orders_pending ?? []).filter(({ id }) => id !== order.id);
  if (order.state === "pending" || order.state === "authorised") orders_pending.push(order);
  return { ...you, orders_pending, last_order: order };
}

/** @param {Comment[]} comments @param {Comment[]} more @returns {Comment[]} */
function addComments(comments, more) {
  const known = new Set(comments.map(({ id }) => id));
  const fresh = more.filter(({ id }) => !known.has(id));
  return fresh.length ? [...comments, ...fresh].slice(-COMMENTS_KEPT) : comments;
}

/** @param {Product[]} products */
function stockOf(products) {
  /** @type {Record<string, import("../types.js").Stock>} */
  const stock = {};
  for (const { variants } of products) for (const { pool, stock: of } of variants) if (of) stock[pool] = of;
  return stock;
}

/** @template {{id: string}} T @param {T[]} list @returns {Record<string, T>} */
function byId(list) {
  return Object.fromEntries(list.map((one) => [one.id, one]));
}

/** @param {any} entry an id, or an object with one @returns {string} */
function idOf(entry) {
  return typeof entry === "object" && entry ? entry.id : entry;
}
