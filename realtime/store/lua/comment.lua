-- room_1_comment: say something.
-- ARGS: person, idempotency key, hash of the body, comment JSON without name and time, wanted name, folded name,
--       1 when staff, seed, log's bound in entries, device or '', address key or '', why it is held as a JSON array
--       ('' when it is not), ms until a held one expires, signs of suspicion with commas between, 1 when what suspects
--       say is held.
-- Reply: {'ok'|'repeat', JSON {comment, pending: whether it is held}} | {'conflict'} | {'banned'} |
--        {'muted', until_ms} | {'warned', JSON {action, message}} | {'slow', wait_ms, slow_mode_s} | {'full'} |
--        {'asked_enough', how many of one's own questions may be open} | {'questions_full'}.
-- Keeps: a repeated key is one comment; nobody banned (themselves, their device, their address), timed out or with a
-- warning not acknowledged speaks (staff may share a device or an address with whom they banned); in slow mode one
-- comment per person and interval (staff are exempt); two people of a room never have the same folded name; a held
-- comment and one of a shadow-banned person reach staff only; at most HELD_TOTAL wait. A comment that is a question is
-- pinned up in the same step, and only within the bounds of asking.lua. Signs count when the comment is said.
local HELD_TOTAL = 200

-- Why the person may not speak now, as a reply, or nil.
local function silenced(keys, now_ms, person, marks, args)
  local others = args[7] ~= '1'
  if ban_state(keys, person, others and args[10] or '', others and args[11] or '') == '1' then return {'banned'} end
  local muted_until_ms = sanctions_of(keys, person)
  if muted_until_ms > now_ms then return {'muted', muted_until_ms} end
  if marks.warn then return {'warned', marks.warn} end
  return nil
end

-- Why a comment is held, as a JSON array, with one reason more.
local function held_too(whys, why)
  return (whys == '' and '[' or string.sub(whys, 1, -2) .. ',') .. cjson.encode(why) .. ']'
end

-- The log's entries of what was said, by whom it may be heard.
local function entries_of(keys, now_ms, marks, body, said, args)
  if args[12] ~= '' then
    local comment = cjson.decode(args[4])
    local ends_ms = string.format('%.0f', now_ms + tonumber(args[13]))
    local value = '{"comment":' .. said .. ',"why":' .. args[12] .. ',"expires_at_ms":' .. ends_ms .. '}'
    local audit = '{"kind":"moderation","action":"hold","actor":"system","target":' .. cjson.encode(comment.id) ..
      ',"action_id":"ma_' .. string.sub(redis.sha1hex(args[8]), 1, 16) .. '","expires_at_ms":' .. ends_ms ..
      ',"detail":{"person":' .. cjson.encode(args[1]) .. ',"text":' .. cjson.encode(comment.text) ..
      ',"why":' .. args[12] .. '}}'
    return {put_on_board(keys, 'm', HELD .. comment.id, value), {'m', audit}}
  end
  if marks.shadow then return {{'m', '{"kind":"shadowed","comment":' .. said .. '}'}} end
  return {{'t', body}}
end

local function comment(keys, args)
  local person, key, body_hash, staff = args[1], args[2], args[3], args[7] == '1'
  local before = repeated(keys, person, key, body_hash)
  if before then return before end
  local now_ms, stepped = clock(keys)
  local marks = marks_of(keys, person)
  local refusal = silenced(keys, now_ms, person, marks, args)
  if refusal then return refusal end
  local slow_s = tonumber(redis.call('HGET', keys[ROOM], 'slow_mode_s') or '0')
  if slow_s > 0 and not staff then
    local wait_ms = tonumber(redis.call('HGET', keys[SPOKE], person) or '0') + slow_s * 1000 - now_ms
    if wait_ms > 0 then return {'slow', wait_ms, slow_s} end
  end
  local signs, one = args[14] or '', nil
  if signs ~= '' or args[15] == '1' then one = suspicion_of(keys, now_ms, person, signs) end
  if one and one.shown and args[15] == '1' then args[12] = held_too(args[12], 'suspect') end
  local held_total, over = 0, {}
  if args[12] ~= '' then held_total, over = count_on_board(keys, HELD, now_ms) end
  if held_total >= HELD_TOTAL then return {'full'} end
  local may_not_ask = args[12] == '' and not marks.shadow and asks_too_much(keys, now_ms, person, args[4], staff)
  if may_not_ask then return may_not_ask end
  local name, folded = free_name(keys, person, args[5], args[6], staff)

  take_name(keys, person, name, folded)
  if slow_s > 0 and not staff then
    redis.call('HSET', keys[SPOKE], person, string.format('%.0f', now_ms))
  end
  if args[10] ~= (marks.device or '') or args[11] ~= (marks.address or '') then
    marks.device, marks.address = args[10], args[11]
    set_marks(keys, person, marks)
  end
  local body = string.sub(args[4], 1, -2) .. ',"name":' .. cjson.encode(name) .. '}'
  local said = string.sub(body, 1, -2) .. string.format(',"at_ms":%.0f}', now_ms)
  local answer = '{"comment":' .. said .. ',"pending":' .. tostring(args[12] ~= '') .. '}'
  remember(keys, now_ms, person, key, body_hash, answer)
  local entries = entries_of(keys, now_ms, marks, body, said, args)
  for _, entry in ipairs(expired(keys, over, args[8])) do entries[#entries + 1] = entry end
  for _, entry in ipairs(one and note_suspicion(keys, now_ms, person, name, one, args[8]) or {}) do
    entries[#entries + 1] = entry
  end
  append(keys, now_ms, stepped, args[8], args[9], entries)
  return {'ok', answer}
end

redis.register_function('room_1_comment', comment)
