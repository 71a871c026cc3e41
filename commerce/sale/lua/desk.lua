-- desk: one call's unit of work. Records are read once, changed in memory, and written by desk.close only
-- after the whole operation was judged; so a refusal, and even a Lua error, leaves Redis untouched.
-- Also the clock: TIME is read here and nowhere else.
-- Invariant kept by desk.close: no pool is written whose units do not add up.

-- The declared keys of a shop, in the order of commerce/sale/keys.py.
local KEY_NAMES = {
  'meta', 'pools', 'reservations', 'deadlines', 'people', 'prices', 'sales', 'sale_ends', 'bans', 'limits',
  'operations', 'ended', 'due', 'waitlist', 'ledger',
}
local DAY_MS = 24 * 3600 * 1000
-- TIME may fall this far behind the highest time seen before the clock is said to have stepped back.
local CLOCK_SLACK_MS = 5000
-- HSET and ZADD take their arguments from Lua's C stack, which holds 8000.
local WRITE_WORDS = 1000

local desk = {}
local ledger = {}
local waitlist = {}

-- Reads `meta`: the highest time seen, how many calls have written, and why the shop is frozen, if it is.
-- The shop's clock is that highest time, unless TIME is more than the slack behind it.
local function read_meta(d)
  local meta = redis.call('HMGET', d.keys.meta, 'time_ms', 'writes', 'frozen')
  d.writes, d.frozen = tonumber(meta[2] or nil) or 0, meta[3] or nil
  local time = redis.call('TIME')
  local time_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  local highest_ms = tonumber(meta[1] or nil)
  d.now_ms = time_ms
  if highest_ms and time_ms < highest_ms then
    if highest_ms - time_ms <= CLOCK_SLACK_MS then
      d.now_ms = highest_ms
    else
      d.stepped_from_ms = highest_ms
    end
  end
  d.highest_ms = highest_ms
end

function desk.open(keys, args)
  local argument = cmsgpack.unpack(args[1])
  local d = { keys = {}, records = {}, changed = {}, scores = {}, ranges = {}, entries = {} }
  d.sharded, d.copied, d.seen = argument.sharded, argument.copied, argument.seen or 0
  for place, name in ipairs(KEY_NAMES) do
    d.keys[name] = keys[place]
  end
  read_meta(d)
  if d.stepped_from_ms then
    local body = cjson.encode({ from_ms = d.stepped_from_ms, to_ms = d.now_ms })
    ledger.add(d, 'clock_stepped', { body = body })
  end
  return d, argument
end

-- One record of a hash, as a table that may be changed in place; nil when there is none.
function desk.get(d, hash, id)
  local known = d.records[hash]
  if not known then
    known = {}
    d.records[hash] = known
  end
  local record = known[id]
  if record == nil then
    local packed = redis.call('HGET', d.keys[hash], id)
    record = packed and cmsgpack.unpack(packed) or false
    known[id] = record
  end
  return record or nil
end

-- Notes that a record is to be written; false removes it.
function desk.put(d, hash, id, record)
  if not d.records[hash] then d.records[hash] = {} end
  if not d.changed[hash] then d.changed[hash] = {} end
  d.records[hash][id] = record
  d.changed[hash][id] = true
end

-- Notes that a member of a sorted set gets a score; false removes it.
function desk.score(d, set, member, score)
  if not d.scores[set] then d.scores[set] = {} end
  d.scores[set][member] = score
end

local function check_pools(d)
  for id in pairs(d.changed.pools or {}) do
    local pool = d.records.pools[id]
    if pool then
      local sum = pool.available + pool.held + pool.sold + pool.withdrawn
      local least = math.min(pool.available, pool.held, pool.sold, pool.withdrawn)
      if sum ~= pool.total or least < 0 then
        error('pool ' .. id .. ' would not add up: nothing was written')
      end
    end
  end
end

local function send(command, key, words)
  if #words > 0 then redis.call(command, key, unpack(words)) end
end

local function write_hash(d, hash, ids)
  local put, gone = {}, {}
  for id in pairs(ids) do
    local record = d.records[hash][id]
    if record then
      put[#put + 1] = id
      put[#put + 1] = cmsgpack.pack(record)
    else
      gone[#gone + 1] = id
    end
    if #put >= WRITE_WORDS then
      send('HSET', d.keys[hash], put)
      put = {}
    end
  end
  send('HSET', d.keys[hash], put)
  send('HDEL', d.keys[hash], gone)
end

local function write_set(d, set, members)
  local put, gone = {}, {}
  for member, score in pairs(members) do
    if score then
      put[#put + 1] = score
      put[#put + 1] = member
    else
      gone[#gone + 1] = member
    end
    if #put >= WRITE_WORDS then
      send('ZADD', d.keys[set], put)
      put = {}
    end
  end
  send('ZADD', d.keys[set], put)
  send('ZREM', d.keys[set], gone)
end

-- Notes that the members of `set` from `first` to before `last` (ZRANGEBYLEX bounds) go.
function desk.drop_range(d, set, first, last)
  d.ranges[#d.ranges + 1] = { key = d.keys[set], first = first, last = last }
end

-- Forgets every change: what the clock did is found again by the next call that writes.
function desk.abandon(d)
  d.records, d.changed, d.scores, d.ranges, d.entries = {}, {}, {}, {}, {}
end

-- The only place that writes. Entries first: a reservation remembers the id of its last one.
function desk.close(d)
  check_pools(d)
  if not next(d.changed) and not next(d.scores) and #d.entries == 0 then
    -- A repeat that waits for copies must stand behind the write it repeats: WAIT looks at writes alone.
    if d.copied then redis.call('HSET', d.keys.meta, 'time_ms', d.highest_ms or d.now_ms) end
    return
  end
  ledger.write(d)
  for hash, ids in pairs(d.changed) do
    write_hash(d, hash, ids)
  end
  for _, range in ipairs(d.ranges) do
    redis.call('ZREMRANGEBYLEX', range.key, range.first, range.last)
  end
  for set, members in pairs(d.scores) do
    write_set(d, set, members)
  end
  d.writes = d.writes + 1
  redis.call('HSET', d.keys.meta, 'time_ms', d.now_ms, 'writes', string.format('%.0f', d.writes))
end

-- What goes on in a frozen shop: facts and absolute values decided in SQL, reading, and the repair itself.
local WHILE_FROZEN = {
  note = true, price_put = true, ban_put = true, read = true, audit = true, freeze = true, rebuild = true,
}

-- nil when the operation may be judged, else why the shop is frozen. A caller who has seen more writes than
-- there are knows that Redis came back without some: from then on nothing is sold that may be sold already.
local function frozen(d, name, reads_only)
  if d.seen > d.writes and not d.frozen and not reads_only then
    d.frozen = 'lost_writes'
    redis.call('HSET', d.keys.meta, 'frozen', d.frozen)
  end
  return not WHILE_FROZEN[name] and d.frozen or nil
end

-- Registers sale_1_<name>. `work(d, argument)` answers done, or nil, code, facts for a refusal.
-- Reply: MessagePack of {done} or {refused, facts}, and the number of `writes` until now.
function desk.register(name, work, flags)
  local reads_only = flags and flags[1] == 'no-writes'
  redis.register_function({
    function_name = 'sale_1_' .. name,
    flags = flags or {},
    callback = function(keys, args)
      local d, argument = desk.open(keys, args)
      local reason = frozen(d, name, reads_only)
      if reason then
        return cmsgpack.pack({ refused = 'frozen', facts = { reason = reason, retry_after_s = 5 }, writes = d.writes })
      end
      local done, code, facts = work(d, argument)
      if code then
        return cmsgpack.pack({ refused = code, facts = facts, writes = d.writes })
      end
      if not reads_only then
        if not d.frozen then waitlist.serve(d) end
        desk.close(d)
      end
      return cmsgpack.pack({ done = done, writes = d.writes })
    end,
  })
end

-- A whole number from low to high; Lua's numbers are doubles, and NaN is not equal to itself.
local function whole(value, low, high)
  return type(value) == 'number' and value == math.floor(value) and value >= low and value <= high
end
