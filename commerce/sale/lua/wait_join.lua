-- sale_1_wait_join: take the last place in a pool's waitlist.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {person, key, hash, reservation (the id an offer will have), show, language, offer_ms,
--         most (places),
--         line: {pool, variant, sale, quantity (units)}}
-- Reply done: the place (waitlist.view). Who has one keeps it.
-- Keeps: one place a person and pool. Nobody waits for what they hold, may not buy, or could simply have.

local MAX_PLACES = 20

local join = {}

function join.count(places)
  local total = 0
  for _ in pairs(places) do total = total + 1 end
  return total
end

-- nil when the person may wait for the line, else the refusal.
function join.check(d, argument, person)
  local wanted = argument.line
  local offer, code, facts = lines.current(d, wanted)
  if not offer then return code, facts end
  if offer.sale and offer.sale.pay_first then return 'pay_first', { sale = offer.sale.id } end
  local held = lines.held_in(d, person, wanted.pool)
  if held then return 'already_held', { pool = wanted.pool, variant = wanted.variant, reservation = held.id } end
  code, facts = limits.check_person(d, person, offer.sale, wanted.quantity)
  if code then return code, facts end
  local pool = pools.get(d, wanted.pool)
  if not pool then return 'no_such_pool', { pool = wanted.pool } end
  local waiting = pool.waiting or 0
  if waiting == 0 and pool.available > 0 then
    return 'units_free', { pool = wanted.pool, available = pool.available }
  end
  if waiting >= argument.most or join.count(person.waits or {}) >= MAX_PLACES then
    return 'waitlist_full', { pool = wanted.pool, waiting = waiting }
  end
end

desk.register('wait_join', function(d, argument)
  local person, wanted = people.get(d, argument.person), argument.line
  local stored, conflict = people.stored(d, argument.person, 'wait_join', argument.key, argument.hash)
  if stored or conflict then return stored, conflict end
  reservations.settle(d)
  person.waits = waitlist.of(d, person)
  local before = person.waits[wanted.pool]
  if before then
    local position = waitlist.position(d, wanted.pool, before, argument.person)
    desk.abandon(d)
    return waitlist.view(wanted.pool, before, position)
  end
  if people.too_many(d, argument.person) then return nil, 'too_many_operations' end
  if people.banned(d, argument.person) then return nil, 'banned' end
  local code, facts = join.check(d, argument, person)
  if code then return nil, code, facts end
  local wait = {
    variant = wanted.variant, sale = wanted.sale, quantity = wanted.quantity, show = argument.show,
    reservation = argument.reservation, offer_ms = argument.offer_ms,
    language = argument.language,
  }
  waitlist.add(d, wanted.pool, argument.person, wait)
  local place = waitlist.view(wanted.pool, wait, pools.get(d, wanted.pool).waiting)
  people.record(d, argument.person, 'wait_join', argument.key, argument.hash, place)
  return place
end)
