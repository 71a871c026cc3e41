-- room_1_ask_unban: somebody who is banned here asks to be let in again.
-- ARGS: person, idempotency key, hash of the body, device or '', address key or '', the name they call themselves,
--       message, action id, seed, log's bound.
-- Reply: {'ok'|'repeat', ''} | {'conflict'} | {'free'} (nothing of theirs is banned) | {'often', ms until the next may
--        be asked} | {'full'}.
-- Keeps: the case on the staff board says what is banned ("person", "device", "address"), and neither device nor
-- address themselves: those stand in the record as "from:<person>" for whoever lifts the ban. Within ASKED_WITHIN_MS a
-- person and a device ask twice, an address five times; at most REQUESTS_TOTAL wait. Of more than ASKS_KEPT_TOTAL times
-- of asking only those are remembered that still count.
local ASKED_WITHIN_MS, REQUESTS_TOTAL, ASKED_TOTAL = 10 * 60 * 1000, 100, {person = 2, device = 2, address = 5}
local ASKS_KEPT_TOTAL = 300
local REQUEST, ASKS = 'staff:unban:', 'asks:'

-- When this person, device or address asked lately, and how long it must wait until it may ask again.
local function asked_lately(keys, now_ms, who, most)
  local times = {}
  for at_ms in string.gmatch(redis.call('HGET', keys[RECORD], ASKS .. who) or '', '%d+') do
    if now_ms - tonumber(at_ms) < ASKED_WITHIN_MS then times[#times + 1] = at_ms end
  end
  local wait_ms = #times < most and 0 or tonumber(times[#times - most + 1]) + ASKED_WITHIN_MS - now_ms
  return times, wait_ms
end

-- Forget when those asked who may ask again anyway, once there are many.
local function forget_asks(keys, now_ms)
  local asks = {}
  for _, field in ipairs(redis.call('HKEYS', keys[RECORD])) do
    if string.sub(field, 1, #ASKS) == ASKS then asks[#asks + 1] = field end
  end
  if #asks <= ASKS_KEPT_TOTAL then return end
  for _, field in ipairs(asks) do
    local last_ms = tonumber(string.match(redis.call('HGET', keys[RECORD], field), '%d+$'))
    if now_ms - last_ms >= ASKED_WITHIN_MS then redis.call('HDEL', keys[RECORD], field) end
  end
end

local function ask_unban(keys, args)
  local before = repeated(keys, args[1], args[2], args[3])
  if before then return before end
  local now_ms, stepped = clock(keys)
  local bans, places, asks, wait_ms = {}, {}, {}, 0
  for i, kind in ipairs({'person', 'device', 'address'}) do
    local who = args[({1, 4, 5})[i]]
    if who ~= '' then
      local times, more_ms = asked_lately(keys, now_ms, who, ASKED_TOTAL[kind])
      wait_ms = math.max(wait_ms, more_ms)
      times[#times + 1] = string.format('%.0f', now_ms)
      asks[#asks + 1], asks[#asks + 2] = ASKS .. who, table.concat(times, ',')
      if ban_of(keys, who) == '1' then
        bans[#bans + 1] = kind
        if kind ~= 'person' then places[#places + 1] = who end
      end
    end
  end
  if #bans == 0 then return {'free'} end
  if wait_ms > 0 then return {'often', wait_ms} end
  local name = REQUEST .. args[1]
  local waits = redis.call('HEXISTS', keys[BOARD], name) == 1
  if not waits and count_on_board(keys, REQUEST, now_ms) >= REQUESTS_TOTAL then return {'full'} end

  forget_asks(keys, now_ms)
  redis.call('HSET', keys[RECORD], unpack(asks))
  redis.call('HSET', keys[RECORD], 'from:' .. args[1], #places > 0 and cjson.encode(places) or '[]')
  remember(keys, now_ms, args[1], args[2], args[3], '')
  local called = redis.call('HGET', keys[NAMES], args[1]) or args[6]
  local value = string.format('{"person":%s,"name":%s,"message":%s,"bans":%s,"at_ms":%.0f}', cjson.encode(args[1]),
    cjson.encode(called), cjson.encode(args[7]), cjson.encode(bans), now_ms)
  append(keys, now_ms, stepped, args[9], args[10], {
    {'m', cjson.encode({kind = 'moderation', action = 'unban_request', actor = args[1], target = args[1],
      action_id = args[8], detail = {message = args[7], bans = bans}})},
    put_on_board(keys, 'm', name, value),
  })
  return {'ok', ''}
end

redis.register_function('room_1_ask_unban', ask_unban)
