-- sale_1_reserve: hold every line of a request or none, for many buyers in one call.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {requests: [{person, key, hash, reservation, show, hold_ms,
--         lines: [{pool, variant, sale, quantity (units), price_version}]}]}
-- Reply done: one {done: reservation} or {refused, facts} a request, in order.
-- Keeps: requests are judged one after another, each by itself; a refused one changes nothing. A person has at
-- most one live hold a pool. Every line of one pool or sale is summed before it is compared.

local MAX_LINES = 20
local MAX_LINE_QUANTITY = 999

local line = {}

-- The price, sale and product that now hold for a line, or nil and the refusal.
function line.offer(d, wanted)
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
  local offer = {
    price_minor = sale and sale.price_minor or price.price_minor,
    price_version = sale and sale.price_version or price.version,
    product = sale and sale.product or price.product,
    sale = sale,
  }
  if offer.price_version ~= wanted.price_version then
    local facts = { variant = wanted.variant, sale = wanted.sale }
    facts.price_minor, facts.price_version = offer.price_minor, offer.price_version
    return nil, 'price_changed', facts
  end
  return offer
end

-- nil when the pool has `quantity` units free, else the refusal.
function line.short(d, pool_id, quantity)
  local pool = pools.get(d, pool_id)
  if not pool then return 'no_such_pool', { pool = pool_id } end
  if pool.available >= quantity then return nil end
  local facts = { pool = pool_id, variant = pool.variant, available = pool.available, held = pool.held }
  return pool.held > 0 and 'all_held' or 'sold_out', facts
end

-- The first live reservation in which the person holds the pool.
function line.held_in(d, person, pool_id)
  local ids = {}
  for place, id in ipairs(person.holds[pool_id] or {}) do ids[place] = id end
  for _, id in ipairs(ids) do
    local reservation = reservations.get(d, id)
    if reservation and reservations.is_live(reservation) then return reservation end
  end
end

local function check_line(d, person, wanted, sums)
  local offer, code, facts = line.offer(d, wanted)
  if not offer then return nil, code, facts end
  sums[wanted.pool] = (sums[wanted.pool] or 0) + wanted.quantity
  code, facts = limits.check_person(d, person, offer.sale, sums[wanted.pool])
  if code then return nil, code, facts end
  code, facts = line.short(d, wanted.pool, sums[wanted.pool])
  if code then return nil, code, facts end
  return {
    pool = wanted.pool, variant = wanted.variant, sale = wanted.sale, quantity = wanted.quantity,
    product = offer.product, price_minor = offer.price_minor, price_version = offer.price_version,
  }
end

local function check_lines(d, request, person)
  local holds, sums = {}, {}
  if #request.lines < 1 or #request.lines > MAX_LINES then return nil, 'bad_request', { field = 'lines' } end
  for place, wanted in ipairs(request.lines) do
    local before = line.held_in(d, person, wanted.pool)
    if before then
      local facts = { line = place - 1, pool = wanted.pool, variant = wanted.variant, reservation = before.id }
      return nil, 'already_held', facts
    end
    local twice = sums[wanted.pool]
    local hold, code, facts = check_line(d, person, wanted, sums)
    if not hold then return nil, code, facts end
    if twice then return nil, 'bad_request', { field = 'lines' } end
    holds[place] = hold
  end
  return holds
end

local function hold_all(d, request, holds)
  local reservation = {
    id = request.reservation, person = request.person, show = request.show, state = 'open',
    created_at_ms = d.now_ms, deadline_ms = d.now_ms + request.hold_ms, holds = holds,
  }
  for _, hold in ipairs(holds) do
    local about = reservations.hold_about(reservation, hold, request.key)
    about.deadline_ms = reservation.deadline_ms
    pools.move(d, 'reserve', hold.pool, hold.quantity, about)
    people.hold(d, request.person, hold, hold.quantity, reservation.id)
  end
  desk.put(d, 'reservations', reservation.id, reservation)
  desk.score(d, 'deadlines', reservation.id, reservation.deadline_ms)
  people.record(d, request.person, 'reserve', request.key, request.hash, reservation)
  return reservation
end

local function judge(d, request)
  local person = people.get(d, request.person)
  local stored, conflict = people.stored(person, 'reserve', request.key, request.hash)
  if stored or conflict then return stored, conflict end
  if #request.lines == 1 then
    local held = line.held_in(d, person, request.lines[1].pool)
    if held then return held end
  end
  if people.too_many(d, person) then return nil, 'too_many_operations' end
  if people.banned(d, request.person) then return nil, 'banned' end
  if desk.get(d, 'reservations', request.reservation) then
    return nil, 'bad_request', { field = 'reservation' }
  end
  local holds, code, facts = check_lines(d, request, person)
  if not holds then return nil, code, facts end
  return hold_all(d, request, holds)
end

desk.register('reserve', function(d, argument)
  reservations.settle(d)
  local answers, changed = {}, false
  for place, request in ipairs(argument.requests) do
    local before = #d.entries
    local done, code, facts = judge(d, request)
    answers[place] = { done = done, refused = code, facts = facts }
    changed = changed or (done and #d.entries > before)
  end
  if not changed then desk.abandon(d) end
  return answers
end)
