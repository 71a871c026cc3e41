-- reservations: one person, one deadline, one state, 1 to 20 holds.
--   open -> paying -> committed;  open or paying -> released | expired;  expired -> committed (late success)
-- A live one is in the set `deadlines`; an ended one in `ended` until SQL has its last entry.

local reservations = {}

-- What every entry about a reservation carries.
function reservations.about(reservation, operation)
  return {
    operation = operation, person = reservation.person, show = reservation.show,
    reservation = reservation.id, order = reservation.order,
  }
end

local function hold_about(reservation, hold, operation)
  local about = reservations.about(reservation, operation)
  about.product, about.price_minor, about.price_version = hold.product, hold.price_minor, hold.price_version
  return about
end
reservations.hold_about = hold_about

function reservations.is_live(reservation)
  return reservation.state == 'open' or reservation.state == 'paying'
end

-- Notes the end of its life; the record stays for repeats of the call that ended it.
local function leave(d, reservation, state)
  reservation.state = state
  reservation.ended_at_ms = d.now_ms
  desk.put(d, 'reservations', reservation.id, reservation)
  desk.score(d, 'deadlines', reservation.id, false)
  desk.score(d, 'ended', reservation.id, d.now_ms)
  desk.score(d, 'due', 'r:' .. reservation.id, false)
end

-- Gives everything back: state released (kind release) or expired (kind expire).
function reservations.finish(d, reservation, state, kind, operation)
  for place, hold in ipairs(reservation.holds) do
    local about = hold_about(reservation, hold, operation)
    about.ends = place == #reservation.holds
    pools.give_back(d, kind, hold, hold.quantity, about, reservation)
    people.drop_hold(d, reservation.person, hold.pool, reservation.id)
    people.count(d, reservation.person, hold.sale, -hold.quantity)
    if hold.sale and reservation.marks then
      limits.count_marks(d, hold.sale, reservation.marks, -hold.quantity)
    end
  end
  leave(d, reservation, state)
end

-- Sells everything it holds.
function reservations.sell(d, reservation)
  for place, hold in ipairs(reservation.holds) do
    local about = hold_about(reservation, hold)
    about.ends = place == #reservation.holds
    about.announce = reservation.announce
    pools.move(d, 'commit', hold.pool, hold.quantity, about, reservation)
    people.drop_hold(d, reservation.person, hold.pool, reservation.id)
  end
  leave(d, reservation, 'committed')
end

-- The record; one past its deadline is expired first, swept or not.
function reservations.get(d, id)
  local reservation = desk.get(d, 'reservations', id)
  if reservation and reservations.is_live(reservation) and reservation.deadline_ms <= d.now_ms then
    reservations.finish(d, reservation, 'expired', 'expire')
  end
  return reservation
end

-- The live reservation, or nil and the refusal. `person` nil is the system.
function reservations.live(d, id, person)
  local reservation = reservations.get(d, id)
  if not reservation then return nil, 'no_such_reservation', { reservation = id } end
  if person and reservation.person ~= person then return nil, 'not_yours', { reservation = id } end
  if not reservations.is_live(reservation) then
    return nil, 'reservation_ended', { reservation = id, state = reservation.state }
  end
  return reservation
end

-- Expires at most `limit` reservations past their deadline and drains as many ended sales. Every writing
-- operation begins with it, so that what is free by the clock is free, whoever sweeps.
local function settle(d, limit)
  local expired, ended = {}, {}
  local due = redis.call('ZRANGEBYSCORE', d.keys.deadlines, '-inf', d.now_ms, 'LIMIT', 0, limit)
  for _, id in ipairs(due) do
    local reservation = reservations.get(d, id)
    if reservation then expired[#expired + 1] = reservation end
  end
  local closed = redis.call('ZRANGEBYSCORE', d.keys.sale_ends, '-inf', d.now_ms, 'LIMIT', 0, limit)
  for _, id in ipairs(closed) do
    sales.drain(d, id)
    ended[#ended + 1] = id
  end
  return expired, ended
end

local SETTLE_AT_ONCE = 64

function reservations.settle(d, limit)
  return settle(d, limit or SETTLE_AT_ONCE)
end
