-- room_1_person: what the room knows of a person.
-- ARGS: person, device or '', address key or ''.
-- Reply: {'person', name or '', muted_until_ms (0 when not muted now), ban state of the three (0 free, 1 banned, 2
-- only watched for), 1 when shadow-banned, warning not acknowledged as JSON {action, message} or '', the device and the
-- address key they last spoke from, or '', JSON of their votes for what is pinned up: question or poll -> choice}.
local function person(keys, args)
  local muted_until_ms, marks = sanctions_of(keys, args[1]), marks_of(keys, args[1])
  if muted_until_ms <= clock(keys) then muted_until_ms = 0 end
  return {'person', redis.call('HGET', keys[NAMES], args[1]) or '', muted_until_ms,
    tonumber(ban_state(keys, args[1], args[2], args[3])), marks.shadow and 1 or 0, marks.warn or '',
    marks.device or '', marks.address or '', living_votes(keys, args[1])}
end

redis.register_function{function_name = 'room_1_person', callback = person, flags = {'no-writes'}}
