-- room_1_poll_open: put a poll before everybody.
-- ARGS: actor, idempotency key, hash of the body, poll JSON (begins with its id; without times), ms it takes votes (0:
--       until it is closed), audit entry as JSON without time and place, seed, log's bound.
-- Reply: {'ok'|'repeat', JSON {poll, ends_at_ms}} | {'conflict'} | {'open'} (another one still takes votes).
-- Keeps: one poll takes votes at a time; one that is over and still up goes to those before it, with its results.
local function open_poll(keys, args)
  local before = repeated(keys, args[1], args[2], args[3])
  if before then return before end
  local now_ms, stepped = clock(keys)
  local current = redis.call('HGET', keys[BOARD], POLL)
  if current and poll_runs(current, now_ms) then return {'open'} end

  local entries = current and file_poll(keys, current) or {}
  local ends_at_ms = args[5] == '0' and 'null' or string.format('%.0f', now_ms + tonumber(args[5]))
  local id = poll_id(args[4])
  for at = 0, #cjson.decode(args[4]).choices - 1 do redis.call('HSET', keys[TALLIES], tally_of(id, at), 0) end
  local value = string.sub(args[4], 1, -2) ..
    string.format(',"opened_at_ms":%.0f,"ends_at_ms":%s,"closed_at_ms":null}', now_ms, ends_at_ms)
  entries[#entries + 1] = put_on_board(keys, 'f', POLL, value)
  entries[#entries + 1] = {'m', args[6]}
  local answer = '{"poll":"' .. id .. '","ends_at_ms":' .. ends_at_ms .. '}'
  remember(keys, now_ms, args[1], args[2], args[3], answer)
  append(keys, now_ms, stepped, args[7], args[8], entries)
  return {'ok', answer}
end

redis.register_function('room_1_poll_open', open_poll)
