-- room_1_timeout: no comments from a person for a while; theirs so far go.
-- ARGS: actor, idempotency key, hash of the body, person, seconds, seed, log's bound in entries.
-- Reply: {'ok'|'repeat', muted_until_ms as text} | {'conflict'}.
-- Keeps: the timeout given last stands; it ends by the clock compared at each comment.
local function timeout(keys, args)
  local before = repeated(keys, args[1], args[2], args[3])
  if before then return before end
  local now_ms, stepped = clock(keys)
  local until_ms = now_ms + tonumber(args[5]) * 1000
  local _, announced = sanctions_of(keys, args[4])
  set_sanctions(keys, args[4], until_ms, announced)
  local answer = string.format('%.0f', until_ms)
  remember(keys, now_ms, args[1], args[2], args[3], answer)
  append(keys, now_ms, stepped, args[6], args[7], {
    {'f', cjson.encode({kind = 'comments_removed', person = args[4]})},
    audit('timeout', args[1], args[4], {expires_at_ms = until_ms, seconds = tonumber(args[5])}),
  })
  return {'ok', answer}
end

redis.register_function('room_1_timeout', timeout)
