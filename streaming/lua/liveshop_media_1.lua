#!lua name=liveshop_media_1
-- Which media process carries a show, and the stream of what happens to its media. Keys of one show only:
--   KEYS 1 {show:ID}:owner  hash: process, boot, fence, until_ms, number, published, ended
--   KEYS 2 {show:ID}:media  stream: kind, show, at_ms, process, number
-- Time is Redis' own (TIME), in milliseconds. The lease only steers new requests; media flows without it.
-- Invariant: `fence` grows by one with each change of owner, and only the holder of the present one appends.

local KEEP_MS = 30 * 24 * 3600 * 1000
local MAX_EVENTS = 1000

local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function show_of(key)
  return string.match(key, '^{show:(.*)}:owner$')
end

local function add(keys, kind, at_ms, process, number)
  redis.call('XADD', keys[2], 'MAXLEN', '~', MAX_EVENTS, '*', 'kind', kind, 'show', show_of(keys[1]),
    'at_ms', string.format('%.0f', at_ms), 'process', process, 'number', number)
  redis.call('PUBLISH', keys[2] .. ':wake', kind)
end

local function read(key)
  local values = redis.call('HMGET', key, 'process', 'boot', 'fence', 'until_ms', 'published', 'ended', 'number')
  return {
    process = values[1], boot = values[2], fence = tonumber(values[3] or '0'),
    until_ms = tonumber(values[4] or '0'), published = values[5], ended = values[6],
    number = tonumber(values[7] or '0'),
  }
end

-- media_1_claim: take or look up a show.
-- ARGV 1 process, 2 boot id, 3 "1" for a publisher, 4 length of the lease in ms, 5 for how many ms a lease may
--   have lapsed and is left to its owner, who may not have reached Redis; not one that was given back (older
--   callers send none)
-- Replies {state, process, fence}: "ended"; "never" (not published, and this is no publisher); "ours";
-- "moved" (ours since now, and another's before: media_moved is appended); "elsewhere" (a living owner,
-- or one that may live).
-- A lease of the same process but another boot is void at once: that boot has lost the UDP port.
-- Invariant: a show once published stays published; an ended one has no owner again.
redis.register_function('media_1_claim', function(keys, args)
  local now, owner = now_ms(), read(keys[1])
  if owner.ended then return {'ended', '', '0'} end
  local process, boot = args[1], args[2]
  if owner.boot == boot then
    redis.call('HSET', keys[1], 'until_ms', string.format('%.0f', now + tonumber(args[4])))
    return {'ours', process, tostring(owner.fence)}
  end
  local lives = owner.until_ms > 0 and owner.until_ms > now - tonumber(args[5] or '0')
  if owner.process and owner.process ~= process and lives then
    return {'elsewhere', owner.process, tostring(owner.fence)}
  end
  if not owner.published and args[3] ~= '1' then return {'never', '', '0'} end
  local fence = owner.fence + 1
  redis.call('HSET', keys[1], 'process', process, 'boot', boot, 'fence', fence, 'published', '1', 'number', '0',
    'until_ms', string.format('%.0f', now + tonumber(args[4])))
  if not owner.published then return {'ours', process, tostring(fence)} end
  add(keys, 'media_moved', now, process, '0')
  return {'moved', process, tostring(fence)}
end)

-- media_1_renew: the owner lives.
-- ARGV 1 fence, 2 boot id, 3 length of the lease in ms, 4 process (older callers send none)
-- Replies 1; 2 when Redis had lost the record, and it is written anew under the same fence; 0 when somebody else
-- owns the show, or it ended: nothing is changed.
redis.register_function('media_1_renew', function(keys, args)
  local owner = read(keys[1])
  local until_ms = string.format('%.0f', now_ms() + tonumber(args[3]))
  if args[4] and not owner.process and not owner.ended then
    redis.call('HSET', keys[1], 'process', args[4], 'boot', args[2], 'fence', args[1], 'published', '1', 'number', '0',
      'until_ms', until_ms)
    return 2
  end
  if owner.ended or owner.boot ~= args[2] or tostring(owner.fence) ~= args[1] then return 0 end
  redis.call('HSET', keys[1], 'until_ms', until_ms)
  return 1
end)

-- media_1_append: the owner says what happened.
-- ARGV 1 fence, 2 boot id, 3 number (grows by the owner's count), 4 kind, 5 time in ms, 6 process
-- Replies 1; 0 when this is not the owner, or the number is not newer than the last (a repeat): nothing changed.
redis.register_function('media_1_append', function(keys, args)
  local owner = read(keys[1])
  if owner.boot ~= args[2] or tostring(owner.fence) ~= args[1] then return 0 end
  local number = tonumber(args[3])
  if number <= owner.number then return 0 end
  redis.call('HSET', keys[1], 'number', args[3])
  add(keys, args[4], tonumber(args[5]), args[6], args[3])
  return 1
end)

-- media_1_leave: the owner ends in good order; the next request finds no living owner.
-- ARGV 1 fence, 2 boot id
-- Replies 1, or 0 when it was not the owner.
redis.register_function('media_1_leave', function(keys, args)
  local owner = read(keys[1])
  if owner.boot ~= args[2] or tostring(owner.fence) ~= args[1] then return 0 end
  redis.call('HSET', keys[1], 'until_ms', '0')
  return 1
end)

-- media_1_end: the show is over, whoever owns it.
-- ARGV 1 process that was told
-- Replies 1, or 0 when it had ended before: nothing is changed.
-- Invariant: `ended` is appended once.
redis.register_function('media_1_end', function(keys, args)
  local owner = read(keys[1])
  if owner.ended then return 0 end
  redis.call('HSET', keys[1], 'ended', '1', 'until_ms', '0')
  add(keys, 'ended', now_ms(), args[1], tostring(owner.number + 1))
  redis.call('PEXPIRE', keys[1], KEEP_MS)
  redis.call('PEXPIRE', keys[2], KEEP_MS)
  return 1
end)
