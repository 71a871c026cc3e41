-- room_1_presence: one process says how many viewers it has and how many likes and reactions it has counted since
-- its start; hears the sums.
-- ARGS: process (unique per start), viewers, likes since start, ttl_ms, then pairs: tally, count since start.
-- Reply: {'sums', viewers of processes heard within ttl_ms, likes of the show, now_ms, then pairs tally, total}.
-- Keeps: both numbers are absolute, so a repeated call counts nothing twice; a process that fell silent counts no
-- viewers after ttl_ms, and its likes and reactions stay in the show's sums. Who changed a sum wakes the others, so
-- that every front shows the same number within a tick.
local SILENT_KEPT_MS = 24 * 3600 * 1000

-- Add what this process counted since it last said so; returns whether anything was new.
local function add_tallies(keys, args)
  local changed = false
  for i = 5, #args, 2 do
    local own = 'p:' .. args[1] .. ':' .. args[i]
    local more = tonumber(args[i + 1]) - tonumber(redis.call('HGET', keys[TALLIES], own) or '0')
    if more > 0 then
      changed = true
      redis.call('HSET', keys[TALLIES], own, args[i + 1])
      redis.call('HINCRBY', keys[TALLIES], args[i], more)
    end
  end
  return changed
end

-- Pairs of tally and total; forgets what single processes that are long gone had counted. Of a poll whose results are
-- for its end, only how many voted ("poll:<poll>") is told to all before it, and how they voted ("staff:poll:...") to
-- staff.
local function tallies(keys, gone, now_ms)
  local pairs_of, old, voted_total = {}, {}, 0
  local secret = secret_poll(keys, now_ms)
  local all = redis.call('HGETALL', keys[TALLIES])
  for i = 1, #all, 2 do
    if secret and string.sub(all[i], 1, #secret + 1) == secret .. ':' then
      voted_total = voted_total + tonumber(all[i + 1])
      pairs_of[#pairs_of + 1], pairs_of[#pairs_of + 2] = 'staff:' .. all[i], tonumber(all[i + 1])
    elseif string.sub(all[i], 1, 2) ~= 'p:' then
      pairs_of[#pairs_of + 1], pairs_of[#pairs_of + 2] = all[i], tonumber(all[i + 1])
    else
      for _, process in ipairs(gone) do
        local head = 'p:' .. process .. ':'
        if string.sub(all[i], 1, #head) == head then old[#old + 1] = all[i] end
      end
    end
  end
  if #old > 0 then redis.call('HDEL', keys[TALLIES], unpack(old)) end
  if secret then pairs_of[#pairs_of + 1], pairs_of[#pairs_of + 2] = secret, voted_total end
  return pairs_of
end

local function presence(keys, args)
  local now_ms = clock(keys)
  local viewers_total, known_likes, known_viewers = 0, 0, 0
  local gone = {}
  local all = redis.call('HGETALL', keys[PRESENCE])
  for i = 1, #all, 2 do
    local viewers, at_ms, likes = string.match(all[i + 1], '^(%d+),(%d+),(%d+)$')
    if all[i] == args[1] then
      known_likes, known_viewers = tonumber(likes), tonumber(viewers)
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
  local reacted = add_tallies(keys, args)
  if reacted or added > 0 or known_viewers ~= tonumber(args[2]) then
    redis.call('SPUBLISH', keys[PRESENCE] .. ':wake', '')
  end
  local reply = {'sums', viewers_total + tonumber(args[2]), likes_total, now_ms}
  for _, word in ipairs(tallies(keys, gone, now_ms)) do reply[#reply + 1] = word end
  return reply
end

redis.register_function('room_1_presence', presence)
