-- sale_1_freeze: close a shop whose keys are not what SQL knows, until it is rebuilt.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {reason}
-- Reply done: the reason that stands; one that was frozen before keeps its first.
-- Keeps: nothing is sold, held or moved while the shop is frozen.

desk.register('freeze', function(d, argument)
  if not d.frozen then
    d.frozen = argument.reason
    redis.call('HSET', d.keys.meta, 'frozen', d.frozen)
  end
  return d.frozen
end, { 'allow-oom' })
