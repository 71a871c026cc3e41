-- sale_1_pay_begin: make reservations of one person, or lines held in this call, one order that is being paid.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {person, key, hash, order, reservations: [id], announce, marks: [HMAC], extra_ms,
--         items_minor: the sum of all holds as it was shown, nil takes any,
--         lines: nil, or as in reserve, then with reservation (its fresh id), show, hold_ms}
-- Reply done: {order, deadline_ms (the earliest), reservations}.
-- Keeps: all or none, lines and order alike: who pays first is served first. A reservation's deadline grows
-- once, whatever is tried later. Its units of a sale are counted under each mark until it ends unpaid; the sale's
-- limit holds for every mark.

local function collect(d, argument)
  local all, begun = {}, {}
  for place, id in ipairs(argument.reservations) do
    local reservation, code, facts = reservations.live(d, id, argument.person)
    if not reservation then return nil, code, facts end
    if reservation.state == 'open' then
      begun[#begun + 1] = reservation
    elseif reservation.order ~= argument.order then
      return nil, 'already_paying', { reservation = id, order = reservation.order }
    end
    all[place] = reservation
  end
  return { all = all, begun = begun }
end

local function items_minor(all)
  local sum = 0
  for _, reservation in ipairs(all) do
    for _, hold in ipairs(reservation.holds) do sum = sum + hold.quantity * hold.price_minor end
  end
  return sum
end

-- Holds what the order is made of; `first paid, first served` sales give their units only here.
local function hold_lines(d, argument, person)
  if people.banned(d, argument.person) then return nil, 'banned' end
  if desk.get(d, 'reservations', argument.reservation) then
    return nil, 'bad_request', { field = 'reservation' }
  end
  local request = {
    person = argument.person, key = argument.key, lines = argument.lines, reservation = argument.reservation,
    show = argument.show, hold_ms = argument.hold_ms, paying = true,
  }
  local holds, code, facts = lines.check(d, request, person)
  if not holds then return nil, code, facts end
  local reservation = lines.hold(d, request, holds)
  return { all = { reservation }, begun = { reservation } }
end

local function begin(d, argument, reservation)
  reservation.state = 'paying'
  reservation.order = argument.order
  reservation.announce = argument.announce
  reservation.marks = argument.marks
  reservation.deadline_ms = reservation.deadline_ms + argument.extra_ms
  desk.put(d, 'reservations', reservation.id, reservation)
  desk.score(d, 'deadlines', reservation.id, reservation.deadline_ms)
  local about = reservations.about(reservation, argument.key)
  about.deadline_ms = reservation.deadline_ms
  ledger.add(d, 'pay_begin', about)
end

local function begun_answer(argument, all)
  local deadline_ms = all[1].deadline_ms
  for _, reservation in ipairs(all) do
    deadline_ms = math.min(deadline_ms, reservation.deadline_ms)
  end
  return { order = argument.order, deadline_ms = deadline_ms, reservations = all }
end

desk.register('pay_begin', function(d, argument)
  local person = people.get(d, argument.person)
  local stored, conflict = people.stored(d, argument.person, 'pay_begin', argument.key, argument.hash)
  if stored or conflict then return stored, conflict end
  reservations.settle(d)
  local gather = argument.lines and hold_lines or collect
  local found, code, facts = gather(d, argument, person)
  if not found then return nil, code, facts end
  if #found.begun == 0 then return begun_answer(argument, found.all) end
  local sum = items_minor(found.all)
  if argument.items_minor and argument.items_minor ~= sum then
    return nil, 'items_changed', { items_minor = sum }
  end
  if people.too_many(d, argument.person) then return nil, 'too_many_operations' end
  local units = limits.units(found.begun)
  code, facts = limits.check_units(d, units, argument.marks)
  if code then return nil, code, facts end
  for _, reservation in ipairs(found.begun) do begin(d, argument, reservation) end
  for sale_id, quantity in pairs(units) do limits.count_marks(d, sale_id, argument.marks, quantity) end
  local answer = begun_answer(argument, found.all)
  people.record(d, argument.person, 'pay_begin', argument.key, argument.hash, answer)
  return answer
end)
