-- room_1_name: take the name shown in the room.
-- ARGS: person, name, folded name, 1 when staff.
-- Reply: {'ok', name} | {'taken'}.
-- Keeps: two people of a room never have the same folded name; a staff member's name goes to them.
local function take(keys, args)
  local name, folded = free_name(keys, args[1], args[2], args[3], args[4] == '1')
  if folded ~= args[3] then return {'taken'} end
  take_name(keys, args[1], name, folded)
  return {'ok', name}
end

redis.register_function('room_1_name', take)
