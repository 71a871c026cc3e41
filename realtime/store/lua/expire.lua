-- room_1_expire: forget the held comments that nobody decided about in time.
-- ARGS: seed, log's bound in entries. Reply: {'ok', how many}.
-- Keeps: each is forgotten and told once, however many fronts notice; what has time left is not touched.
local function expire(keys, args)
  local now_ms, stepped = clock(keys)
  local _, over = count_on_board(keys, HELD, now_ms)
  if #over > 0 then append(keys, now_ms, stepped, args[1], args[2], expired(keys, over, args[1])) end
  return {'ok', #over}
end

redis.register_function('room_1_expire', expire)
