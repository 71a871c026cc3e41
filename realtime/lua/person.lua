-- room_1_person: what the room knows of a person.
-- ARGS: person. Reply: {'person', name or '', muted_until_ms (0 when not muted now), banned 0|1}.
local function person(keys, args)
  local muted_until_ms, banned = sanctions_of(keys, args[1]), ban_of(keys, args[1])
  if muted_until_ms <= clock(keys) then muted_until_ms = 0 end
  return {'person', redis.call('HGET', keys[NAMES], args[1]) or '', muted_until_ms, banned and 1 or 0}
end

redis.register_function{function_name = 'room_1_person', callback = person, flags = {'no-writes'}}
