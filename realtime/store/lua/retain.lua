-- room_1_retain: let the whole room go after this time (30 days after the show), names included.
-- ARGS: ttl_ms. Reply: {'ok'}. Keeps: all keys of the room go together; a later call sets the time anew.
local function retain(keys, args)
  for _, key in ipairs(keys) do redis.call('PEXPIRE', key, args[1]) end
  return {'ok'}
end

redis.register_function('room_1_retain', retain)
