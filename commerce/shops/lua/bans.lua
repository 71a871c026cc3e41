#!lua name=liveshop_bans_1
-- Copies a shop's bans to the room of one of its shows, where `comment` reads them.
--
-- bans_1_put
--   KEYS[1]  {show:ID}:bans   hash: person, device or address key -> "version|state" or "version|1|expires_at_ms",
--            state 1 banned, 0 lifted
--   ARGV     field, version, state, expires_at_ms or '' for good
--   Reply    1 when written, 0 when a version as new is there already.
-- Invariant: the version of a field never falls, in whatever order copies arrive.

local function put(keys, args)
  local kept = redis.call('HGET', keys[1], args[1])
  if kept and tonumber(string.match(kept, '^(%d+)|')) >= tonumber(args[2]) then return 0 end
  local ends = (args[4] and args[4] ~= '') and '|' .. args[4] or ''
  redis.call('HSET', keys[1], args[1], args[2] .. '|' .. args[3] .. ends)
  return 1
end

redis.register_function('bans_1_put', put)
