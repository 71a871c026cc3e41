#!lua name=liveshop_throttle_1
-- Slows down guessing: one number per subject, by the generic cell rate algorithm (ITU-T I.371).
--
-- throttle_1_take
--   KEYS[1]  {server}:throttle       hash: subject -> "arrival_ms|attempt"
--   KEYS[2]  {server}:throttle:due   sorted set: subject by the time it may be forgotten
--   ARGV     subject, attempt id, interval_ms, burst
--   Reply    0 when the attempt may be made, else milliseconds until the next one may.
-- Invariant: a subject passes `burst` attempts at once and then one per `interval_ms`; the same
-- attempt id asked again in a row answers 0 and counts once (a swallowed answer costs nothing).
-- Up to 4 forgotten subjects are removed at each call, so the hash holds only recent ones.

local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function take(keys, args)
  local now = now_ms()
  local subject, attempt = args[1], args[2]
  local interval, burst = tonumber(args[3]), tonumber(args[4])
  local arrival, last = now, nil
  local kept = redis.call('HGET', keys[1], subject)
  if kept then
    local number, id = string.match(kept, '^(%d+)|(.*)$')
    arrival, last = math.max(now, tonumber(number)), id
  end
  if last == attempt then return 0 end
  local wait = arrival + interval - now - interval * burst
  if wait > 0 then return wait end
  local old = redis.call('ZRANGEBYSCORE', keys[2], '-inf', now, 'LIMIT', 0, 4)
  for _, gone in ipairs(old) do
    redis.call('HDEL', keys[1], gone)
    redis.call('ZREM', keys[2], gone)
  end
  redis.call('HSET', keys[1], subject, string.format('%.0f|%s', arrival + interval, attempt))
  redis.call('ZADD', keys[2], arrival + interval, subject)
  return 0
end

-- throttle_1_clear: forget a subject (a right password). KEYS as above; ARGV subject. Reply 1.
local function clear(keys, args)
  redis.call('HDEL', keys[1], args[1])
  redis.call('ZREM', keys[2], args[1])
  return 1
end

redis.register_function('throttle_1_take', take)
redis.register_function('throttle_1_clear', clear)
