-- sale_1_change: set one hold's quantity, drop it, or swap it for another line.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {person, key, hash, reservation, pool, quantity (units, 0 drops),
--         to: nil or {pool, variant, sale, quantity, price_version}}
-- Reply done: the reservation.
-- Keeps: more units are judged as in reserve (price now valid, limit, window, ban, stock); fewer always pass.

local change = {}

function change.find(reservation, pool_id)
  for place, hold in ipairs(reservation.holds) do
    if hold.pool == pool_id then return hold, place end
  end
end

-- nil when the hold may have `more` units, else the refusal.
function change.check_more(d, person, hold, more)
  local offer, code, facts = lines.offer(d, {
    variant = hold.variant, sale = hold.sale, quantity = more, price_version = hold.price_version,
  })
  if not offer then return code, facts end
  code, facts = limits.check_person(d, person, offer.sale, more)
  if code then return code, facts end
  return lines.short(d, hold.pool, more)
end

function change.set(d, reservation, hold, place, quantity, key)
  local delta = quantity - hold.quantity
  local about = reservations.hold_about(reservation, hold, key)
  if delta < 0 then
    pools.give_back(d, 'change', hold, -delta, about)
  else
    pools.move(d, 'change', hold.pool, delta, about)
  end
  people.count(d, reservation.person, hold.sale, delta)
  hold.quantity = quantity
  if quantity == 0 then
    people.drop_hold(d, reservation.person, hold.pool, reservation.id)
    table.remove(reservation.holds, place)
  end
  desk.put(d, 'reservations', reservation.id, reservation)
end

-- Quantity of one hold. Dropping the last one releases the reservation.
function change.quantity(d, argument, reservation, person, hold, place)
  local more = argument.quantity - hold.quantity
  if more > 0 then
    if people.banned(d, reservation.person) then return 'banned' end
    local code, facts = change.check_more(d, person, hold, more)
    if code then return code, facts end
  end
  if argument.quantity == 0 and #reservation.holds == 1 then
    reservations.finish(d, reservation, 'released', 'release', argument.key)
    reservation.holds = {}
  else
    change.set(d, reservation, hold, place, argument.quantity, argument.key)
  end
end

-- Another variant (or sale) in a hold's place: all checked first, then taken, then the old one given back.
function change.swap(d, argument, reservation, person, hold, place)
  local to = argument.to
  if to.pool == hold.pool then return 'bad_request', { field = 'to' } end
  if people.banned(d, reservation.person) then return 'banned' end
  local held = lines.held_in(d, person, to.pool)
  if held then
    return 'already_held', { line = 0, pool = to.pool, variant = to.variant, reservation = held.id }
  end
  local taken, code, facts = lines.check_one(d, person, to, {})
  if not taken then return code, facts end
  change.set(d, reservation, hold, place, 0, argument.key)
  table.insert(reservation.holds, place, taken)
  local about = reservations.hold_about(reservation, taken, argument.key)
  about.deadline_ms = reservation.deadline_ms
  pools.move(d, 'reserve', taken.pool, taken.quantity, about)
  people.hold(d, reservation.person, taken, taken.quantity, reservation.id)
end

desk.register('change', function(d, argument)
  local person = people.get(d, argument.person)
  local stored, conflict = people.stored(d, argument.person, 'change', argument.key, argument.hash)
  if stored or conflict then return stored, conflict end
  if not whole(argument.quantity, 0, MAX_LINE_QUANTITY) then return nil, 'bad_quantity' end
  reservations.settle(d)
  local reservation, code, facts = reservations.live(d, argument.reservation, argument.person)
  if not reservation then return nil, code, facts end
  if reservation.state == 'paying' then return nil, 'already_paying', { order = reservation.order } end
  local hold, place = change.find(reservation, argument.pool)
  if not hold then return nil, 'no_such_pool', { pool = argument.pool } end
  if not argument.to and argument.quantity == hold.quantity then return reservation end
  if people.too_many(d, argument.person) then return nil, 'too_many_operations' end
  local act = argument.to and change.swap or change.quantity
  code, facts = act(d, argument, reservation, person, hold, place)
  if code then return nil, code, facts end
  people.record(d, argument.person, 'change', argument.key, argument.hash, reservation)
  return reservation
end)
