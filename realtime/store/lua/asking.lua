-- Questions, polls and votes: what several Functions know of them.
--
-- A question is a comment that is also pinned up, as "question:<comment>": the comment's JSON with `at_ms` and `state`.
-- It goes with its comment, whoever removes that. At most QUESTIONS_TOTAL are open; then the oldest that nobody votes
-- for gives way, and none that is younger than GIVES_WAY_MS, so that a flood neither drives the others out at once nor
-- fills the log. The poll is pinned up as "poll", those before it as "staff:poll:<poll>" with their results.
-- A person's votes are one field: JSON {v = {question or poll -> choice}, k = {newest keys}, off = true while they
-- count for nobody}. They are summed in tallies: "ask:<question>" and "poll:<poll>:<choice>".
local QUESTION, LIVE_QUESTION, POLL, PAST_POLL = 'question:', 'question', 'poll', 'staff:poll:'
local QUESTIONS_TOTAL, OWN_QUESTIONS_TOTAL, GIVES_WAY_MS = 200, 3, 120000
local QUESTION_TALLIES_TOTAL = 400
local VOTE_KEYS_TOTAL, VOTES_BEFORE_PRUNING = 8, 64
local IS_QUESTION, IS_OPEN = '"question":true', '"state":"open"'

-- The open questions as pairs of name and JSON. Quotes inside a text are escaped, so plain searches in JSON are safe.
local function open_questions(keys)
  local found, all = {}, redis.call('HGETALL', keys[BOARD])
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, #QUESTION) == QUESTION and string.find(all[i + 1], IS_OPEN, 1, true) then
      found[#found + 1] = {all[i], all[i + 1]}
    end
  end
  return found
end

-- The name of the oldest of these questions that nobody votes for and that was asked by then; nil when there is none.
local function gives_way(keys, questions, asked_by_ms)
  local live = redis.call('HGET', keys[BOARD], LIVE_QUESTION) or ''
  local oldest, oldest_ms = nil, asked_by_ms + 1
  for _, one in ipairs(questions) do
    local id, at_ms = string.sub(one[1], #QUESTION + 1), tonumber(string.match(one[2], '"at_ms":(%d+)'))
    local votes = tonumber(redis.call('HGET', keys[TALLIES], 'ask:' .. id) or '0')
    if votes == 0 and at_ms < oldest_ms and not string.find(live, '"comment":"' .. id .. '"', 1, true) then
      oldest, oldest_ms = one[1], at_ms
    end
  end
  return oldest
end

-- Why this comment may not be asked now, as a reply, or nil.
local function asks_too_much(keys, now_ms, person, comment, staff)
  if not string.find(comment, IS_QUESTION, 1, true) then return nil end
  local questions, own_total = open_questions(keys), 0
  for _, one in ipairs(questions) do
    if string.find(one[2], '"person":"' .. person .. '"', 1, true) then own_total = own_total + 1 end
  end
  if own_total >= OWN_QUESTIONS_TOTAL and not staff then return {'asked_enough', OWN_QUESTIONS_TOTAL} end
  local full = #questions >= QUESTIONS_TOTAL and not gives_way(keys, questions, now_ms - GIVES_WAY_MS)
  return full and {'questions_full'} or nil
end

-- Forget how many voted for questions that are gone, once there are many such sums: an undo still finds the newer ones.
local function forget_question_tallies(keys)
  local sums = {}
  for _, name in ipairs(redis.call('HKEYS', keys[TALLIES])) do
    if string.sub(name, 1, 4) == 'ask:' then sums[#sums + 1] = name end
  end
  if #sums <= QUESTION_TALLIES_TOTAL then return end
  for _, name in ipairs(sums) do
    if redis.call('HEXISTS', keys[BOARD], QUESTION .. string.sub(name, 5)) == 0 then
      redis.call('HDEL', keys[TALLIES], name)
    end
  end
end

-- Pin a comment up if it is a question, whichever way it was let through; when there is no room it stays a comment. One
-- that an undo has pinned up again as it was stays so.
function asked(keys, now_ms, comment)
  if not string.find(comment, IS_QUESTION, 1, true) then return {} end
  local name = QUESTION .. cjson.decode(comment).id
  if redis.call('HEXISTS', keys[BOARD], name) == 1 then return {} end
  local entries, questions = {}, open_questions(keys)
  if #questions >= QUESTIONS_TOTAL then
    local way = gives_way(keys, questions, now_ms)
    if not way then return {} end
    entries[1] = put_on_board(keys, 'f', way, '')
  end
  forget_question_tallies(keys)
  local value = string.sub(comment, 1, -2) .. string.format(',"at_ms":%.0f,%s}', now_ms, IS_OPEN)
  entries[#entries + 1] = put_on_board(keys, 'f', name, value)
  return entries
end

-- The names of the questions whose comments this fact removes.
local function questions_of(keys, removed)
  local names = {}
  if removed.kind == 'comment_deleted' then
    local name = QUESTION .. removed.comment
    if redis.call('HEXISTS', keys[BOARD], name) == 1 then names[1] = name end
  else
    local all = redis.call('HGETALL', keys[BOARD])
    for i = 1, #all, 2 do
      local asks = string.sub(all[i], 1, #QUESTION) == QUESTION
      if asks and cjson.decode(all[i + 1]).person == removed.person then names[#names + 1] = all[i] end
    end
  end
  return names
end

-- Take down the questions whose comments this fact removes.
function questions_taken_down(keys, removed)
  local entries = {}
  for _, name in ipairs(questions_of(keys, removed)) do entries[#entries + 1] = put_on_board(keys, 'f', name, '') end
  return entries
end

-- The answered ones among the questions that these entries will take down, as rows {class, name, JSON}: an undo that
-- says their comments again would only ask them anew.
local function answered_questions(keys, entries)
  local rows = {}
  for _, entry in ipairs(entries) do
    local removed = entry[1] == 'f' and removal(entry[2])
    for _, name in ipairs(removed and questions_of(keys, removed) or {}) do
      local value = redis.call('HGET', keys[BOARD], name)
      if not string.find(value, IS_OPEN, 1, true) then rows[#rows + 1] = {'f', name, value} end
    end
  end
  return rows
end

-- Whether a poll, as it is pinned up, takes votes at this time.
local function poll_runs(poll, now_ms)
  local ends_at_ms = tonumber(string.match(poll, '"ends_at_ms":(%d+)') or math.huge)
  return string.find(poll, '"closed_at_ms":null}$') ~= nil and now_ms < ends_at_ms
end

local function poll_id(poll)
  return string.match(poll, '^{"id":"([%w_]+)"')
end

-- "poll:<poll>" of the poll whose results nobody is told yet, or nil.
local function secret_poll(keys, now_ms)
  local poll = redis.call('HGET', keys[BOARD], POLL)
  if not poll or not string.find(poll, '"hidden":true', 1, true) or not poll_runs(poll, now_ms) then return nil end
  return 'poll:' .. poll_id(poll)
end

local function votes_of(keys, person)
  local packed = redis.call('HGET', keys[VOTES], person)
  return packed and cjson.decode(packed) or {v = {}, k = {}}
end

local function is_for_poll(id)
  return string.sub(id, 1, 3) == 'pl_'
end

local function tally_of(id, choice)
  return is_for_poll(id) and 'poll:' .. id .. ':' .. choice or 'ask:' .. id
end

-- Whether what this vote is for is pinned up.
local function is_up(keys, id)
  if not is_for_poll(id) then return redis.call('HEXISTS', keys[BOARD], QUESTION .. id) == 1 end
  local poll = redis.call('HGET', keys[BOARD], POLL)
  return poll and poll_id(poll) == id
end

-- Whether an undo may pin up again, with its sum, what this vote is for. Polls do not come back.
local function may_come_back(keys, id)
  return not is_for_poll(id) and redis.call('HEXISTS', keys[TALLIES], tally_of(id)) == 1
end

-- JSON of a person's votes as they are told of them: also those for questions that are down, since nothing more is said
-- when an undo brings one back; of polls only for the one that is pinned up.
local function told_votes(keys, person)
  local found = {}
  for id, choice in pairs(votes_of(keys, person).v) do
    if not is_for_poll(id) or is_up(keys, id) then found[id] = choice end
  end
  return next(found) and cjson.encode(found) or '{}'
end

-- Whether a person's votes count for nobody but themselves.
local function is_unheard(keys, person)
  return marks_of(keys, person).shadow == true or ban_of(keys, person) == '1'
end

-- Count a person's votes, or take them out, after what stands against the person changed. A poll that has ended stays
-- as it ended.
function recount(keys, person)
  local votes = votes_of(keys, person)
  local off = is_unheard(keys, person)
  if not next(votes.v) or off == (votes.off or false) then return end
  local poll, now_ms = redis.call('HGET', keys[BOARD], POLL), clock(keys)
  for id, choice in pairs(votes.v) do
    local tally = tally_of(id, choice)
    local over = is_for_poll(id) and not (poll and poll_id(poll) == id and poll_runs(poll, now_ms))
    if not over and redis.call('HEXISTS', keys[TALLIES], tally) == 1 then
      redis.call('HINCRBY', keys[TALLIES], tally, off and -1 or 1)
    end
  end
  votes.off = off or nil
  redis.call('HSET', keys[VOTES], person, cjson.encode(votes))
  redis.call('SPUBLISH', keys[PRESENCE] .. ':wake', '')
end

-- Move the poll to those before it, with its results; the oldest of more than PAST_POLLS_TOTAL goes. Returns entries.
local PAST_POLLS_TOTAL = 30
local function file_poll(keys, poll)
  local id, results, names = poll_id(poll), {}, {}
  for at = 0, #cjson.decode(poll).choices - 1 do
    names[#names + 1] = tally_of(id, at)
    results[#results + 1] = redis.call('HGET', keys[TALLIES], names[#names]) or '0'
  end
  redis.call('HDEL', keys[TALLIES], unpack(names))
  local value = string.sub(poll, 1, -2) .. ',"results":[' .. table.concat(results, ',') .. ']}'
  local entries, total, oldest, oldest_ms = {put_on_board(keys, 'm', PAST_POLL .. id, value)}, 0, nil, math.huge
  local all = redis.call('HGETALL', keys[BOARD])
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, #PAST_POLL) == PAST_POLL then
      total = total + 1
      local at_ms = tonumber(string.match(all[i + 1], '"opened_at_ms":(%d+)'))
      if at_ms < oldest_ms then oldest, oldest_ms = all[i], at_ms end
    end
  end
  if total > PAST_POLLS_TOTAL then entries[2] = put_on_board(keys, 'm', oldest, '') end
  return entries
end
