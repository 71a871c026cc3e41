-- room_1_presence: one process says how many viewers it has and how many likes it has counted since its start;
-- hears the sums.
-- ARGS: process (unique per start), viewers, likes since start, ttl_ms.
-- Reply: {'sums', viewers of processes heard within ttl_ms, likes of the show, now_ms}.
-- Keeps: both numbers are absolute, so a repeated call counts nothing twice; a process that fell silent counts no
-- viewers after ttl_ms, and its likes stay in the show's sum.
local SILENT_KEPT_MS = 24 * 3600 * 1000

local function presence(keys, args)
  local now_ms = clock(keys)
  local viewers_total, known_likes = 0, 0
  local gone = {}
  local all = redis.call('HGETALL', keys[PRESENCE])
  for i = 1, #all, 2 do
    local viewers, at_ms, likes = string.match(all[i + 1], '^(%d+),(%d+),(%d+)$')
    if all[i] == args[1] then
      known_likes = tonumber(likes)
    elseif now_ms - tonumber(at_ms) <= tonumber(args[4]) then
      viewers_total = viewers_total + tonumber(viewers)
    elseif now_ms - tonumber(at_ms) > SILENT_KEPT_MS then
      gone[#gone + 1] = all[i]
    end
  end
  local added = math.max(0, tonumber(args[3]) - known_likes)
  if #gone > 0 then redis.call('HDEL', keys[PRESENCE], unpack(gone)) end
  redis.call('HSET', keys[PRESENCE], args[1],
    string.format('%s,%.0f,%.0f', args[2], now_ms, math.max(known_likes, tonumber(args[3]))))
  local likes_total = redis.call('HINCRBY', keys[ROOM], 'likes', added)
  return {'sums', viewers_total + tonumber(args[2]), likes_total, now_ms}
end

redis.register_function('room_1_presence', presence)
