-- operations: records of staff and system work, by outbox row, so that a resend changes nothing twice. They
-- stay 7 days: an outbox may be stuck longer than a day, and a restock done twice is stock that is not there.

local operations = {}

local KEEP_MS = 7 * DAY_MS

-- A stored answer, or nil and a refusal when the row's id stands for another body.
function operations.stored(d, name, argument)
  local record = desk.get(d, 'operations', name .. ':' .. argument.operation)
  if not record then return nil end
  if record.hash ~= argument.hash then return nil, 'idempotency_conflict' end
  return cmsgpack.unpack(record.answer)
end

function operations.record(d, name, argument, answer)
  local id = name .. ':' .. argument.operation
  desk.put(d, 'operations', id, { hash = argument.hash, answer = cmsgpack.pack(answer) })
  desk.score(d, 'due', 'o:' .. id, d.now_ms + KEEP_MS)
end

-- Registers a recorded operation: work(d, argument) is only asked when this row was not done before.
function operations.register(name, work, flags)
  desk.register(name, function(d, argument)
    local answer, conflict = operations.stored(d, name, argument)
    if conflict then return nil, conflict end
    if answer ~= nil then
      desk.abandon(d)
      return answer
    end
    reservations.settle(d)
    local done, code, facts = work(d, argument)
    if code then return nil, code, facts end
    operations.record(d, name, argument, done)
    return done
  end, flags)
end
