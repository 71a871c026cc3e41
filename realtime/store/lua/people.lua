-- room_1_people: what the room knows of some people.
-- ARGS: person, device or '', address key or ''; and so on for the next person.
-- Reply: a row for each: {name or '', muted_until_ms (0 when not muted now), ban state of the three (0 free, 1 banned,
-- 2 only watched for), 1 when shadow-banned, warning not acknowledged as JSON {action, message} or '', the device and
-- the address key they last spoke from, or '', JSON of their votes: question (also one that is down) or poll that is
-- up -> choice}.
local function person(keys, id, device, address_key)
  local muted_until_ms, marks = sanctions_of(keys, id), marks_of(keys, id)
  if muted_until_ms <= clock(keys) then muted_until_ms = 0 end
  return {redis.call('HGET', keys[NAMES], id) or '', muted_until_ms,
    tonumber(ban_state(keys, id, device, address_key)), marks.shadow and 1 or 0, marks.warn or '',
    marks.device or '', marks.address or '', told_votes(keys, id)}
end

local function people(keys, args)
  local rows = {}
  for first = 1, #args, 3 do
    rows[#rows + 1] = person(keys, args[first], args[first + 1], args[first + 2])
  end
  return rows
end

redis.register_function{function_name = 'room_1_people', callback = people, flags = {'no-writes'}}
