-- people: one packed record a person: `operations` (idempotency: "name:key" -> when), `counts` (sale -> units
-- held and bought), `holds` (pool -> live reservations), `waits` (pool -> place in its waitlist; nil on records
-- of before). A record that exists is in the set `due`, where purge_due finds it. What an operation was
-- answered lies in the hash `operations`, as "person|name:key" -> hash, answer: the record is read and written
-- at each of a person's operations, and would grow with them. Records of before hold {hash, at_ms, answer}.

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

-- When an operation was done, and its record.
local function done_ms(known)
  return type(known) == 'table' and known.at_ms or known
end

local function answered(d, id, operation, known)
  if type(known) == 'table' then return known end
  return desk.get(d, 'operations', id .. '|' .. operation)
end

-- A stored answer for this key, or nil and a refusal when the key stands for another body.
function people.stored(d, id, name, key, hash)
  local operation = name .. ':' .. key
  local known = people.get(d, id).operations[operation]
  local record = known and answered(d, id, operation, known)
  if not record then return nil end
  if record.hash ~= hash then return nil, 'idempotency_conflict' end
  return cmsgpack.unpack(record.answer)
end

-- Forgets operations of before yesterday; answers how many are left, and when the first of those may go.
function people.forget_old(d, id)
  local person, count, first_ms = people.get(d, id), 0, nil
  for operation, known in pairs(person.operations) do
    local until_ms = done_ms(known) + DAY_MS
    if until_ms <= d.now_ms then
      person.operations[operation] = nil
      if type(known) ~= 'table' then desk.put(d, 'operations', id .. '|' .. operation, false) end
    else
      count, first_ms = count + 1, math.min(first_ms or until_ms, until_ms)
    end
  end
  return count, first_ms
end

function people.too_many(d, id)
  return people.forget_old(d, id) >= MAX_OPERATIONS
end

function people.record(d, id, name, key, hash, answer)
  local person, operation = people.get(d, id), name .. ':' .. key
  person.operations[operation] = d.now_ms
  desk.put(d, 'operations', id .. '|' .. operation, { hash = hash, answer = cmsgpack.pack(answer) })
  people.put(d, id, person)
end

-- Moves the operations of one person to another, who keeps what both have.
function people.move_operations(d, from, to)
  local person = people.get(d, to)
  for operation, known in pairs(people.get(d, from).operations) do
    local record = answered(d, from, operation, known)
    if record and not person.operations[operation] then
      person.operations[operation] = done_ms(known)
      desk.put(d, 'operations', to .. '|' .. operation, { hash = record.hash, answer = record.answer })
    end
    if type(known) ~= 'table' then desk.put(d, 'operations', from .. '|' .. operation, false) end
  end
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
