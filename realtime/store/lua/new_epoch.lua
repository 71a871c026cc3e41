-- room_1_new_epoch: give the log a new epoch after an older state of it was restored.
-- ARGS: the old epoch, the new one (random), then pairs: source stream key, id to go on from.
-- Reply: {'ok'|'elsewhere', epoch, offset, tag}. Compare and set: of many that notice, one sets it.
-- Keeps: offsets go on counting, so no position of the old epoch can be mistaken for one of the new.
local function new_epoch(keys, args)
  local has = redis.call('HMGET', keys[ROOM], 'epoch', 'offset', 'tag')
  local word, epoch = 'elsewhere', has[1] or ''
  if has[1] == args[1] then
    word, epoch = 'ok', args[2]
    redis.call('HSET', keys[ROOM], 'epoch', epoch)
    for i = 3, #args, 2 do redis.call('HSET', keys[ROOM], 'src:' .. args[i], args[i + 1]) end
    redis.call('SPUBLISH', keys[LOG] .. ':wake', 0)
  end
  return {word, epoch, tonumber(has[2] or '0'), has[3] or ''}
end

redis.register_function('room_1_new_epoch', new_epoch)
