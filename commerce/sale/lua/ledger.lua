-- ledger: entries are gathered with the counters as they are at that moment, and written in that order by
-- desk.close, in the same call as what they tell. One wake-up is published for all of them.

-- `about` is a fresh table: every field of commerce.events.Entry that applies.
function ledger.add(d, kind, about, reservation)
  about.at_ms = d.now_ms
  d.entries[#d.entries + 1] = { kind = kind, data = cjson.encode(about), reservation = reservation }
end

function ledger.write(d)
  local id
  for _, entry in ipairs(d.entries) do
    id = redis.call('XADD', d.keys.ledger, '*', 'kind', entry.kind, 'data', entry.data)
    if entry.reservation then entry.reservation.entry = id end
  end
  if id then
    redis.call(d.sharded and 'SPUBLISH' or 'PUBLISH', d.keys.ledger .. ':wake', id)
  end
  d.entries = {}
  return id
end

-- Stream ids in order: true when `one` is not after `other`.
function ledger.not_after(one, other)
  local one_ms, one_seq = string.match(one, '^(%d+)-(%d+)$')
  local other_ms, other_seq = string.match(other, '^(%d+)-(%d+)$')
  if not one_ms or not other_ms then return false end
  one_ms, other_ms = tonumber(one_ms), tonumber(other_ms)
  return one_ms < other_ms or (one_ms == other_ms and tonumber(one_seq) <= tonumber(other_seq))
end
