-- sale_1_rebuild: write a frozen shop's stock anew, as it was worked out from SQL (commerce/sale/rebuild.py).
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack, one of
--         {step = 'clear'}: forget pools, sales, live reservations and what people hold
--         {step = 'put', hashes: {name: {id: record}}, scores: {name: {member: score}},
--          people: {id: {holds, counts}}}: absolute values, in any number of calls
--         {step = 'tell', after (ledger id), entries: [{kind, data (JSON text)}]}: what was corrected
--         {step = 'open'}: sell again; expire_due offers what the waitlist is owed
-- Reply done: the ledger's last id.
-- Keeps: the shop stays frozen until 'open', so a repair that died half way is begun again from 'clear'.

local rebuild = {}

-- Above every number of writes that anybody may have seen before.
local WRITES_AHEAD = 1e9

local function each(hash, work)
  for _, id in ipairs(redis.call('HKEYS', hash)) do work(id) end
end

function rebuild.clear(d)
  for _, name in ipairs({ 'pools', 'deadlines', 'sales', 'sale_ends' }) do redis.call('DEL', d.keys[name]) end
  each(d.keys.reservations, function(id)
    local reservation = cmsgpack.unpack(redis.call('HGET', d.keys.reservations, id))
    if reservations.is_live(reservation) then redis.call('HDEL', d.keys.reservations, id) end
  end)
  local told = waitlist.mend(d)
  each(d.keys.people, function(id)
    local person = cmsgpack.unpack(redis.call('HGET', d.keys.people, id))
    person.holds, person.counts = {}, {}
    waitlist.kept(person, id, told)
    redis.call('HSET', d.keys.people, id, cmsgpack.pack(person))
  end)
end

function rebuild.put(d, argument)
  for name, records in pairs(argument.hashes) do
    for id, record in pairs(records) do
      if name == 'pools' then waitlist.recount(d, id, record) end
      desk.put(d, name, id, record)
    end
  end
  for name, members in pairs(argument.scores) do
    for member, score in pairs(members) do desk.score(d, name, member, score) end
  end
  for id, what in pairs(argument.people) do
    local person = people.get(d, id)
    person.holds, person.counts = what.holds, what.counts
    people.put(d, id, person)
  end
end

-- Goes on behind the ids that SQL has: a stream that came back shorter, on a clock that is behind, would not.
function rebuild.tell(d, argument)
  local last = redis.call('XREVRANGE', d.keys.ledger, '+', '-', 'COUNT', 1)
  local last_id = last[1] and last[1][1] or '0-0'
  local after_ms, after_seq = string.match(argument.after, '^(%d+)-(%d+)$')
  local id = '*'
  if ledger.not_after(last_id, argument.after) and tonumber(after_ms) >= d.now_ms then
    id = after_ms .. '-' .. string.format('%.0f', tonumber(after_seq) + 1)
  end
  for _, entry in ipairs(argument.entries) do
    redis.call('XADD', d.keys.ledger, id, 'kind', entry.kind, 'data', entry.data)
    id = '*'
  end
end

function rebuild.open(d)
  waitlist.note_owed(d)
  redis.call('HDEL', d.keys.meta, 'frozen')
  d.writes = d.writes + WRITES_AHEAD
  redis.call('HSET', d.keys.meta, 'time_ms', d.now_ms, 'writes', string.format('%.0f', d.writes))
  redis.call(d.sharded and 'SPUBLISH' or 'PUBLISH', d.keys.ledger .. ':wake', '')
end

desk.register('rebuild', function(d, argument)
  if not d.frozen then return nil, 'bad_request', { field = 'step' } end
  rebuild[argument.step](d, argument)
  local last = redis.call('XREVRANGE', d.keys.ledger, '+', '-', 'COUNT', 1)
  return last[1] and last[1][1] or '0-0'
end)
