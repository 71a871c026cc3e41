-- Library liveshop_room_1: the room's log and what decides about it.
--
-- Every Function takes the same KEYS, all of one show (realtime/store/keys.py):
--   1 log  2 room  3 names  4 folded  5 sanctions  6 spoke  7 operations  8 presence  9 bans (commerce's copy)
--   10 board  11 record  12 marks  13 tallies  14 votes  15 here  16 suspects  17 signs
-- Rules: all checks come before the first write; times are milliseconds of this server's TIME, kept from going
-- back by up to 5 s; random values (epochs, seeds of tags) come in as arguments, since Lua's are not random here.
-- Replies are flat arrays whose first element is a word.

local LOG, ROOM, NAMES, FOLDED, SANCTIONS, SPOKE, OPERATIONS, PRESENCE, BANS, BOARD, RECORD, MARKS, TALLIES, VOTES,
  HERE, SUSPECTS, SIGNS = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17
local CLOCK_TOLERANCE_MS = 5000
local OPERATIONS_KEPT_TOTAL = 64
local OPERATION_KEPT_MS = 24 * 3600 * 1000
-- Of asking.lua: board facts of a comment that is a question, and of questions that go; a person's votes counted anew.
local asked, questions_taken_down, recount

-- Now in ms, and whether the clock stepped back by more than the tolerance.
local function clock(keys)
  local time = redis.call('TIME')
  local now_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  local highest_ms = tonumber(redis.call('HGET', keys[ROOM], 'clock_ms') or '0')
  if now_ms >= highest_ms then return now_ms, false end
  if highest_ms - now_ms <= CLOCK_TOLERANCE_MS then return highest_ms, false end
  return now_ms, true
end

-- What a fact removes, decoded; nil when it removes no comments.
local function removal(fact)
  local removes = string.find(fact, '"comment_deleted"', 1, true) or string.find(fact, '"comments_removed"', 1, true)
  return removes and cjson.decode(fact) or nil
end

-- Board facts that take down what belongs to comments this fact removes; writes the board. `append` calls it, so it
-- holds whoever removes the comment.
local function taken_down(keys, fact)
  local removed, down = removal(fact), {}
  if not removed then return down end
  local function goes(value)
    return (removed.kind == 'comment_deleted' and value.comment == removed.comment)
      or (removed.kind == 'comments_removed' and value.person == removed.person and value.comment ~= cjson.null)
  end
  for _, name in ipairs({'pinned', 'question'}) do
    local packed = redis.call('HGET', keys[BOARD], name)
    if packed and goes(cjson.decode(packed)) then
      redis.call('HDEL', keys[BOARD], name)
      down[#down + 1] = {'f', '{"kind":"board","name":"' .. name .. '","value":null}'}
    end
  end
  for _, one in ipairs(questions_taken_down(keys, removed)) do down[#down + 1] = one end
  return down
end

-- Append entries {class, json} to the log; json is an object whose closing brace is replaced by time and place.
-- class: "f" fact, "t" talk, "m" for moderators only. Returns the last offset.
local function append(keys, now_ms, stepped, seed, max_total, entries)
  local offset = tonumber(redis.call('HGET', keys[ROOM], 'offset') or '0')
  if stepped then table.insert(entries, 1, {'f', '{"kind":"clock_stepped"}'}) end
  local tag
  local all = {}
  for _, entry in ipairs(entries) do
    all[#all + 1] = entry
    if entry[1] == 'f' then
      for _, also in ipairs(taken_down(keys, entry[2])) do all[#all + 1] = also end
    elseif entry[1] == 't' then
      for _, also in ipairs(asked(keys, now_ms, entry[2])) do all[#all + 1] = also end
    end
  end
  for _, entry in ipairs(all) do
    offset = offset + 1
    tag = string.sub(redis.sha1hex(seed .. ':' .. offset), 1, 16)
    local tail = string.format(',"at_ms":%.0f', now_ms)
    if entry[1] ~= 't' then tail = tail .. string.format(',"seq":%.0f', offset) end
    redis.call('XADD', keys[LOG], 'MAXLEN', '~', max_total, string.format('%.0f-0', offset),
      'c', entry[1], 'd', string.sub(entry[2], 1, -2) .. tail .. '}', 'g', tag)
  end
  redis.call('HSET', keys[ROOM], 'clock_ms', string.format('%.0f', now_ms))
  if tag then
    redis.call('HSET', keys[ROOM], 'offset', string.format('%.0f', offset), 'tag', tag)
    redis.call('SPUBLISH', keys[LOG] .. ':wake', offset)
  end
  return offset
end

-- What a person's record says about this key: nil (unknown), or {'repeat', answer} or {'conflict'}.
local function repeated(keys, person, key, body_hash)
  if key == '' then return nil end
  local packed = redis.call('HGET', keys[OPERATIONS], person)
  if not packed then return nil end
  for _, record in ipairs(cjson.decode(packed)) do
    if record[1] == key then
      if record[2] == body_hash then return {'repeat', record[3]} end
      return {'conflict'}
    end
  end
  return nil
end

-- Remember an answer under the person's key; the newest 64 younger than 24 h are kept.
local function remember(keys, now_ms, person, key, body_hash, answer)
  if key == '' then return end
  local packed = redis.call('HGET', keys[OPERATIONS], person)
  local kept = {{key, body_hash, answer, now_ms}}
  for _, record in ipairs(packed and cjson.decode(packed) or {}) do
    if #kept < OPERATIONS_KEPT_TOTAL and now_ms - record[4] < OPERATION_KEPT_MS then
      kept[#kept + 1] = record
    end
  end
  redis.call('HSET', keys[OPERATIONS], person, cjson.encode(kept))
end

-- A person's timeout: muted_until_ms (0 when never), and the version of the ban last announced here (-1: none).
local function sanctions_of(keys, person)
  local packed = redis.call('HGET', keys[SANCTIONS], person)
  if not packed then return 0, -1 end
  local muted, announced = string.match(packed, '^(%d+),(-?%d+)$')
  return tonumber(muted), tonumber(announced)
end

local function set_sanctions(keys, person, muted_until_ms, announced)
  if muted_until_ms == 0 and announced < 0 then
    redis.call('HDEL', keys[SANCTIONS], person)
  else
    redis.call('HSET', keys[SANCTIONS], person, string.format('%.0f,%d', muted_until_ms, announced))
  end
end

-- Who is banned: a person, a device or an address key. Returns the state ("1" banned, "2" only watched for: a banned
-- person's, else "0"), the version of that record (0 when there is none) and until when it holds (0: for good).
-- commerce writes it ("version|state" or "version|state|until_ms", a newer version replaces an older one) to every
-- room not ended; what has run out counts as lifted.
local function ban_of(keys, who)
  local packed = redis.call('HGET', keys[BANS], who)
  if not packed then return '0', 0, 0 end
  local version, state, rest = string.match(packed, '^(%d+)|(%d)(.*)$')
  local until_ms = tonumber(string.match(rest, '^|(%d+)$') or '0')
  if until_ms > 0 and until_ms <= clock(keys) then state = '0' end
  return state, tonumber(version), until_ms
end

-- The strongest state among a person, their device and their address key ('' is nobody).
local function ban_state(keys, person, device, address_key)
  local state = ban_of(keys, person)
  for _, who in ipairs({device, address_key}) do
    local other = who ~= '' and state ~= '1' and ban_of(keys, who) or '0'
    if other ~= '0' then state = other end
  end
  return state
end

-- What the room notes about a person beside their timeout: {device, address, shadow, warn, strikes, struck_ms}.
local function marks_of(keys, person)
  local packed = redis.call('HGET', keys[MARKS], person)
  return packed and cjson.decode(packed) or {}
end

local function set_marks(keys, person, marks)
  if next(marks) then
    redis.call('HSET', keys[MARKS], person, cjson.encode(marks))
  else
    redis.call('HDEL', keys[MARKS], person)
  end
end

-- Pin JSON up under this name ('' takes it down); returns the entry of this class that tells it.
local function put_on_board(keys, class, name, value)
  if value == '' then
    redis.call('HDEL', keys[BOARD], name)
  else
    redis.call('HSET', keys[BOARD], name, value)
  end
  local shown = value == '' and 'null' or value
  return {class, '{"kind":"board","name":' .. cjson.encode(name) .. ',"value":' .. shown .. '}'}
end

-- Whether what is pinned up has an end that has come.
local function is_over(value, now_ms)
  return tonumber(string.match(value, '"expires_at_ms":(%d+)') or math.huge) <= now_ms
end

-- How many of the board's names begin so and have not expired, and the names of those that have.
local function count_on_board(keys, beginning, now_ms)
  local total, over = 0, {}
  for _, name in ipairs(redis.call('HKEYS', keys[BOARD])) do
    if string.sub(name, 1, #beginning) == beginning then
      if is_over(redis.call('HGET', keys[BOARD], name), now_ms) then
        over[#over + 1] = name
      else
        total = total + 1
      end
    end
  end
  return total, over
end

-- Entries that forget these held comments, which nobody decided about in time: each comes down, and the record's entry
-- tells staff and, through it, its author. Writes the board.
local HELD = 'staff:held:'
local function expired(keys, names, seed)
  local entries = {}
  for _, name in ipairs(names) do
    local case, comment = cjson.decode(redis.call('HGET', keys[BOARD], name)), string.sub(name, #HELD + 1)
    local said = case.comment or {}
    entries[#entries + 1] = put_on_board(keys, 'm', name, '')
    entries[#entries + 1] = {'m', cjson.encode({kind = 'moderation', action = 'expire', actor = 'system',
      target = comment, action_id = 'ma_' .. string.sub(redis.sha1hex(seed .. name), 1, 16),
      detail = {person = said.person, text = said.text, why = case.why}})}
  end
  return entries
end

-- Facts that a ban or its end makes in this room; none when this version of it was announced already, so that a
-- moderator's own call and the copy through the shop's ledger say it once. Writes the record of it; the version stays
-- as it is, so that commerce's next copy always wins.
local function ban_facts(keys, person, banned, until_ms)
  local muted_until_ms, announced = sanctions_of(keys, person)
  local state, version = ban_of(keys, person)
  local is_banned = state == '1'
  if banned and is_banned and announced == version then return {} end
  if banned ~= is_banned or until_ms > 0 then
    redis.call('HSET', keys[BANS], person, string.format('%d|%d|%.0f', version, banned and 1 or 0, until_ms))
  end
  set_sanctions(keys, person, muted_until_ms, banned and version or -1)
  recount(keys, person)
  if not banned then return {} end
  return {
    {'f', cjson.encode({kind = 'banned', person = person})},
    {'f', cjson.encode({kind = 'comments_removed', person = person})},
  }
end

-- The name under which the person speaks: the wanted one, or with a number behind when somebody else has it.
-- Staff take a name from a guest, who gets a number at the next word. Returns name, folded; writes nothing.
local function free_name(keys, person, name, folded, staff)
  local function owner_of(candidate) return redis.call('HGET', keys[FOLDED], candidate) end
  local owner = owner_of(folded)
  if not owner or owner == person or staff then return name, folded end
  for number = 2, 999 do
    local other = owner_of(folded .. number)
    if not other or other == person then return name .. ' ' .. number, folded .. number end
  end
  local suffix = string.sub(person, -6)
  return name .. ' ' .. suffix, folded .. suffix
end

local function take_name(keys, person, name, folded)
  local old = redis.call('HGET', keys[NAMES], person)
  if old == name and redis.call('HGET', keys[FOLDED], folded) == person then return end
  local held = redis.call('HGET', keys[NAMES], 'folded:' .. person)
  if held and held ~= folded and redis.call('HGET', keys[FOLDED], held) == person then
    redis.call('HDEL', keys[FOLDED], held)
  end
  redis.call('HSET', keys[NAMES], person, name, 'folded:' .. person, folded)
  redis.call('HSET', keys[FOLDED], folded, person)
end
