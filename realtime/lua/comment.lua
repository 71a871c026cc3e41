-- room_1_comment: say something.
-- ARGS: person, idempotency key, hash of the body, comment JSON without name and time, wanted name, folded name,
--       1 when staff, seed, log's bound in entries.
-- Reply: {'ok', comment JSON} | {'repeat', comment JSON} | {'conflict'} | {'banned'} | {'muted', until_ms} |
--        {'slow', wait_ms, slow_mode_s}.
-- Keeps: a repeated key is one comment; nobody banned or timed out speaks; in slow mode one comment per person
-- and interval (staff are exempt); two people of a room never have the same folded name.
local function comment(keys, args)
  local person, key, body_hash, staff = args[1], args[2], args[3], args[7] == '1'
  local before = repeated(keys, person, key, body_hash)
  if before then return before end
  if ban_of(keys, person) then return {'banned'} end
  local muted_until_ms = sanctions_of(keys, person)
  local now_ms, stepped = clock(keys)
  if muted_until_ms > now_ms then return {'muted', muted_until_ms} end
  local slow_s = tonumber(redis.call('HGET', keys[ROOM], 'slow_mode_s') or '0')
  if slow_s > 0 and not staff then
    local wait_ms = tonumber(redis.call('HGET', keys[SPOKE], person) or '0') + slow_s * 1000 - now_ms
    if wait_ms > 0 then return {'slow', wait_ms, slow_s} end
  end
  local name, folded = free_name(keys, person, args[5], args[6], staff)

  take_name(keys, person, name, folded)
  if slow_s > 0 and not staff then
    redis.call('HSET', keys[SPOKE], person, string.format('%.0f', now_ms))
  end
  local body = string.sub(args[4], 1, -2) .. ',"name":' .. cjson.encode(name) .. '}'
  local said = string.sub(body, 1, -2) .. string.format(',"at_ms":%.0f}', now_ms)
  remember(keys, now_ms, person, key, body_hash, said)
  append(keys, now_ms, stepped, args[8], args[9], {{'t', body}})
  return {'ok', said}
end

redis.register_function('room_1_comment', comment)
