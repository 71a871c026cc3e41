-- room_1_strike: count a strike against a person.
-- ARGS: person, idempotency key of the message that earned it, ms after which the strikes before are forgotten.
-- Reply: {'ok'|'repeat', strikes now}.
-- Keeps: one message is one strike, however often it is sent; strikes go when none came for the time given.
local function strike(keys, args)
  local marks = marks_of(keys, args[1])
  local now_ms = clock(keys)
  local fresh = marks.struck_ms and now_ms - marks.struck_ms < tonumber(args[3])
  local strikes = fresh and marks.strikes or 0
  if fresh and marks.struck_for == args[2] then return {'repeat', strikes} end
  marks.strikes, marks.struck_ms, marks.struck_for = strikes + 1, now_ms, args[2]
  set_marks(keys, args[1], marks)
  return {'ok', strikes + 1}
end

redis.register_function('room_1_strike', strike)
