-- room_1_report: a viewer tells the moderators about a comment.
-- ARGS: person, idempotency key, hash of the body, comment id, comment JSON, why, text or '', seed, log's bound,
--       action id.
-- Reply: {'ok', number of people who reported it} | {'again'|'repeat', the same, not counted} | {'conflict'} |
--        {'full'}.
-- Keeps: a person counts once a comment, whatever keys they use; the case on the staff board and the audit entry
-- stand together; at most REPORTED_TOTAL comments wait, each with the words of the first TEXTS_TOTAL people.
local REPORTED_TOTAL, REPORTERS_TOTAL, TEXTS_TOTAL = 200, 500, 3
local REPORTED = 'staff:report:'

-- The case as it was, or a new one.
local function case_of(keys, name)
  local value = redis.call('HGET', keys[BOARD], name)
  if value then return cjson.decode(value) end
  return {whys = {}, total = 0, texts = {}}
end

-- The case as JSON; the comment stays as it came, and an empty list a list.
local function case_json(case, comment, now_ms)
  local texts = #case.texts > 0 and cjson.encode(case.texts) or '[]'
  return '{"comment":' .. comment .. ',"whys":' .. cjson.encode(case.whys) .. ',"total":' .. case.total ..
    ',"texts":' .. texts .. string.format(',"last_at_ms":%.0f}', now_ms)
end

local function report(keys, args)
  local before = repeated(keys, args[1], args[2], args[3])
  if before then return before end
  local now_ms, stepped = clock(keys)
  local name, by = REPORTED .. args[4], 'by:' .. args[4]
  local packed = redis.call('HGET', keys[RECORD], by)
  local reporters = packed and cjson.decode(packed) or {}
  local case = case_of(keys, name)
  if case.total == 0 and count_on_board(keys, REPORTED, now_ms) >= REPORTED_TOTAL then return {'full'} end
  for _, one in ipairs(reporters) do
    if one == args[1] then return {'again', case.total} end
  end
  if #reporters >= REPORTERS_TOTAL then return {'again', case.total} end

  reporters[#reporters + 1] = args[1]
  case.total = case.total + 1
  case.whys[args[6]] = (case.whys[args[6]] or 0) + 1
  if args[7] ~= '' and #case.texts < TEXTS_TOTAL then case.texts[#case.texts + 1] = args[7] end
  redis.call('HSET', keys[RECORD], by, cjson.encode(reporters))
  remember(keys, now_ms, args[1], args[2], args[3], case.total)
  local said = cjson.decode(args[5])
  local detail = {person = said.person, text = said.text, why = args[6], note = args[7], total = case.total}
  local audit = {kind = 'moderation', action = 'report', actor = args[1], target = args[4], action_id = args[10],
    detail = detail}
  append(keys, now_ms, stepped, args[8], args[9], {
    {'m', cjson.encode(audit)},
    put_on_board(keys, 'm', name, case_json(case, args[5], now_ms)),
  })
  return {'ok', case.total}
end

redis.register_function('room_1_report', report)
