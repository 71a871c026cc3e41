-- Who looks suspicious, whichever fronts they are seen by.
--
-- Each sign adds to a person's score, which halves every HALF_LIFE_MS. At SUSPICIOUS they are shown to moderators,
-- once, and stay suspects until half of that is left; then they begin anew. One strong sign is enough (a banned
-- person's browser), weak ones must come together.
-- The sorted set `suspects` has a number for each person that does not change as the score fades: its logarithm to
-- base 2 plus the time in half-lives. So whose score is lowest now stands first, and what has faded, or is too many,
-- goes from there. The hash `signs` has for each of them "1 when shown|sign,sign".
local SUSPICIOUS, HALF_LIFE_MS, FADED, WATCHED_TOTAL, WATCHED_MS = 1, 600000, 0.02, 2000, 7200000
-- What rounding may take from a score.
local ROUNDED = 1e-6
local SUSPECT, SUSPECTS_TOTAL = 'staff:suspect:', 100
local WEIGHTS = {evasion = 1, duplicates = 0.5, join_burst = 0.5, refused = 0.34, new_account = 0.3}
-- Signs that say nothing more when they are seen again.
local ONCE = {evasion = true, join_burst = true, new_account = true}
local DROPPED_TOTAL = 100

-- How a person stands with these signs (names with commas between): score, signs, whether they are suspects and so were
-- shown, and whether they become so by these. Writes nothing.
local function suspicion_of(keys, now_ms, person, signs)
  local one = {score = 0, whys = {}, shown = false, is_changed = false}
  local level = redis.call('ZSCORE', keys[SUSPECTS], person)
  local score = level and 2 ^ (tonumber(level) - now_ms / HALF_LIFE_MS) or 0
  local shown, whys = string.match(redis.call('HGET', keys[SIGNS], person) or '', '^(%d)|(.*)$')
  if shown and not (shown == '1' and score < SUSPICIOUS / 2) then
    one.score, one.shown = score, shown == '1'
    for sign in string.gmatch(whys, '[%l_]+') do one.whys[sign] = true end
  end
  for sign in string.gmatch(signs, '[%l_]+') do
    if not (ONCE[sign] and one.whys[sign]) then
      one.score, one.whys[sign], one.is_changed = one.score + WEIGHTS[sign], true, true
    end
  end
  one.becomes = one.score > SUSPICIOUS - ROUNDED and not one.shown
  one.shown = one.shown or one.becomes
  return one
end

-- Entries that show a person who has just become suspicious to staff; none when there are too many already. Writes the
-- board.
local function shown_to_staff(keys, now_ms, person, name, one, whys, seed)
  if count_on_board(keys, SUSPECT, now_ms) >= SUSPECTS_TOTAL then return {} end
  local about = '"whys":' .. cjson.encode(whys) .. string.format(',"score":%.2f', one.score)
  local who = cjson.encode(person)
  local value = '{"person":' .. who .. ',"name":' .. (name == '' and 'null' or cjson.encode(name)) .. ',' .. about ..
    string.format(',"at_ms":%.0f}', now_ms)
  local audit = '{"kind":"moderation","action":"suspect","actor":"system","target":' .. who .. ',"action_id":"ma_' ..
    string.sub(redis.sha1hex(seed .. SUSPECT .. person), 1, 16) .. '","detail":{' .. about .. '}}'
  return {{'m', audit}, put_on_board(keys, 'm', SUSPECT .. person, value)}
end

-- Forget people, the sum of whose signs is nothing any more.
local function forget_suspects(keys, people)
  if #people == 0 then return end
  redis.call('ZREM', keys[SUSPECTS], unpack(people))
  redis.call('HDEL', keys[SIGNS], unpack(people))
end

-- Note how a person stands (`one`, of `suspicion_of`). Returns entries for staff.
local function note_suspicion(keys, now_ms, person, name, one, seed)
  if not one.is_changed then return {} end
  local whys = {}
  for sign in pairs(one.whys) do whys[#whys + 1] = sign end
  table.sort(whys)
  local level = math.log(one.score) / math.log(2) + now_ms / HALF_LIFE_MS
  redis.call('ZADD', keys[SUSPECTS], string.format('%.17g', level), person)
  redis.call('HSET', keys[SIGNS], person, (one.shown and '1|' or '0|') .. table.concat(whys, ','))
  local faded = string.format('%.17g', math.log(FADED) / math.log(2) + now_ms / HALF_LIFE_MS)
  forget_suspects(keys, redis.call('ZRANGEBYSCORE', keys[SUSPECTS], '-inf', faded, 'LIMIT', 0, DROPPED_TOTAL))
  local over = redis.call('ZCARD', keys[SUSPECTS]) - WATCHED_TOTAL
  if over > 0 then forget_suspects(keys, redis.call('ZRANGE', keys[SUSPECTS], 0, over - 1)) end
  redis.call('PEXPIRE', keys[SUSPECTS], WATCHED_MS)
  redis.call('PEXPIRE', keys[SIGNS], WATCHED_MS)
  return one.becomes and shown_to_staff(keys, now_ms, person, name, one, whys, seed) or {}
end
