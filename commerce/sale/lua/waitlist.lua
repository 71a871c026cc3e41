-- waitlist: who waits for units of a pool, in order. A place is a member "pool|seq|person" of one sorted set (all
-- scores 0, so it is sorted by text) and a record in the person's `waits`; the pool counts them in `waiting`.
-- Whatever brings units back, in whatever operation, `serve` runs before the call writes: the first in line gets
-- an ordinary reservation, `offered` and with a deadline of its own, which expires like any other; then the next.
-- Keeps: while somebody waits, nothing of the pool is free after a call, except what `owed` in `meta` names: a
-- call offers at most SERVE_AT_ONCE, expire_due goes on. Order kept: a place is lost only by an offer, by
-- leaving, or when the person could not buy anyway (banned, at the limit, sale over).

local SERVE_AT_ONCE = 64

local function member(pool_id, seq, person_id)
  return pool_id .. '|' .. string.format('%012.0f', seq) .. '|' .. person_id
end

-- First and last bound of a pool's places; '}' is the character after '|'.
local function bounds(pool_id)
  return '[' .. pool_id .. '|', '(' .. pool_id .. '}'
end

local function count(d, pool, by)
  pool.waiting = (pool.waiting or 0) + by
end

-- Puts a person at the end of the line; `wait`: {variant, sale, quantity, show, reservation, offer_ms,
-- language (of the mail that tells of an offer)}.
function waitlist.add(d, pool_id, person_id, wait)
  local pool, person = pools.get(d, pool_id), people.get(d, person_id)
  pool.wait_seq = (pool.wait_seq or 0) + 1
  count(d, pool, 1)
  desk.put(d, 'pools', pool_id, pool)
  wait.seq, wait.at_ms = pool.wait_seq, d.now_ms
  person.waits = person.waits or {}
  person.waits[pool_id] = wait
  people.put(d, person_id, person)
  local place = member(pool_id, wait.seq, person_id)
  desk.score(d, 'waitlist', place, 0)
  d.joined = { pool = pool_id, place = place }  -- the last in line; Redis has it only after the call
end

-- Takes a person out of the line; nil when they had no place.
function waitlist.remove(d, pool_id, person_id)
  local person = people.get(d, person_id)
  local wait = person.waits and person.waits[pool_id]
  if not wait then return nil end
  person.waits[pool_id] = nil
  people.put(d, person_id, person)
  local pool = pools.get(d, pool_id)
  if pool and not (wait.sale and sales.closed(d, wait.sale)) then
    count(d, pool, -1)
    desk.put(d, 'pools', pool_id, pool)
    desk.score(d, 'waitlist', member(pool_id, wait.seq, person_id), false)
  end
  return wait
end

-- Ends a whole line. The places left in people's records mean nothing once the sale is closed.
function waitlist.close(d, pool_id)
  local pool = pools.get(d, pool_id)
  if not pool or (pool.waiting or 0) == 0 then return end
  pool.waiting = 0
  desk.put(d, 'pools', pool_id, pool)
  desk.drop_range(d, 'waitlist', bounds(pool_id))
end

-- A person's places that still mean something, by pool.
function waitlist.of(d, person)
  local live = {}
  for pool_id, wait in pairs(person.waits or {}) do
    if not (wait.sale and sales.closed(d, wait.sale)) then live[pool_id] = wait end
  end
  return live
end

-- How a place reads: `position` 1 is the next one to be offered units.
function waitlist.view(pool_id, wait, position)
  return {
    pool = pool_id, variant = wait.variant, sale = wait.sale, quantity = wait.quantity, show = wait.show,
    position = position, at_ms = wait.at_ms,
  }
end

-- The position, as Redis has it before this call writes.
function waitlist.position(d, pool_id, wait, person_id)
  local first = bounds(pool_id)
  return redis.call('ZLEXCOUNT', d.keys.waitlist, first, '[' .. member(pool_id, wait.seq, person_id))
end

-- Moves a guest's places to an account. Where both have one, or the account holds the pool, the guest's goes.
function waitlist.merge(d, guest_id, account_id)
  local guest, account = people.get(d, guest_id), people.get(d, account_id)
  for pool_id in pairs(waitlist.of(d, guest)) do
    local wait = waitlist.remove(d, pool_id, guest_id)
    account.waits = account.waits or {}
    if not account.waits[pool_id] and not account.holds[pool_id] then
      local pool = pools.get(d, pool_id)
      count(d, pool, 1)
      account.waits[pool_id] = wait
      desk.score(d, 'waitlist', member(pool_id, wait.seq, account_id), 0)
    end
  end
end

-- The hold this person can have now, or nil when they can have none.
local function hold_for(d, pool_id, person_id, wait)
  local person = people.get(d, person_id)
  if people.banned(d, person_id) or person.holds[pool_id] then return nil end
  local offer = lines.current(d, wait)
  if not offer or (offer.sale and offer.sale.pay_first) then return nil end
  local most = math.min(wait.quantity, pools.get(d, pool_id).available, limits.left(person, offer.sale))
  if most < 1 or desk.get(d, 'reservations', wait.reservation) then return nil end
  return {
    pool = pool_id, variant = wait.variant, sale = wait.sale, quantity = most, product = offer.product,
    price_minor = offer.price_minor, price_version = offer.price_version,
  }
end

-- Offers the next in line what is free, as many units as wanted or as there are.
local function serve_one(d, pool_id, person_id)
  local wait = waitlist.remove(d, pool_id, person_id)
  local hold = hold_for(d, pool_id, person_id, wait)
  if not hold then return end
  lines.hold(d, {
    person = person_id, reservation = wait.reservation, show = wait.show, hold_ms = wait.offer_ms, offered = true,
    body = cjson.encode({ language = wait.language }),
  }, { hold })
end

local function owes(d, pool_id)
  local pool = pools.get(d, pool_id)
  return pool and (pool.waiting or 0) > 0 and pool.available > 0
end

-- Serves one pool; answers how much of the budget is left.
local function serve_pool(d, pool_id, budget)
  local first, last = bounds(pool_id)
  local places = budget > 0 and redis.call('ZRANGEBYLEX', d.keys.waitlist, first, last, 'LIMIT', 0, budget) or {}
  if d.joined and d.joined.pool == pool_id then places[#places + 1] = d.joined.place end
  for _, place in ipairs(places) do
    if not owes(d, pool_id) then break end
    local left_now = d.scores.waitlist and d.scores.waitlist[place] == false
    if not left_now then serve_one(d, pool_id, string.match(place, '|%d+|(.+)$')) end
    budget = budget - 1
  end
  return budget
end

-- Offers what came free in this call. Pools it must leave are noted for expire_due.
function waitlist.serve(d)
  local due, budget = {}, SERVE_AT_ONCE
  for pool_id in pairs(d.changed.pools or {}) do
    if owes(d, pool_id) then due[#due + 1] = pool_id end
  end
  for _, pool_id in ipairs(due) do
    budget = serve_pool(d, pool_id, budget)
    if owes(d, pool_id) then
      local owed = desk.get(d, 'meta', 'owed') or {}
      owed[pool_id] = true
      desk.put(d, 'meta', 'owed', owed)
    end
  end
end

-- After a loss: keeps the places of which both the line and the person's record tell.
function waitlist.mend(d)
  local told = {}
  for _, place in ipairs(redis.call('ZRANGE', d.keys.waitlist, 0, -1)) do
    local pool_id, seq, person_id = string.match(place, '^(.+)|(%d+)|(.+)$')
    local person = desk.get(d, 'people', person_id)
    local wait = person and person.waits and person.waits[pool_id]
    if wait and wait.seq == tonumber(seq) then
      told[place] = true
    else
      redis.call('ZREM', d.keys.waitlist, place)
    end
  end
  return told
end

-- Lets a pool that is written anew know its line.
function waitlist.recount(d, pool_id, pool)
  local first, last = bounds(pool_id)
  pool.waiting = redis.call('ZLEXCOUNT', d.keys.waitlist, first, last)
  local newest = redis.call('ZREVRANGEBYLEX', d.keys.waitlist, last, first, 'LIMIT', 0, 1)
  pool.wait_seq = newest[1] and tonumber(string.match(newest[1], '|(%d+)|')) or 0
end

-- What is left of a person's places, of those that `mend` has kept.
function waitlist.kept(person, person_id, told)
  for pool_id, wait in pairs(person.waits or {}) do
    if not told[member(pool_id, wait.seq, person_id)] then person.waits[pool_id] = nil end
  end
end

-- Notes every pool that has units and a line, for expire_due.
function waitlist.note_owed(d)
  local owed = {}
  for _, pool_id in ipairs(redis.call('HKEYS', d.keys.pools)) do
    if owes(d, pool_id) then owed[pool_id] = true end
  end
  desk.put(d, 'meta', 'owed', next(owed) and owed or false)
end

-- Goes on with what earlier calls left; answers whether something is left again.
function waitlist.resume(d)
  local owed = desk.get(d, 'meta', 'owed')
  if owed then
    desk.put(d, 'meta', 'owed', false)
    for pool_id in pairs(owed) do
      if owes(d, pool_id) then desk.put(d, 'pools', pool_id, pools.get(d, pool_id)) end
    end
  end
  waitlist.serve(d)
  return desk.get(d, 'meta', 'owed') ~= nil
end
