-- room_1_append: copy facts of a source stream into the log, each exactly once, in source order.
-- ARGS: source stream key, the id it was read after, the id read up to, seed, log's bound in entries,
--       then pairs: class ("f", "m", or "b" for a ban of a person), JSON object without time and place.
-- Reply: {'ok', offset} or {'elsewhere', last id copied} when the source was not copied exactly up to the id it
-- was read after: another announcer was faster, or an older state was restored; go on from that id.
-- Keeps: a source entry is in the log once, whoever copies it and however often the call is repeated.
local function copy(keys, args)
  local field = 'src:' .. args[1]
  local last = redis.call('HGET', keys[ROOM], field)
  if not last or last ~= args[2] then return {'elsewhere', last or ''} end
  local now_ms, stepped = clock(keys)
  local entries = {}
  for i = 6, #args, 2 do
    if args[i] == 'b' then
      local ban = cjson.decode(args[i + 1])
      for _, entry in ipairs(ban_facts(keys, ban.person, true, ban.until_ms or 0)) do
        entries[#entries + 1] = entry
      end
    else
      entries[#entries + 1] = {args[i], args[i + 1]}
    end
  end
  redis.call('HSET', keys[ROOM], field, args[3])
  return {'ok', append(keys, now_ms, stepped, args[4], args[5], entries)}
end

redis.register_function('room_1_append', copy)
