-- room_1_slow_mode: one comment per person in so many seconds; 0 is off.
-- ARGS: actor, idempotency key, hash of the body, seconds, seed, log's bound in entries.
-- Reply: {'ok'|'repeat', ''} | {'conflict'}.
-- Keeps: times of last comments are kept only while slow mode is on.
local function slow_mode(keys, args)
  local before = repeated(keys, args[1], args[2], args[3])
  if before then return before end
  local now_ms, stepped = clock(keys)
  redis.call('HSET', keys[ROOM], 'slow_mode_s', args[4])
  if args[4] == '0' then redis.call('DEL', keys[SPOKE]) end
  remember(keys, now_ms, args[1], args[2], args[3], '')
  append(keys, now_ms, stepped, args[5], args[6], {
    {'f', cjson.encode({kind = 'slow_mode', seconds = tonumber(args[4])})},
    audit('slow_mode', args[1], nil, {seconds = tonumber(args[4])}),
  })
  return {'ok', ''}
end

redis.register_function('room_1_slow_mode', slow_mode)
