-- room_1_open: the log's last place; creates the log when there is none.
-- ARGS: new epoch (random), then pairs: source stream key, its newest id read just before the snapshot.
-- Reply: {'open', epoch, offset, tag, slow_mode_s, now_ms, likes, number of sources, then pairs source, last id
-- copied, then pairs name, JSON of the board}.
-- Keeps: an existing log's epoch, offset and sources are never touched; a source it does not know starts at the
-- id given. So whoever opens first decides, and everybody who opens later agrees.
local function open(keys, args)
  local epoch = redis.call('HGET', keys[ROOM], 'epoch')
  if not epoch then
    epoch = args[1]
    redis.call('HSET', keys[ROOM], 'epoch', epoch)
    -- A moderator's call over HTTP may have come before the first viewer.
    redis.call('HSETNX', keys[ROOM], 'offset', '0')
    redis.call('HSETNX', keys[ROOM], 'tag', '')
  end
  local sources = {}
  for i = 2, #args, 2 do
    redis.call('HSETNX', keys[ROOM], 'src:' .. args[i], args[i + 1])
    sources[#sources + 1] = args[i]
    sources[#sources + 1] = redis.call('HGET', keys[ROOM], 'src:' .. args[i])
  end
  local has = redis.call('HMGET', keys[ROOM], 'offset', 'tag', 'slow_mode_s', 'likes')
  local now_ms = clock(keys)
  local reply = {'open', epoch, tonumber(has[1]), has[2] or '', tonumber(has[3] or '0'), now_ms,
    tonumber(has[4] or '0'), #sources / 2}
  for _, word in ipairs(sources) do reply[#reply + 1] = word end
  for _, word in ipairs(redis.call('HGETALL', keys[BOARD])) do reply[#reply + 1] = word end
  return reply
end

redis.register_function('room_1_open', open)
