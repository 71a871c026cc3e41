-- room_1_board: pin a value up for everybody in the room, or take it down.
-- ARGS: actor, idempotency key, hash of the body, name, JSON value ('' takes it down), class of the fact ("f" for
--       everybody, "m" for staff), audit entry as JSON without time and place ('' for none), seed, log's bound.
-- Reply: {'ok'|'repeat', ''} | {'conflict'}.
-- Keeps: the board holds for each name what the newest fact of that name says, however much of the log was
-- trimmed; the fact and its audit entry stand together; a repeated key is one change.
local function board(keys, args)
  local before = repeated(keys, args[1], args[2], args[3])
  if before then return before end
  local now_ms, stepped = clock(keys)
  remember(keys, now_ms, args[1], args[2], args[3], '')
  local entries = {put_on_board(keys, args[6], args[4], args[5])}
  if args[7] ~= '' then entries[2] = {'m', args[7]} end
  append(keys, now_ms, stepped, args[8], args[9], entries)
  return {'ok', ''}
end

redis.register_function('room_1_board', board)
