-- sale_1_expire_due: end reservations past their deadline, drain ended sales, offer what the waitlist is owed.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {limit}: at most so many of each
-- Reply done: {expired: [reservation], ended_sales: [id], more, next_due_ms}.
-- Keeps: ends by the shop's clock alone. Calling it twice, from anywhere, is harmless.

local function next_score(d, set)
  local next_one = redis.call(
    'ZRANGEBYSCORE', d.keys[set], '(' .. string.format('%.0f', d.now_ms), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  return tonumber(next_one[2] or nil)
end

desk.register('expire_due', function(d, argument)
  local expired, ended = reservations.settle(d, argument.limit)
  local owes = waitlist.resume(d)
  local deadline_ms, end_ms = next_score(d, 'deadlines'), next_score(d, 'sale_ends')
  return {
    expired = expired,
    ended_sales = ended,
    more = #expired == argument.limit or #ended == argument.limit or owes,
    next_due_ms = deadline_ms and end_ms and math.min(deadline_ms, end_ms) or deadline_ms or end_ms,
  }
end, { 'allow-oom' })
