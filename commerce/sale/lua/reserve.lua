-- sale_1_reserve: hold every line of a request or none, for many buyers in one call.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {requests: [{person, key, hash, reservation, show, hold_ms,
--         lines: [{pool, variant, sale, quantity (units), price_version}]}]}
-- Reply done: one {done: reservation} or {refused, facts} a request, in order.
-- Keeps: requests are judged one after another, each by itself; a refused one changes nothing. A person has at
-- most one live hold a pool. Every line of one pool or sale is summed before it is compared. Nothing is held in
-- a pool that others wait for (waitlist.lua), nor in a sale that is paid first (pay_begin.lua).

local function judge(d, request)
  local person = people.get(d, request.person)
  local stored, conflict = people.stored(d, request.person, 'reserve', request.key, request.hash)
  if stored or conflict then return stored, conflict end
  if #request.lines == 1 then
    local held = lines.held_in(d, person, request.lines[1].pool)
    if held then return held end
  end
  if people.too_many(d, request.person) then return nil, 'too_many_operations' end
  if people.banned(d, request.person) then return nil, 'banned' end
  if desk.get(d, 'reservations', request.reservation) then
    return nil, 'bad_request', { field = 'reservation' }
  end
  local holds, code, facts = lines.check(d, request, person)
  if not holds then return nil, code, facts end
  local reservation = lines.hold(d, request, holds)
  people.record(d, request.person, 'reserve', request.key, request.hash, reservation)
  return reservation
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
