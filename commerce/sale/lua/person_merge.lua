-- sale_1_person_merge: move what a guest has in this shop to an account.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {operation, guest, account}
-- Reply done: true, or false when the guest had nothing (left).
-- Keeps: counts add, also above a limit; nothing is taken away. If both hold one pool both stand. Places in
-- waitlists move too; where both have one, the account's stays.

local function move_holds(d, guest, account, argument)
  for pool_id, ids in pairs(guest.holds) do
    local list = account.holds[pool_id] or {}
    for _, id in ipairs(ids) do
      list[#list + 1] = id
      local reservation = desk.get(d, 'reservations', id)
      if reservation then
        reservation.person = argument.account
        desk.put(d, 'reservations', id, reservation)
      end
    end
    account.holds[pool_id] = list
  end
end

desk.register('person_merge', function(d, argument)
  local guest = desk.get(d, 'people', argument.guest)
  if not guest then return false end
  local account = people.get(d, argument.account)
  move_holds(d, guest, account, argument)
  for sale_id, count in pairs(guest.counts) do
    account.counts[sale_id] = (account.counts[sale_id] or 0) + count
  end
  people.move_operations(d, argument.guest, argument.account)
  waitlist.merge(d, argument.guest, argument.account)
  people.put(d, argument.account, account)
  desk.put(d, 'people', argument.guest, false)
  desk.score(d, 'due', 'p:' .. argument.guest, false)
  ledger.add(d, 'person_merge', {
    operation = argument.operation, person = argument.account, body = cjson.encode({ guest = argument.guest }),
  })
  return true
end)
