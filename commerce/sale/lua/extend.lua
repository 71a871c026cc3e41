-- sale_1_extend: move a live reservation's deadline later, to an absolute time.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {reservation, until_ms}
-- Reply done: the reservation. A time not later than its deadline changes nothing, so repeats are harmless.

desk.register('extend', function(d, argument)
  local reservation, code, facts = reservations.live(d, argument.reservation)
  if not reservation then return nil, code, facts end
  if not whole(argument.until_ms, 0, 1e14) then return nil, 'bad_request', { field = 'until_ms' } end
  if argument.until_ms > reservation.deadline_ms then
    reservation.deadline_ms = argument.until_ms
    desk.put(d, 'reservations', reservation.id, reservation)
    desk.score(d, 'deadlines', reservation.id, reservation.deadline_ms)
    local about = reservations.about(reservation)
    about.deadline_ms = reservation.deadline_ms
    ledger.add(d, 'extend', about)
  end
  return reservation
end)
