-- room_1_vote: say what one is for: a question, or one of a poll's choices.
-- ARGS: person, idempotency key, question (its comment) or poll, choice ('1' for a question, '0' to '5' of a poll; ''
--       takes the vote back), device or '', address key or ''.
-- Reply: {'ok'|'repeat', choice or ''} | {'conflict'} | {'banned'} | {'missing'} (no such question or poll is up) |
--        {'own'} (one's own question) | {'closed'} (the poll is over) | {'choice'} (the poll has no such choice).
-- Keeps: a sum is the number of people whose last word is for it, whatever connection, front or repeat said it; a poll
-- counts nothing after its end by this server's clock; who is shadow-banned counts for nobody else. The keys of a
-- person's newest votes stand in the same field as the votes: they would drive the comments' out of `operations`.

-- Why the vote cannot be taken, as a reply, or nil.
local function objection(keys, now_ms, person, id, choice)
  if not is_for_poll(id) then
    local question = redis.call('HGET', keys[BOARD], QUESTION .. id)
    if not question or not string.find(question, IS_OPEN, 1, true) then return {'missing'} end
    return string.find(question, '"person":"' .. person .. '"', 1, true) and {'own'} or nil
  end
  local poll = redis.call('HGET', keys[BOARD], POLL)
  if not poll or poll_id(poll) ~= id then return {'missing'} end
  if not poll_runs(poll, now_ms) then return {'closed'} end
  return redis.call('HEXISTS', keys[TALLIES], tally_of(id, choice)) == 0 and {'choice'} or nil
end

local function repeated_vote(votes, key, said)
  for _, known in ipairs(votes.k) do
    if string.sub(known, 1, #key + 1) == key .. '|' then
      return known == said and {'repeat', string.match(said, '[^|]*$')} or {'conflict'}
    end
  end
  return nil
end

-- Drop votes for what is gone for good once there are many.
local function prune(keys, votes)
  local total = 0
  for _ in pairs(votes.v) do total = total + 1 end
  if total <= VOTES_BEFORE_PRUNING then return end
  for id in pairs(votes.v) do
    if not is_up(keys, id) and not may_come_back(keys, id) then votes.v[id] = nil end
  end
end

local function vote(keys, args)
  local person, key, id, choice = args[1], args[2], args[3], args[4]
  local said = key .. '|' .. id .. '|' .. choice
  local votes = votes_of(keys, person)
  local before = repeated_vote(votes, key, said)
  if before then return before end
  if ban_state(keys, person, args[5], args[6]) == '1' then return {'banned'} end
  local now_ms = clock(keys)
  local refusal = objection(keys, now_ms, person, id, choice)
  if refusal then return refusal end

  local off = is_unheard(keys, person)
  if off ~= (votes.off or false) then
    recount(keys, person)
    votes = votes_of(keys, person)
    votes.off = off or nil
  end
  local was, is = votes.v[id], choice ~= '' and choice or nil
  if was ~= is and not off then
    -- The sum of a question that was down may have been forgotten.
    local is_summed = was and redis.call('HEXISTS', keys[TALLIES], tally_of(id, was)) == 1
    if is_summed then redis.call('HINCRBY', keys[TALLIES], tally_of(id, was), -1) end
    if is then redis.call('HINCRBY', keys[TALLIES], tally_of(id, is), 1) end
    redis.call('SPUBLISH', keys[PRESENCE] .. ':wake', '')
  end
  votes.v[id] = is
  prune(keys, votes)
  table.insert(votes.k, 1, said)
  votes.k[VOTE_KEYS_TOTAL + 1] = nil
  redis.call('HSET', keys[VOTES], person, cjson.encode(votes))
  redis.call('HSET', keys[ROOM], 'clock_ms', string.format('%.0f', now_ms))
  return {'ok', choice}
end

redis.register_function('room_1_vote', vote)
