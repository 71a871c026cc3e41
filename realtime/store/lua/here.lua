-- Whoever is in the room through several processes is one viewer.
--
-- The hash `here` has for each person's mark the slots of the processes they are with, such as "3" or "3,7"; the hash
-- `presence` has for each such text how many people it holds for, as "at:3,7". How many people are with at least one
-- living process is then a sum of a few numbers, however full the room is, and a process that falls silent takes its
-- people along at once, and brings them back when it speaks again. A slot is given to one process, once; what a slot
-- nobody holds any more has left behind is swept up, some at each call.
local MARK_BYTES, AT, SWEPT_TOTAL = 8, 'at:', 100

-- Note that a person is with these slots instead of with `was`.
local function settle(at, mark, was, slots)
  table.sort(slots)
  local is = table.concat(slots, ',')
  if is == was then return end
  if is == '' then at.drop[#at.drop + 1] = mark else at.set[#at.set + 1], at.set[#at.set + 2] = mark, is end
  if was ~= '' then at.groups[was], at.changed[was] = (at.groups[was] or 0) - 1, true end
  if is ~= '' then at.groups[is], at.changed[is] = (at.groups[is] or 0) + 1, true end
end

-- The slots of this text that somebody holds, without this one.
local function slots_but(at, packed, slot)
  local slots = {}
  for each in string.gmatch(packed, '%d+') do
    if each ~= slot and at.held[each] then slots[#slots + 1] = each end
  end
  return slots
end

local function write_here(keys, at)
  if #at.drop > 0 then redis.call('HDEL', keys[HERE], unpack(at.drop)) end
  if #at.set > 0 then redis.call('HSET', keys[HERE], unpack(at.set)) end
  for group in pairs(at.changed) do
    if at.groups[group] > 0 then
      redis.call('HSET', keys[PRESENCE], AT .. group, at.groups[group])
    else
      redis.call('HDEL', keys[PRESENCE], AT .. group)
      at.groups[group] = nil
    end
  end
  at.drop, at.set, at.changed = {}, {}, {}
end

-- These people (their marks, one after the other) are with this slot, or no longer.
local function move(keys, at, packed, slot, is_here)
  local marks = {}
  for i = 1, #packed, MARK_BYTES do marks[#marks + 1] = string.sub(packed, i, i + MARK_BYTES - 1) end
  if #marks == 0 then return end
  for i, was in ipairs(redis.call('HMGET', keys[HERE], unpack(marks))) do
    local slots = slots_but(at, was or '', slot)
    if is_here then slots[#slots + 1] = slot end
    settle(at, marks[i], was or '', slots)
  end
  write_here(keys, at)
end

-- Forget some of what slots that nobody holds have left behind; begins anew when `at.left` says that one was left now.
local function sweep(keys, at)
  local cursor = at.left and '0' or redis.call('HGET', keys[ROOM], 'sweep')
  if not cursor then return end
  local page, seen = redis.call('HSCAN', keys[HERE], cursor, 'COUNT', SWEPT_TOTAL), {}
  for i = 1, #page[2], 2 do
    local mark, was = page[2][i], page[2][i + 1]
    if not seen[mark] then settle(at, mark, was, slots_but(at, was, '')) end
    seen[mark] = true
  end
  write_here(keys, at)
  if page[1] == '0' then
    redis.call('HDEL', keys[ROOM], 'sweep')
  else
    redis.call('HSET', keys[ROOM], 'sweep', page[1])
  end
end

-- How many people are with living processes, and how many of them with this slot. `living` has viewers by slot ('0' is
-- no slot, and a sum). What a process has not said by name yet counts as people who are nowhere else.
local function people_here(at, living, slot)
  local total, own, most = 0, 0, 0
  for _, viewers in pairs(living) do
    total = total + viewers
    most = math.max(most, viewers)
  end
  for group, people in pairs(at.groups) do
    local with = 0
    for each in string.gmatch(group, '%d+') do
      if living[each] then with = with + 1 end
      if each == slot then own = own + people end
    end
    if with > 1 then total = total - (with - 1) * people end
  end
  return math.max(total, most), own
end
