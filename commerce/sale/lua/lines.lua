-- lines: what a buyer asks for, judged and held; shared by every operation that takes new units.
-- Keeps: every line of one pool or sale is summed before it is compared. Units of a pool that others wait for
-- are not free: they are the waitlist's.

local MAX_LINES = 20
local MAX_LINE_QUANTITY = 999

local lines = {}

-- The price, sale and product that now hold for a line, whatever price was shown; or nil and the refusal.
function lines.current(d, wanted)
  if not whole(wanted.quantity, 1, MAX_LINE_QUANTITY) then return nil, 'bad_quantity' end
  local price = desk.get(d, 'prices', wanted.variant)
  local sale
  if wanted.sale then
    sale = sales.get(d, wanted.sale)
    if not sale then return nil, 'no_such_sale', { sale = wanted.sale } end
    if sale.variant ~= wanted.variant then return nil, 'no_such_variant', { variant = wanted.variant } end
    if sale.starts_at_ms > d.now_ms then
      return nil, 'sale_not_open', { sale = sale.id, starts_at_ms = sale.starts_at_ms }
    end
    if sales.closed(d, sale.id) then return nil, 'sale_ended', { sale = sale.id } end
  elseif not price then
    return nil, 'no_such_variant', { variant = wanted.variant }
  end
  return {
    price_minor = sale and sale.price_minor or price.price_minor,
    price_version = sale and sale.price_version or price.version,
    product = sale and sale.product or price.product,
    sale = sale,
  }
end

-- The same at the price version that was shown, or nil and the refusal.
function lines.offer(d, wanted)
  local offer, code, facts = lines.current(d, wanted)
  if not offer then return nil, code, facts end
  if offer.price_version ~= wanted.price_version then
    local facts = { variant = wanted.variant, sale = wanted.sale }
    facts.price_minor, facts.price_version = offer.price_minor, offer.price_version
    return nil, 'price_changed', facts
  end
  return offer
end

-- nil when the pool has `quantity` units free, else the refusal. Who reserves does not jump the waitlist.
function lines.short(d, pool_id, quantity)
  local pool = pools.get(d, pool_id)
  if not pool then return 'no_such_pool', { pool = pool_id } end
  local waiting = pool.waiting or 0
  local free = waiting > 0 and 0 or pool.available
  if free >= quantity then return nil end
  local facts = { pool = pool_id, variant = pool.variant, available = free, held = pool.held, waiting = waiting }
  return (pool.held > 0 or pool.available > free) and 'all_held' or 'sold_out', facts
end

-- The first live reservation in which the person holds the pool.
function lines.held_in(d, person, pool_id)
  local ids = {}
  for place, id in ipairs(person.holds[pool_id] or {}) do ids[place] = id end
  for _, id in ipairs(ids) do
    local reservation = reservations.get(d, id)
    if reservation and reservations.is_live(reservation) then return reservation end
  end
end

-- The hold that a line becomes, or nil and the refusal. `paying`: payment begins in the same call.
function lines.check_one(d, person, wanted, sums, paying)
  local offer, code, facts = lines.offer(d, wanted)
  if not offer then return nil, code, facts end
  if offer.sale and offer.sale.pay_first and not paying then
    return nil, 'pay_first', { sale = offer.sale.id }
  end
  sums[wanted.pool] = (sums[wanted.pool] or 0) + wanted.quantity
  code, facts = limits.check_person(d, person, offer.sale, sums[wanted.pool])
  if code then return nil, code, facts end
  code, facts = lines.short(d, wanted.pool, sums[wanted.pool])
  if code then return nil, code, facts end
  return {
    pool = wanted.pool, variant = wanted.variant, sale = wanted.sale, quantity = wanted.quantity,
    product = offer.product, price_minor = offer.price_minor, price_version = offer.price_version,
  }
end

-- The holds of every line, or nil and the first refusal. `request`: {lines, paying}.
function lines.check(d, request, person)
  local holds, sums = {}, {}
  if #request.lines < 1 or #request.lines > MAX_LINES then return nil, 'bad_request', { field = 'lines' } end
  for place, wanted in ipairs(request.lines) do
    local before = lines.held_in(d, person, wanted.pool)
    if before then
      local facts = { line = place - 1, pool = wanted.pool, variant = wanted.variant, reservation = before.id }
      return nil, 'already_held', facts
    end
    local twice = sums[wanted.pool]
    local hold, code, facts = lines.check_one(d, person, wanted, sums, request.paying)
    if not hold then return nil, code, facts end
    if twice then return nil, 'bad_request', { field = 'lines' } end
    holds[place] = hold
  end
  return holds
end

-- Makes the reservation. `request`: {person, key, reservation, show, hold_ms, offered (by the waitlist)}.
function lines.hold(d, request, holds)
  local reservation = {
    id = request.reservation, person = request.person, show = request.show, state = 'open',
    created_at_ms = d.now_ms, deadline_ms = d.now_ms + request.hold_ms, holds = holds,
    offered = request.offered,
  }
  for _, hold in ipairs(holds) do
    local about = reservations.hold_about(reservation, hold, request.key)
    about.deadline_ms, about.offered = reservation.deadline_ms, request.offered
    about.body = request.body
    pools.move(d, 'reserve', hold.pool, hold.quantity, about)
    people.hold(d, request.person, hold, hold.quantity, reservation.id)
  end
  desk.put(d, 'reservations', reservation.id, reservation)
  desk.score(d, 'deadlines', reservation.id, reservation.deadline_ms)
  return reservation
end
