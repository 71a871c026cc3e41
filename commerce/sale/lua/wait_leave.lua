-- sale_1_wait_leave: give up a place in a pool's waitlist.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {person, pool}
-- Reply done: true, or false when there was no place (any more). An offer made before stands until it ends.

desk.register('wait_leave', function(d, argument)
  reservations.settle(d)
  return waitlist.remove(d, argument.pool, argument.person) ~= nil
end, { 'allow-oom' })
