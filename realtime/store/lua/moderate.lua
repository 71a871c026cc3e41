-- room_1_moderate: carry out one action of moderation, whatever it consists of.
-- ARGS: actor, idempotency key, hash of the body, plan (JSON), seed, log's bound in entries.
-- The plan (realtime/moderation/plan.py), every field but `id` and `audit` optional; JSON inside it stands as text,
-- so that no array or number changes on its way through here:
--   id         the action's id
--   audit      the moderators' entry as a JSON object without time and place
--   needs      {board names} that must be up
--   undoes     id of an action that must be known and not undone
--   sanction   {person, mute_s | muted_until_ms, shadow, warn, warned}; `warn` is JSON text, '' takes it back, with
--              `warned` only the warning of that action
--   ban        {person, banned (null: stays as it is), until_ms (0: for good), others, ends}; `others` device and
--              address key -> state, `ends` until when for those of them whose end is another
--   slow_s     seconds of slow mode
--   board      {{class, name, JSON or '' to take down}}
--   facts      {{class, JSON}}
--   forgets    {fields of the record to drop}
--   recalls    field of the record -> value
--   clears     a person whom nothing makes suspicious any more
--   quiet      true when staff need no entry about it
--   keep       JSON that an undo will need; without it the action cannot be undone
-- Reply: {'ok'|'repeat', JSON {action, expires_at_ms}} | {'conflict'} | {'missing', name} | {'unknown'} | {'undone'}.
-- Keeps: effect, facts, what an undo needs and the audit entry stand together or not at all; a repeated key is one
-- action; an action is undone once; the newest RECORDED_TOTAL actions are remembered.
local RECORDED_TOTAL = 500

-- Why the plan cannot be carried out, as a reply, or nil.
local function objection(keys, plan)
  for _, name in ipairs(plan.needs or {}) do
    local value = redis.call('HGET', keys[BOARD], name)
    if not value or is_over(value, clock(keys)) then return {'missing', name} end
  end
  if plan.undoes then
    if not redis.call('HGET', keys[RECORD], plan.undoes) then return {'unknown'} end
    if redis.call('HGET', keys[RECORD], 'undone:' .. plan.undoes) then return {'undone'} end
  end
  return nil
end

-- Apply a sanction; returns what was before it, and until when the person is muted (nil: the plan says nothing).
local function sanction(keys, now_ms, wanted)
  local muted_until_ms, announced = sanctions_of(keys, wanted.person)
  local marks = marks_of(keys, wanted.person)
  local before = {person = wanted.person, muted_until_ms = muted_until_ms, shadow = marks.shadow or false,
    warn = marks.warn or ''}
  local until_ms = wanted.mute_s and now_ms + wanted.mute_s * 1000 or wanted.muted_until_ms
  if until_ms then set_sanctions(keys, wanted.person, until_ms, announced) end
  if wanted.shadow ~= nil then marks.shadow = wanted.shadow or nil end
  local other = wanted.warned and marks.warn and cjson.decode(marks.warn).action ~= wanted.warned
  if wanted.warn and not other then marks.warn = wanted.warn ~= '' and wanted.warn or nil end
  set_marks(keys, wanted.person, marks)
  recount(keys, wanted.person)
  return before, wanted.mute_s and until_ms
end

-- A device or an address key is banned, watched for, or free again. What is banned is not lowered to watched, and is
-- banned until the last end that was set.
local function ban_place(keys, who, state, until_ms)
  local now, version, ends_ms = ban_of(keys, who)
  if state == 2 and now == '1' then return end
  if state == 1 and now == '1' and (ends_ms == 0 or until_ms ~= 0 and until_ms < ends_ms) then return end
  redis.call('HSET', keys[BANS], who, string.format('%d|%d|%.0f', version, state, until_ms))
end

-- Ban or let go a person, a device and an address key; returns rows of those who were banned or watched for before,
-- with state and end. Adds entries.
local function change_ban(keys, ban, entries)
  local before = {}
  local function note(who)
    local state, _, until_ms = ban_of(keys, who)
    if state ~= '0' then before[#before + 1] = {who, tonumber(state), until_ms} end
  end
  note(ban.person)
  for who in pairs(ban.others or {}) do note(who) end
  if ban.banned ~= cjson.null then
    for _, fact in ipairs(ban_facts(keys, ban.person, ban.banned, ban.until_ms)) do entries[#entries + 1] = fact end
  end
  for who, state in pairs(ban.others or {}) do ban_place(keys, who, state, (ban.ends or {})[who] or ban.until_ms) end
  return #before > 0 and before or nil
end

-- Pin up and take down; returns what was there before. Adds entries.
local function repin(keys, pins, entries)
  local before = {}
  for _, pin in ipairs(pins) do
    before[#before + 1] = {pin[1], pin[2], redis.call('HGET', keys[BOARD], pin[2]) or ''}
    entries[#entries + 1] = put_on_board(keys, pin[1], pin[2], pin[3])
  end
  return before
end

-- These rows and those after them; nil when there are none.
local function with(rows, more)
  local all = rows or {}
  for _, row in ipairs(more) do all[#all + 1] = row end
  return #all > 0 and all or nil
end

local function set_slow_mode(keys, seconds, entries)
  local before = tonumber(redis.call('HGET', keys[ROOM], 'slow_mode_s') or '0')
  redis.call('HSET', keys[ROOM], 'slow_mode_s', seconds)
  if seconds == 0 then redis.call('DEL', keys[SPOKE]) end
  entries[#entries + 1] = {'f', cjson.encode({kind = 'slow_mode', seconds = seconds})}
  return before
end

-- Remember an action for its undo; the oldest goes.
local function record(keys, plan, before)
  local number = redis.call('HINCRBY', keys[RECORD], 'total', 1)
  local slot = 'slot:' .. number % RECORDED_TOTAL
  local old = redis.call('HGET', keys[RECORD], slot)
  if old then redis.call('HDEL', keys[RECORD], old, 'undone:' .. old) end
  redis.call('HSET', keys[RECORD], slot, plan.id, plan.id,
    '{"audit":' .. plan.audit .. ',"before":' .. cjson.encode(before) .. ',"keep":' .. plan.keep .. '}')
end

local function moderate(keys, args)
  local before = repeated(keys, args[1], args[2], args[3])
  if before then return before end
  local plan = cjson.decode(args[4])
  local refusal = objection(keys, plan)
  if refusal then return refusal end
  local now_ms, stepped = clock(keys)

  local was, entries, muted_until_ms = {}, {}, nil
  if plan.ban then was.ban = change_ban(keys, plan.ban, entries) end
  if plan.sanction then was.sanction, muted_until_ms = sanction(keys, now_ms, plan.sanction) end
  if plan.slow_s then was.slow_s = set_slow_mode(keys, plan.slow_s, entries) end
  if plan.board then was.board = repin(keys, plan.board, entries) end
  for _, fact in ipairs(plan.facts or {}) do entries[#entries + 1] = fact end
  if plan.keep then was.board = with(was.board, answered_questions(keys, entries)) end
  for _, field in ipairs(plan.forgets or {}) do redis.call('HDEL', keys[RECORD], field) end
  for field, value in pairs(plan.recalls or {}) do redis.call('HSET', keys[RECORD], field, value) end
  if plan.clears then forget_suspects(keys, {plan.clears}) end
  if plan.undoes then redis.call('HSET', keys[RECORD], 'undone:' .. plan.undoes, plan.id) end
  if plan.keep then record(keys, plan, was) end
  if muted_until_ms then
    plan.audit = string.sub(plan.audit, 1, -2) .. string.format(',"expires_at_ms":%.0f}', muted_until_ms)
  end
  local answer = string.format('{"action":%s,"expires_at_ms":%s}', cjson.encode(plan.id),
    string.match(plan.audit, '"expires_at_ms":(%d+)') or 'null')
  remember(keys, now_ms, args[1], args[2], args[3], answer)
  if not plan.quiet then table.insert(entries, 1, {'m', plan.audit}) end
  append(keys, now_ms, stepped, args[5], args[6], entries)
  return {'ok', answer}
end

redis.register_function('room_1_moderate', moderate)
