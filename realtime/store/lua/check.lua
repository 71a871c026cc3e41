-- room_1_check: is this position a place in this log?
-- ARGS: epoch, offset, tag. Reply: {word, epoch, offset, tag} with the log's own last place; the word is
-- 'same' (the entry there has this tag), 'trimmed' (this log, but the entry is gone), 'other' (another log, or
-- the same one restored to an older state), 'none' (no log).
local function check(keys, args)
  local has = redis.call('HMGET', keys[ROOM], 'epoch', 'offset', 'tag')
  if not has[1] then return {'none', '', 0, ''} end
  local offset, last = tonumber(args[2]), tonumber(has[2])
  local word = 'other'
  if has[1] == args[1] and offset <= last then
    if offset == 0 then
      word = 'same'
    else
      local id = string.format('%.0f-0', offset)
      local found = redis.call('XRANGE', keys[LOG], id, id)[1]
      if not found then
        word = 'trimmed'
      else
        for i = 1, #found[2], 2 do
          if found[2][i] == 'g' and found[2][i + 1] == args[3] then word = 'same' end
        end
      end
    end
  end
  return {word, has[1], last, has[3] or ''}
end

redis.register_function{function_name = 'room_1_check', callback = check, flags = {'no-writes'}}
