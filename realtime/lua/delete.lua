-- room_1_delete: delete a comment.
-- ARGS: actor, idempotency key, hash of the body, comment id, seed, log's bound in entries.
-- Reply: {'ok', ''} | {'repeat', ''} | {'conflict'}.
-- Keeps: the fact and its audit entry stand together; a repeated key is one deletion.
local function delete(keys, args)
  local before = repeated(keys, args[1], args[2], args[3])
  if before then return before end
  local now_ms, stepped = clock(keys)
  remember(keys, now_ms, args[1], args[2], args[3], '')
  append(keys, now_ms, stepped, args[5], args[6], {
    {'f', cjson.encode({kind = 'comment_deleted', comment = args[4]})},
    audit('delete', args[1], args[4]),
  })
  return {'ok', ''}
end

redis.register_function('room_1_delete', delete)
