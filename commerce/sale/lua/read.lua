-- sale_1_read: reservations as they stand by the shop's clock, and that clock.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {reservations: [id]} or {person} or {}
-- Reply done: {time_ms, reservations, waits}: a person's live ones and their places in waitlists, or the
--         reservations named that exist.
-- Writes nothing; one past its deadline reads as expired, swept or not.

local function ids_of(d, argument)
  if argument.reservations then return argument.reservations end
  local ids, known = {}, {}
  local person = argument.person and desk.get(d, 'people', argument.person)
  for _, list in pairs(person and person.holds or {}) do
    for _, id in ipairs(list) do
      if not known[id] then ids[#ids + 1] = id end
      known[id] = true
    end
  end
  return ids
end

local function places_of(d, person_id)
  local places = {}
  local person = person_id and desk.get(d, 'people', person_id)
  for pool_id, wait in pairs(person and waitlist.of(d, person) or {}) do
    local position = waitlist.position(d, pool_id, wait, person_id)
    places[#places + 1] = waitlist.view(pool_id, wait, position)
  end
  return places
end

desk.register('read', function(d, argument)
  local found = {}
  for _, id in ipairs(ids_of(d, argument)) do
    local reservation = desk.get(d, 'reservations', id)
    if reservation then
      if reservations.is_live(reservation) and reservation.deadline_ms <= d.now_ms then
        reservation.state, reservation.ended_at_ms = 'expired', reservation.deadline_ms
      end
      found[#found + 1] = reservation
    end
  end
  return { time_ms = d.now_ms, reservations = found, waits = places_of(d, argument.person) }
end, { 'no-writes' })
