-- room_1_sign: signs of suspicion about people who say nothing with them.
-- ARGS: seed, log's bound in entries, then for each: person, shown name or '', signs with commas between.
-- Reply: {'ok'}.
-- Keeps: a person's score is the same whichever front saw the signs; they are shown to staff once; at most
-- WATCHED_TOTAL people are remembered, and all are forgotten WATCHED_MS after the last sign.
local function sign(keys, args)
  local now_ms, stepped = clock(keys)
  local entries = {}
  for i = 3, #args, 3 do
    local one = suspicion_of(keys, now_ms, args[i], args[i + 2])
    for _, entry in ipairs(note_suspicion(keys, now_ms, args[i], args[i + 1], one, args[1])) do
      entries[#entries + 1] = entry
    end
  end
  if #entries > 0 then append(keys, now_ms, stepped, args[1], args[2], entries) end
  return {'ok'}
end

redis.register_function('room_1_sign', sign)
