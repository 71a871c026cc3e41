-- room_1_name_all: have a name in the room for each of some people; a taken one gets a number.
-- ARGS: person, name, folded name, 1 when staff; and so on for the next person.
-- Reply: {'ok'}.
-- Keeps: two people of a room never have the same folded name; a staff member's name goes to them.
local function take_all(keys, args)
  for first = 1, #args, 4 do
    local person = args[first]
    local name, folded = free_name(keys, person, args[first + 1], args[first + 2], args[first + 3] == '1')
    take_name(keys, person, name, folded)
  end
  return {'ok'}
end

redis.register_function('room_1_name_all', take_all)
