-- sale_1_read: reservations as they stand by the shop's clock, and that clock.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {reservations: [id]}, {person}, {people: [id]} or {}
-- Reply done: {time_ms, reservations, waits, held}: a person's live ones and their places in waitlists, or the
--         reservations named that exist; `held` is {reservations, waits} of each of `people` that has any, by id.
-- Writes nothing; one past its deadline reads as expired, swept or not.

local function ids_of(d, person_id)
  local ids, known = {}, {}
  local person = person_id and desk.get(d, 'people', person_id)
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

local function standing(d, ids)
  local found = {}
  for _, id in ipairs(ids) do
    local reservation = desk.get(d, 'reservations', id)
    if reservation then
      if reservations.is_live(reservation) and reservation.deadline_ms <= d.now_ms then
        reservation.state, reservation.ended_at_ms = 'expired', reservation.deadline_ms
      end
      found[#found + 1] = reservation
    end
  end
  return found
end

local function held_by(d, people_ids)
  local held = {}
  for _, id in ipairs(people_ids) do
    local found, waits = standing(d, ids_of(d, id)), places_of(d, id)
    if #found + #waits > 0 then held[id] = { reservations = found, waits = waits } end
  end
  return next(held) and held -- an empty table would be packed as a list
end

desk.register('read', function(d, argument)
  return {
    time_ms = d.now_ms,
    reservations = standing(d, argument.reservations or ids_of(d, argument.person)),
    waits = places_of(d, argument.person),
    held = argument.people and held_by(d, argument.people) or nil,
  }
end, { 'no-writes' })
