-- people: one packed record a person: `operations` (idempotency: "name:key" -> hash, time, answer),
-- `counts` (sale -> units held and bought), `holds` (pool -> live reservations), `waits` (pool -> place in its
-- waitlist; nil on records of before). A record that exists is in the set `due`, where purge_due finds it.

local people = {}

local MAX_OPERATIONS = 64

function people.get(d, id)
  local person = desk.get(d, 'people', id)
  if not person then
    person = { operations = {}, counts = {}, holds = {}, fresh = true }
    if not d.records.people then d.records.people = {} end
    d.records.people[id] = person
  end
  return person
end

function people.put(d, id, person)
  if person.fresh then
    person.fresh = nil
    desk.score(d, 'due', 'p:' .. id, d.now_ms + DAY_MS)
  end
  desk.put(d, 'people', id, person)
end

-- A stored answer for this key, or nil and a refusal when the key stands for another body.
function people.stored(person, name, key, hash)
  local record = person.operations[name .. ':' .. key]
  if not record then return nil end
  if record.hash ~= hash then return nil, 'idempotency_conflict' end
  return cmsgpack.unpack(record.answer)
end

function people.forget_old(d, person)
  local count = 0
  for operation, record in pairs(person.operations) do
    if record.at_ms + DAY_MS <= d.now_ms then
      person.operations[operation] = nil
    else
      count = count + 1
    end
  end
  return count
end

function people.too_many(d, person)
  return people.forget_old(d, person) >= MAX_OPERATIONS
end

function people.record(d, id, name, key, hash, answer)
  local person = people.get(d, id)
  person.operations[name .. ':' .. key] = {
    hash = hash, at_ms = d.now_ms, answer = cmsgpack.pack(answer),
  }
  people.put(d, id, person)
end

-- Counts and remembers a hold; `quantity` may be 0 (the hold is only remembered).
function people.hold(d, id, hold, quantity, reservation_id)
  local person = people.get(d, id)
  local list = person.holds[hold.pool] or {}
  local known = false
  for _, one in ipairs(list) do
    known = known or one == reservation_id
  end
  if not known then list[#list + 1] = reservation_id end
  person.holds[hold.pool] = list
  people.put(d, id, person)
  people.count(d, id, hold.sale, quantity)
end

function people.drop_hold(d, id, pool_id, reservation_id)
  local person = people.get(d, id)
  local rest = {}
  for _, one in ipairs(person.holds[pool_id] or {}) do
    if one ~= reservation_id then rest[#rest + 1] = one end
  end
  person.holds[pool_id] = #rest > 0 and rest or nil
  people.put(d, id, person)
end

function people.count(d, id, sale_id, quantity)
  if not sale_id or quantity == 0 then return end
  local person = people.get(d, id)
  local count = (person.counts[sale_id] or 0) + quantity
  person.counts[sale_id] = count > 0 and count or nil
  people.put(d, id, person)
end

function people.banned(d, id)
  local ban = desk.get(d, 'bans', id)
  return ban and ban.banned and not (ban.expires_at_ms and ban.expires_at_ms <= d.now_ms)
end
