-- room_1_recall: was this key of this person answered before?
-- ARGS: person, idempotency key, hash of the body. Reply: {'none'} | {'repeat', answer} | {'conflict'}.
local function recall(keys, args)
  return repeated(keys, args[1], args[2], args[3]) or {'none'}
end

redis.register_function{function_name = 'room_1_recall', callback = recall, flags = {'no-writes'}}
