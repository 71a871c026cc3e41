/**
 * The shapes that travel between server and pages, as the API and the room's protocol define them.
 * Only JSDoc: nothing here runs.
 *
 * @typedef {{id: string, slug: string, name: string, role: string}} ShopRole
 * @typedef {{id: string, kind: "guest"|"account", name: string, email: string|null, email_confirmed: boolean,
 *   admin: boolean, announce_purchases?: boolean, shops: ShopRole[]}} Person
 * @typedef {{access_token: string, expires_at_ms: number, person: Person}} SessionAnswer
 *
 * @typedef {{available: number, held: number, sold: number, total: number}} Stock
 * @typedef {{id: string, alt: string, width: number, height: number, url_320: string, url_640: string, url_1280: string}} Picture
 * @typedef {{id: string, title: string, sku?: string, price_minor: number, compare_at_minor: number|null,
 *   price_version: number, pool: string, stock: Stock|null}} Variant
 * @typedef {{id: string, shop?: string, title: string, description: string, published?: boolean, picture: Picture|null,
 *   pictures: Picture[], variants: Variant[], currency: string, tax_class?: string}} Product
 * @typedef {{id: string, show?: string, product: string, variant: string, pool: string, price_minor: number,
 *   price_version: number, currency: string, quantity: number, limit: number, starts_at_ms: number, ends_at_ms: number,
 *   ended_at_ms: number|null, state: "scheduled"|"open"|"ended", pay_first?: boolean}} Sale
 * @typedef {{id: string, slug?: string, name: string, avatar?: Picture|null, accent?: string|null}} ShopCard
 * @typedef {{id: string, title: string, shop: ShopCard, state: "scheduled"|"live"|"ended", starts_at_ms: number,
 *   started_at_ms: number|null, ended_at_ms: number|null, poster: Picture|null, pinned: Product|null,
 *   pinned_sales: Sale[], viewers: number}} ShowCard
 * @typedef {Omit<ShowCard, "pinned_sales"> & {description: string, currency: string, products: Product[], pinned_product: string|null,
 *   sales: Sale[], host_present: boolean, outside_players: boolean}} Show
 *
 * @typedef {{pool: string, variant: string, sale: string|null, product: string, title: string, quantity: number,
 *   price_minor: number, price_version: number}} ReservationLine
 * @typedef {{id: string, shop: string, show: string|null, person: string,
 *   state: "open"|"paying"|"committed"|"released"|"expired", deadline_ms: number, lines: ReservationLine[],
 *   total_minor: number, currency: string, offered?: boolean, draft?: boolean}} Reservation
 * @typedef {{pool: string, variant: string, sale: string|null, show: string|null, product: string, title: string,
 *   variant_title: string, quantity: number, position: number, at_ms: number}} Place
 * @typedef {{id: string|null, name: string, kind: string, price_minor: number, free_from_minor: number|null, places: string[],
 *   min_days: number|null, max_days: number|null, taxed: boolean, note: string}} ShippingMethod
 * @typedef {{place: string, name: string, rate_ppm: number, tax_class: string}} TaxRate
 * @typedef {{name: string, rate_ppm: number, net_minor: number, tax_minor: number}} TaxSum
 * @typedef {{id: string, name: string, kind: "delivery"|"pickup", price_minor: number, min_days: number|null, max_days: number|null,
 *   note: string}} QuotedShipping
 * @typedef {{currency: string, lines: {reservation: string, pool: string, quantity: number, line_total_minor: number, tax_minor: number}[],
 *   methods: QuotedShipping[], shipping: string|null, tax_name: string|null, tax_rate_ppm: number, tax_inclusive: boolean,
 *   items_minor: number, discount_minor: number, shipping_minor: number, shipping_tax_minor: number, tax_minor: number,
 *   total_minor: number, taxes: TaxSum[], shipping_taxes?: TaxSum[]}} Quote
 * @typedef {{email: string, name: string, phone?: string|null}} Contact
 * @typedef {{line1: string, line2?: string|null, city: string, region?: string|null, postcode: string, country: string}} Address
 * @typedef {{product?: string, variant?: string, sale?: string|null, title: string, variant_title: string, quantity: number, price_minor: number, line_total_minor: number,
 *   picture: Picture|null}} OrderLine
 * @typedef {{id: string, method: string, state: "created"|"pending"|"promised"|"authorised"|"captured"|"declined"|"timed_out"|"voided"|"refunded",
 *   pay_url?: string|null, instructions?: string|null}} Payment
 * @typedef {{id?: string, slug?: string, name: string, legal_name: string, legal_address: string, contact_email: string}} Seller
 * @typedef {{id: string, number: string|number, shop: Seller, show: string|null,
 *   state: "pending"|"authorised"|"placed"|"paid"|"fulfilled"|"cancelled"|"expired"|"capture_failed"|"partly_refunded"|"refunded", created_at_ms: number,
 *   deadline_ms: number|null, lines: OrderLine[], items_minor: number, discount_minor?: number, shipping_minor: number,
 *   tax_minor: number, tax_name?: string|null, tax_rate_ppm?: number, tax_inclusive?: boolean, taxes?: TaxSum[], total_minor: number, currency: string,
 *   shipping?: {id: string, name: string, kind: string, note: string}|null, contact: Contact|null, address: Address|null, payment: Payment|null,
 *   token?: string|null}} Order
 *
 * @typedef {{position: number, quantity: number}} LineUnits
 * @typedef {{position: number, quantity: number, to_send: number, packed: number, sent: number, dropped: number,
 *   returned: number, returnable: number, refundable: number, paid_minor: number}} LineAfter
 * @typedef {{id: string, state: "packed"|"sent"|"delivered", carrier: string, tracking: string, tracking_url: string|null,
 *   lines: LineUnits[], packed_at_ms: number, sent_at_ms: number|null, delivered_at_ms: number|null}} Parcel
 * @typedef {{id: string, state: "pending"|"done"|"refused", cause: string, amount_minor: number, currency: string,
 *   restock: boolean, reason: string, refusal: string|null, lines: LineUnits[], created_at_ms: number,
 *   done_at_ms: number|null}} Refund
 * @typedef {{id: string, kind: "return"|"withdrawal"|"cancellation", state: "asked"|"received"|"closed"|"declined",
 *   reason: string, answer: string, lines: LineUnits[], refund_minor: number, created_at_ms: number,
 *   received_at_ms: number|null, closed_at_ms: number|null}} Return
 * @typedef {{kind: "invoice"|"credit_note", number: string, subject: string, issued_at_ms: number}} OrderDocument
 * @typedef {{order: Order, fulfilment: "open"|"partly"|"sent", lines: LineAfter[], parcels: Parcel[], refunds: Refund[],
 *   returns: Return[], documents: OrderDocument[], captured_minor: number, refunded_minor: number, left_minor: number,
 *   shipping_minor: number, withdraw_until_ms: number|null, return_until_ms: number|null, may: string[]}} AfterSale
 *
 * @typedef {{id: string, kind: "picture"|"voice", url: string, thumbnail_url: string|null, width: number|null,
 *   height: number|null, duration_ms: number|null}} Attachment
 * @typedef {{number: number, kind: "said"|"closed"|"reopened", side: "buyer"|"shop", author: string, text: string,
 *   at_ms: number, attachments: Attachment[]}} Message
 * @typedef {{order: string, messages: Message[], before: number|null, unread: number, seen: number,
 *   closed: boolean}} Conversation
 *
 * @typedef {{epoch: string|number, offset: string|number, tag: string}} Position
 * @typedef {{id: string, person: string, name: string, badge: "host"|"moderator"|null, text: string, at_ms: number,
 *   reply_to: string|null, picture?: {id: string, width: number, height: number}|null, question?: boolean, echoed?: boolean}} Comment
 * @typedef {Comment & {state: "open"|"answered", answer?: {text: string, name: string, badge: "host"|"moderator"|null, at_ms: number}|null}} Question
 * @typedef {{id: string, question: string, choices: string[], hidden: boolean, opened_at_ms: number, ends_at_ms: number|null,
 *   closed_at_ms: number|null, results?: number[]|null}} Poll
 * @typedef {{kind: string, at_ms: number, seq?: string|number} & Record<string, any>} Fact
 * @typedef {{person: string, name: string, kind: "guest"|"account", role: "viewer"|"stats"|"moderator"|"producer"|"host",
 *   muted_until_ms: number|null, banned: boolean, reservations: Reservation[], orders_pending: Order[],
 *   last_order: Order|null, waits?: Place[], warning?: {action: string, message: string}|null,
 *   votes?: string[], choices?: Record<string, number>}} You
 * @typedef {{type: "tick", position: Position|null, server_time_ms: number, facts: Fact[], talk: Comment[], left_out: number,
 *   state: {viewers?: number, likes?: number, stock?: Record<string, Stock>, tallies?: Record<string, number>}}} Tick
 * @typedef {{show?: any, pinned?: any, products?: Product[], sales?: Sale[], stock?: Record<string, Stock>,
 *   comments?: Comment[], viewers?: number, likes?: number, host?: "live"|"away"|"off", run_of_show?: string[],
 *   orders?: Fact[], prices?: any, board?: Record<string, any>, tallies?: Record<string, number>}} Snapshot
 * @typedef {{type: "hello", re: number, v: number, front: string, heartbeat_ms: number, server_time_ms: number,
 *   shop_time_ms: number, you: You, show: any, snapshot: Snapshot|null, missed: Tick|null, position: Position,
 *   whep: {url: string, token: string}|null, limits: {comment_chars: number, likes_per_frame: number, translate?: boolean},
 *   slow_mode_s: number, staff_board?: Record<string, any> | null, staff_tallies?: Record<string, number> | null, staff_notes?: Fact[] | null}} Hello
 * @typedef {{type: "snapshot", snapshot: Snapshot, position: Position, server_time_ms: number, slow_mode_s?: number,
 *   staff_board?: Record<string, any> | null, staff_tallies?: Record<string, number> | null, staff_notes?: Fact[] | null}} SnapshotFrame
 *
 * @typedef {{transport: "udp"|"tcp", family: "ipv4"|"ipv6", candidate_type?: "host"|"srflx"|"prflx"|"relay"|null}} MediaPath
 * @typedef {{name: string, codec: string|null, width: number|null, height: number|null, bits_per_s: number,
 *   key_frame_interval_s: number|null, key_frame_age_s: number|null, viewers: number}} MediaLayer
 * @typedef {{session: string, seconds: number, sound_codec: string|null, bits_per_s: number, sound_bits_per_s: number,
 *   lost_share: number|null, round_trip_ms: number|null, path: MediaPath|null}} MediaPublisher
 * @typedef {{session: string, seconds: number, state: string, bits_per_s: number, lost_share: number|null,
 *   round_trip_ms: number|null, layer: number|null, codec: string|null, path: MediaPath|null, repeats: number}} MediaViewer
 * @typedef {{process: number, state: string, over_s: number|null, publisher: MediaPublisher|null, layers: MediaLayer[],
 *   viewers_total: number, states: Record<string, number>, offset: number, viewers: MediaViewer[]}} MediaProcess
 */

export {};
