-- sale_1_purge_due: remove what nobody needs any more, a bounded number at a call.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {copied_to (ledger id up to which SQL has everything), limit}
-- Reply done: {removed, more}.
-- Keeps: nothing goes that a repeat could still ask Redis for. A purged sale's sold units join the main
-- pool's, so a variant's totals stay.

local purge = {}

-- An ended reservation: 24 h after SQL has its last entry.
function purge.plan_ended(d, copied_to, limit)
  local ended = redis.call('ZRANGE', d.keys.ended, 0, limit - 1)
  local planned = 0
  for _, id in ipairs(ended) do
    local reservation = desk.get(d, 'reservations', id)
    if not reservation or not reservation.entry or ledger.not_after(reservation.entry, copied_to) then
      desk.score(d, 'ended', id, false)
      desk.score(d, 'due', 'r:' .. id, d.now_ms + DAY_MS)
      planned = planned + 1
    end
  end
  return planned
end

function purge.r(d, id)
  local reservation = desk.get(d, 'reservations', id)
  if reservation and reservations.is_live(reservation) then return nil end
  desk.put(d, 'reservations', id, false)
end

function purge.o(d, id)
  desk.put(d, 'operations', id, false)
end

function purge.l(d, id)
  local sale_id = string.match(id, '^([^|]+)|')
  local at_ms = sales.forget_at_ms(d, sale_id)
  if sales.get(d, sale_id) and at_ms > d.now_ms then return at_ms end
  desk.put(d, 'limits', id, false)
end

-- A person's old operation records and counts; the record itself when nothing is left. Answers when to look
-- again, nil when it went.
function purge.p(d, id)
  local person = desk.get(d, 'people', id)
  if not person then return nil end
  local _, again_ms = people.forget_old(d, id)
  local function later(at_ms) again_ms = math.min(again_ms or at_ms, at_ms) end
  for sale_id in pairs(person.counts) do
    local at_ms = sales.forget_at_ms(d, sale_id)
    if sales.get(d, sale_id) and at_ms > d.now_ms then later(at_ms) else person.counts[sale_id] = nil end
  end
  person.waits = waitlist.of(d, person)
  if next(person.holds) or next(person.waits) then later(d.now_ms + DAY_MS) end
  desk.put(d, 'people', id, again_ms and person or false)
  return again_ms
end

-- An ended sale and its pool, when nothing is held in it.
function purge.s(d, id)
  local sale = sales.get(d, id)
  if not sale then return nil end
  local pool_id, main_id = 'po_' .. id, pools.main(sale.variant)
  local pool = pools.get(d, pool_id)
  if pool then
    if pool.held > 0 or pool.available > 0 or not pools.get(d, main_id) then return d.now_ms + DAY_MS end
    if pool.sold > 0 then
      local sold, about = pool.sold, { show = sale.show, product = sale.product }
      pools.move(d, 'fold_out', pool_id, sold, about)
      pools.move(d, 'fold_in', main_id, sold, about)
    end
    desk.put(d, 'pools', pool_id, false)
  end
  desk.put(d, 'sales', id, false)
end

desk.register('purge_due', function(d, argument)
  local planned = purge.plan_ended(d, argument.copied_to, argument.limit)
  local due = redis.call('ZRANGEBYSCORE', d.keys.due, '-inf', d.now_ms, 'LIMIT', 0, argument.limit)
  local removed = 0
  for _, member in ipairs(due) do
    local again_ms = purge[string.sub(member, 1, 1)](d, string.sub(member, 3))
    desk.score(d, 'due', member, again_ms or false)
    if not again_ms then removed = removed + 1 end
  end
  return { removed = removed, more = #due == argument.limit or planned == argument.limit }
end, { 'allow-oom' })
