-- sale_1_audit: check every pool against its invariant and against the live reservations.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {}
-- Reply done: {time_ms, pools: [{pool, counters, held_by_reservations, faults}], faults}.
-- Writes nothing.

local audit = {}

-- Units of live reservations by pool, and faults of the set `deadlines`.
function audit.holds(d)
  local held, faults = {}, {}
  for _, id in ipairs(redis.call('ZRANGE', d.keys.deadlines, 0, -1)) do
    local reservation = desk.get(d, 'reservations', id)
    if not reservation or not reservations.is_live(reservation) then
      faults[#faults + 1] = 'deadline of ' .. id .. ', which is not live'
    else
      for _, hold in ipairs(reservation.holds) do
        held[hold.pool] = (held[hold.pool] or 0) + hold.quantity
      end
    end
  end
  return held, faults
end

function audit.pool(d, id, pool, held)
  local faults = {}
  local sum = pool.available + pool.held + pool.sold + pool.withdrawn
  if sum ~= pool.total then faults[#faults + 1] = 'units sum to ' .. sum .. ', total is ' .. pool.total end
  if math.min(pool.available, pool.held, pool.sold, pool.withdrawn) < 0 then
    faults[#faults + 1] = 'a counter is below zero'
  end
  if pool.held ~= held then faults[#faults + 1] = 'held is ' .. pool.held .. ', holds sum to ' .. held end
  local sale = pool.sale and sales.get(d, pool.sale)
  if sale and sale.drained and pool.available > 0 then
    faults[#faults + 1] = 'an ended sale has ' .. pool.available .. ' units left'
  end
  local first, last = '[' .. id .. '|', '(' .. id .. '}'
  local waiting = redis.call('ZLEXCOUNT', d.keys.waitlist, first, last)
  if waiting ~= (pool.waiting or 0) then
    faults[#faults + 1] = 'waiting is ' .. (pool.waiting or 0) .. ', the waitlist has ' .. waiting
  end
  if waiting > 0 and pool.available > 0 and not (desk.get(d, 'meta', 'owed') or {})[id] then
    faults[#faults + 1] = pool.available .. ' units are free while ' .. waiting .. ' wait'
  end
  return { pool = id, counters = pool, held_by_reservations = held, faults = faults }
end

desk.register('audit', function(d)
  local held, faults = audit.holds(d)
  local found = {}
  for _, id in ipairs(redis.call('HKEYS', d.keys.pools)) do
    found[#found + 1] = audit.pool(d, id, pools.get(d, id), held[id] or 0)
    held[id] = nil
  end
  for id, quantity in pairs(held) do
    faults[#faults + 1] = quantity .. ' units are held in ' .. id .. ', which does not exist'
  end
  return { time_ms = d.now_ms, pools = found, faults = faults }
end, { 'no-writes' })
