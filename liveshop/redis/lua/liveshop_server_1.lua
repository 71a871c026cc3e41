#!lua name=liveshop_server_1
-- What the processes of one server tell each other: who lives, and who may run a job. All keys have the tag {server}.
-- Time is Redis' own (TIME), in milliseconds. Nothing here is written twice by a repeated call.

local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- beat: a process says that it lives.
-- KEYS 1 {server}:processes (hash: name -> "beat_ms home boot_id {json}")
-- ARGV 1 name, 2 home (random id of the machine's server), 3 boot id, 4 JSON description, 5 time to live in ms
-- Replies 1, or 0 if a living process of another home has the name: then nothing is changed.
-- Invariant: a name belongs to one home at a time; within it to the latest boot.
redis.register_function('server_1_beat', function(keys, args)
  local now = now_ms()
  local old = redis.call('HGET', keys[1], args[1])
  if old then
    local beat, home, boot = string.match(old, '^(%d+) (%S+) (%S+) ')
    if home ~= args[2] and now - tonumber(beat) < tonumber(args[5]) then
      return 0
    end
    if boot ~= args[3] then
      redis.call('PUBLISH', keys[1] .. ':wake', args[1])
    end
  else
    redis.call('PUBLISH', keys[1] .. ':wake', args[1])
  end
  redis.call('HSET', keys[1], args[1], string.format('%.0f', now) .. ' ' .. args[2] .. ' ' .. args[3] .. ' ' .. args[4])
  return 1
end)

-- gone: a process ended, said by itself or by its supervisor.
-- KEYS 1 {server}:processes   ARGV 1 name, 2 boot id
-- Replies 1 if that boot was registered, else 0 and nothing is changed (a newer one may have the name).
redis.register_function('server_1_gone', function(keys, args)
  local old = redis.call('HGET', keys[1], args[1])
  if not old then
    return 0
  end
  local _, _, boot = string.match(old, '^(%d+) (%S+) (%S+) ')
  if boot ~= args[2] then
    return 0
  end
  redis.call('HDEL', keys[1], args[1])
  redis.call('PUBLISH', keys[1] .. ':wake', args[1])
  return 1
end)

-- living: who lives.
-- KEYS 1 {server}:processes   ARGV 1 time to live in ms
-- Replies a flat list: name, value, name, value, of the processes that beat within that time.
redis.register_function{
  function_name = 'server_1_living',
  callback = function(keys, args)
    local now = now_ms()
    local all = redis.call('HGETALL', keys[1])
    local out = {}
    for i = 1, #all, 2 do
      local beat = string.match(all[i + 1], '^(%d+) ')
      if beat and now - tonumber(beat) < tonumber(args[1]) then
        out[#out + 1] = all[i]
        out[#out + 1] = all[i + 1]
      end
    end
    return out
  end,
  flags = {'no-writes'},
}

-- lease_take: take a lease, or keep one that is held.
-- KEYS 1 {server}:leases (hash: name -> "until_ms fence holder")
-- ARGV 1 name, 2 holder, 3 length in ms
-- Replies the fencing number (> 0), or 0 if somebody else holds it: then nothing is changed.
-- Invariant: the fencing number rises with every change of holder and never falls.
redis.register_function('server_1_lease_take', function(keys, args)
  local now = now_ms()
  local old = redis.call('HGET', keys[1], args[1])
  local fence = 0
  if old then
    local until_ms, number, holder = string.match(old, '^(%d+) (%d+) (%S+)$')
    fence = tonumber(number)
    if holder ~= args[2] and tonumber(until_ms) > now then
      return 0
    end
    if holder ~= args[2] then
      fence = fence + 1
    end
  else
    fence = 1
  end
  local until_new = string.format('%.0f', now + tonumber(args[3]))
  redis.call('HSET', keys[1], args[1], until_new .. ' ' .. string.format('%.0f', fence) .. ' ' .. args[2])
  return fence
end)

-- lease_free: give a lease back early.
-- KEYS 1 {server}:leases   ARGV 1 name, 2 holder
-- Replies 1 if the holder had it, else 0 and nothing is changed. The fencing number stays.
redis.register_function('server_1_lease_free', function(keys, args)
  local old = redis.call('HGET', keys[1], args[1])
  if not old then
    return 0
  end
  local _, number, holder = string.match(old, '^(%d+) (%d+) (%S+)$')
  if holder ~= args[2] then
    return 0
  end
  redis.call('HSET', keys[1], args[1], '0 ' .. number .. ' ' .. holder)
  return 1
end)

-- leases_drop: take all leases from a holder that is known to be dead.
-- KEYS 1 {server}:leases   ARGV 1 holder
-- Replies how many were taken. The fencing numbers stay.
redis.register_function('server_1_leases_drop', function(keys, args)
  local all = redis.call('HGETALL', keys[1])
  local dropped = 0
  for i = 1, #all, 2 do
    local until_ms, number, holder = string.match(all[i + 1], '^(%d+) (%d+) (%S+)$')
    if holder == args[1] and until_ms ~= '0' then
      redis.call('HSET', keys[1], all[i], '0 ' .. number .. ' ' .. holder)
      dropped = dropped + 1
    end
  end
  return dropped
end)
