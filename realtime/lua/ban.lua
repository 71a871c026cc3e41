-- room_1_ban: ban a person from this room or lift it (which also lifts a timeout).
-- ARGS: actor, idempotency key, hash of the body, person, 1 to ban or 0 to lift, reason or '', seed, log's bound.
-- Reply: {'ok'|'repeat', ''} | {'conflict'}.
-- Keeps: commerce decides bans and copies them here with a version; this call makes one felt at once and says
-- it once, and who did it stands in the log even when the copy was here first. The version stays as it is, so
-- commerce's next copy always wins.
local function ban(keys, args)
  local before = repeated(keys, args[1], args[2], args[3])
  if before then return before end
  local now_ms, stepped = clock(keys)
  local banned = args[5] == '1'
  local entries = ban_entries(keys, args[4], banned, args[1], args[6])
  if banned and #entries == 0 then entries = {audit('ban', args[1], args[4], because(args[6]))} end
  remember(keys, now_ms, args[1], args[2], args[3], '')
  append(keys, now_ms, stepped, args[7], args[8], entries)
  return {'ok', ''}
end

redis.register_function('room_1_ban', ban)
