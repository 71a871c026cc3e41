-- room_1_ban: ban a person from this room or lift it (which also lifts a timeout).
-- ARGS: actor, idempotency key, hash of the body, person, 1 to ban or 0 to lift, reason or '', seed, log's bound.
-- Reply: {'ok'|'repeat', ''} | {'conflict'}.
-- Keeps: commerce decides bans and copies them here with a version; this call makes one felt at once and says
-- it once. The version stays as it is, so commerce's next copy always wins.
local function ban(keys, args)
  local before = repeated(keys, args[1], args[2], args[3])
  if before then return before end
  local now_ms, stepped = clock(keys)
  local entries = ban_entries(keys, args[4], args[5] == '1', args[1], args[6])
  remember(keys, now_ms, args[1], args[2], args[3], '')
  append(keys, now_ms, stepped, args[7], args[8], entries)
  return {'ok', ''}
end

redis.register_function('room_1_ban', ban)
