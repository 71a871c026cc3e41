-- room_1_poll_end: close a poll, or take it off the screens.
-- ARGS: actor, idempotency key, hash of the body, poll, 'close' or 'dismiss', audit entry as JSON without time and
--       place, seed, log's bound.
-- Reply: {'ok'|'repeat', poll} | {'conflict'} | {'missing'} (this poll is not up) | {'closed'} (it is over already).
-- Keeps: a poll that is closed takes no vote and stays up with its result; one that is dismissed is closed by that, and
-- goes to those before it, with its results.
local function end_poll(keys, args)
  local before = repeated(keys, args[1], args[2], args[3])
  if before then return before end
  local now_ms, stepped = clock(keys)
  local poll = redis.call('HGET', keys[BOARD], POLL)
  if not poll or poll_id(poll) ~= args[4] then return {'missing'} end
  local runs = poll_runs(poll, now_ms)
  if not runs and args[5] == 'close' then return {'closed'} end

  if runs then
    poll = string.gsub(poll, '"closed_at_ms":null}$', string.format('"closed_at_ms":%.0f}', now_ms))
  end
  local entries = {{'m', args[6]}}
  if args[5] == 'close' then
    entries[2] = put_on_board(keys, 'f', POLL, poll)
  else
    for _, entry in ipairs(file_poll(keys, poll)) do entries[#entries + 1] = entry end
    entries[#entries + 1] = put_on_board(keys, 'f', POLL, '')
  end
  remember(keys, now_ms, args[1], args[2], args[3], args[4])
  append(keys, now_ms, stepped, args[7], args[8], entries)
  redis.call('SPUBLISH', keys[PRESENCE] .. ':wake', '')
  return {'ok', args[4]}
end

redis.register_function('room_1_poll_end', end_poll)
