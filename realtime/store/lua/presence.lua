-- room_1_presence: one process says how many viewers it has and who came and went, and how many joins, likes and
-- reactions it has counted since its start; hears the sums.
-- ARGS: process (unique per start), viewers, likes since start, ttl_ms, slot (0: none yet, -1: it leaves the room),
--       marks of viewers who are here now and of people who are not (8 bytes each, of the slot named; some hundred at
--       a time), joins since start, then pairs: tally, count since start.
-- Reply: {'sums', viewers of processes heard within ttl_ms, likes of the show, now_ms, slot, number of people known to
--        be with it, joins of the other processes since their start, then pairs tally, total}. Another slot than the
--        one named: nothing is known of who is here, and the marks of this call were for nothing.
-- A process that leaves the room counts from nothing when it comes back to it.
-- Keeps: everything said is absolute, so a repeated call counts nothing twice; a person counts once, through however
-- many processes (here.lua), and the sum is never less than what one of them has; a process that fell silent counts no
-- viewers after ttl_ms, and its likes and reactions stay in the show's sums. Who changed a sum wakes the others, so
-- that every front shows the same number within a tick. The room's `viewers` and `viewers_at_ms` are for those who
-- only look.
local SILENT_KEPT_MS, SLOT_KEPT_MS = 24 * 3600 * 1000, 60 * 1000

-- Add what this process counted since it last said so; returns whether anything was new. One that leaves begins anew.
local function add_tallies(keys, args, leaves)
  local changed = false
  for i = 9, #args, 2 do
    local own = 'p:' .. args[1] .. ':' .. args[i]
    local more = tonumber(args[i + 1]) - tonumber(redis.call('HGET', keys[TALLIES], own) or '0')
    if more > 0 then
      changed = true
      redis.call('HSET', keys[TALLIES], own, args[i + 1])
      redis.call('HINCRBY', keys[TALLIES], args[i], more)
    end
    if leaves then redis.call('HDEL', keys[TALLIES], own) end
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

local function put_process(keys, process, viewers, at_ms, likes, slot, joins)
  redis.call('HSET', keys[PRESENCE], process,
    string.format('%d,%.0f,%.0f,%s,%.0f', viewers, at_ms, likes, slot, joins))
end

-- What the hash `presence` holds: viewers of living processes by slot, groups of people, slots that are held, joins of
-- others, this process's own likes and slot. Lets go of slots and, later, of processes that are silent for long.
local function read_presence(keys, args, now_ms)
  local at = {groups = {}, held = {}, drop = {}, set = {}, changed = {}, joins = 0}
  local living, gone, own = {['0'] = 0}, {}, {likes = 0, slot = '0'}
  local all = redis.call('HGETALL', keys[PRESENCE])
  for i = 1, #all, 2 do
    local viewers, at_ms, likes, slot, joins = string.match(all[i + 1], '^(%d+),(%d+),(%d+),?(%d*),?(%d*)$')
    joins = tonumber(joins) or 0
    slot = (slot == nil or slot == '') and '0' or slot
    local silent_ms = now_ms - tonumber(at_ms or '0')
    if string.sub(all[i], 1, #AT) == AT then
      at.groups[string.sub(all[i], #AT + 1)] = tonumber(all[i + 1])
    elseif all[i] == args[1] then
      own = {likes = tonumber(likes), slot = slot}
    elseif silent_ms > SILENT_KEPT_MS then
      gone[#gone + 1] = all[i]
      at.left = at.left or slot ~= '0'
    elseif silent_ms > SLOT_KEPT_MS and slot ~= '0' then
      put_process(keys, all[i], 0, at_ms, likes, '0', joins)
      at.left, at.joins = true, at.joins + joins
    else
      at.held[slot], at.joins = true, at.joins + joins
      if silent_ms <= tonumber(args[4]) then living[slot] = (living[slot] or 0) + tonumber(viewers) end
    end
  end
  if #gone > 0 then redis.call('HDEL', keys[PRESENCE], unpack(gone)) end
  return at, living, gone, own
end

-- The slot this process has from now on: its own, a new one, or '0' when it leaves.
local function slot_of(keys, at, own, wanted)
  if wanted == own.slot and wanted ~= '0' then return wanted end
  at.left = at.left or own.slot ~= '0'
  if wanted == '-1' then return '0' end
  return string.format('%d', redis.call('HINCRBY', keys[ROOM], 'slots', 1))
end

local function presence(keys, args)
  local now_ms = clock(keys)
  local at, living, gone, own = read_presence(keys, args, now_ms)
  local slot = slot_of(keys, at, own, args[5])
  local leaves = slot == '0'
  local viewers, likes = tonumber(args[2]), math.max(own.likes, tonumber(args[3]))
  at.held[slot] = true
  if slot == args[5] then
    move(keys, at, args[6], slot, true)
    move(keys, at, args[7], slot, false)
  end
  sweep(keys, at)
  living[slot] = (living[slot] or 0) + viewers
  local viewers_total, known = people_here(at, living, slot)
  put_process(keys, args[1], viewers, now_ms, leaves and 0 or likes, slot, leaves and 0 or tonumber(args[8]))
  local likes_total = redis.call('HINCRBY', keys[ROOM], 'likes', likes - own.likes)
  local reacted = add_tallies(keys, args, leaves)
  local before = tonumber(redis.call('HGET', keys[ROOM], 'viewers') or '-1')
  redis.call('HSET', keys[ROOM], 'viewers', viewers_total, 'viewers_at_ms', string.format('%.0f', now_ms))
  if reacted or likes > own.likes or viewers_total ~= before then
    redis.call('SPUBLISH', keys[PRESENCE] .. ':wake', '')
  end
  local reply = {'sums', viewers_total, likes_total, now_ms, tonumber(slot), known, at.joins}
  for _, word in ipairs(tallies(keys, gone, now_ms)) do reply[#reply + 1] = word end
  return reply
end

redis.register_function('room_1_presence', presence)
