-- sale_1_commit: sell everything an authorised order holds.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {order, reservations: [id], marks: [HMAC of the provider's fingerprint] (0 or 1)}
-- Reply done: [reservation].
-- Keeps: all or none. One that expired while it was paid is taken anew here if every unit is free and every
-- limit allows, else refused: nobody pays for a unit another one bought. What was committed stays so.

local late = {}

-- Sums what expired reservations need, by the pool it now lies in; nil, code, facts when it is not free.
function late.check_stock(d, expired)
  local needs = {}
  for _, reservation in ipairs(expired) do
    for _, hold in ipairs(reservation.holds) do
      local home = pools.home(d, hold.pool, hold.variant, hold.sale)
      needs[home] = (needs[home] or 0) + hold.quantity
      local pool = pools.get(d, home)
      if not pool or pool.available < needs[home] then
        return 'reservation_ended', { reservation = reservation.id, state = 'expired', pool = home }
      end
    end
  end
end

function late.check_limits(d, expired)
  for _, reservation in ipairs(expired) do
    local units = limits.units({ reservation })
    local person = people.get(d, reservation.person)
    for sale_id, quantity in pairs(units) do
      local code, facts = limits.check_person(d, person, sales.get(d, sale_id), quantity)
      if code then return code, facts end
    end
    local code, facts = limits.check_units(d, units, reservation.marks or {})
    if code then return code, facts end
  end
end

-- Holds again what had been given back. A closed sale's units are fetched from the main pool first.
function late.take(d, reservation)
  for _, hold in ipairs(reservation.holds) do
    local home = pools.home(d, hold.pool, hold.variant, hold.sale)
    if home ~= hold.pool then
      if pools.get(d, hold.pool) then
        pools.transfer(d, home, hold.pool, hold.quantity, { order = reservation.order, show = reservation.show })
      else
        hold.pool = home
      end
    end
    pools.move(d, 'reserve', hold.pool, hold.quantity, reservations.hold_about(reservation, hold))
    people.hold(d, reservation.person, hold, hold.quantity, reservation.id)
    if hold.sale then limits.count_marks(d, hold.sale, reservation.marks or {}, hold.quantity) end
  end
end

-- Sorts an order's reservations by what is to be done with each; nil and the refusal for any that cannot be.
local function sort_out(d, argument)
  local found = { all = {}, expired = {}, unsold = {} }
  for place, id in ipairs(argument.reservations) do
    local reservation = reservations.get(d, id)
    if not reservation then return nil, 'no_such_reservation', { reservation = id } end
    if reservation.order ~= argument.order then return nil, 'not_yours', { reservation = id } end
    if reservation.state == 'released' then
      return nil, 'reservation_ended', { reservation = id, state = 'released' }
    end
    if reservation.state == 'expired' then found.expired[#found.expired + 1] = reservation end
    if reservation.state ~= 'committed' then found.unsold[#found.unsold + 1] = reservation end
    found.all[place] = reservation
  end
  return found
end

desk.register('commit', function(d, argument)
  reservations.settle(d)
  local found, code, facts = sort_out(d, argument)
  if not found then return nil, code, facts end
  if #found.unsold == 0 then
    desk.abandon(d)
    return found.all
  end
  local units = limits.units(found.unsold)
  code, facts = limits.check_units(d, units, argument.marks)
  if code then return nil, code, facts end
  code, facts = late.check_stock(d, found.expired)
  if code then return nil, code, facts end
  code, facts = late.check_limits(d, found.expired)
  if code then return nil, code, facts end
  for _, reservation in ipairs(found.expired) do late.take(d, reservation) end
  for sale_id, quantity in pairs(units) do limits.count_marks(d, sale_id, argument.marks, quantity) end
  for _, reservation in ipairs(found.unsold) do reservations.sell(d, reservation) end
  return found.all
end, { 'allow-oom' })
