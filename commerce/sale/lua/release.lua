-- sale_1_release: give a reservation's units back.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {reservation, person (nil: the system), while_paying}
-- Reply done: the reservation. One released or expired before is answered as it ended.
-- Keeps: units go back once. Units of a closed sale go to the main pool.

desk.register('release', function(d, argument)
  reservations.settle(d)
  local reservation = reservations.get(d, argument.reservation)
  if not reservation then return nil, 'no_such_reservation', { reservation = argument.reservation } end
  if argument.person and argument.person ~= reservation.person then
    return nil, 'not_yours', { reservation = reservation.id }
  end
  if reservation.state == 'committed' then
    return nil, 'reservation_ended', { reservation = reservation.id, state = 'committed' }
  end
  if reservation.state == 'paying' and not argument.while_paying then
    return nil, 'already_paying', { reservation = reservation.id, order = reservation.order }
  end
  if reservations.is_live(reservation) then
    reservations.finish(d, reservation, 'released', 'release')
  end
  return reservation
end, { 'allow-oom' })
