#!lua name=liveshop_bans_1
-- Copies a shop's bans to the room of one of its shows, where `comment` reads them.
--
-- bans_1_put
--   KEYS[1]  {show:ID}:bans   hash: person -> "version|state", state 1 banned, 0 lifted
--   ARGV     person, version, state
--   Reply    1 when written, 0 when a version as new is there already.
-- Invariant: the version of a person's field never falls, in whatever order copies arrive.

local function put(keys, args)
  local kept = redis.call('HGET', keys[1], args[1])
  if kept and tonumber(string.match(kept, '^(%d+)|')) >= tonumber(args[2]) then return 0 end
  redis.call('HSET', keys[1], args[1], args[2] .. '|' .. args[3])
  return 1
end

redis.register_function('bans_1_put', put)
