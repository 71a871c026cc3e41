-- limits: units of one sale per person, and per mark (HMAC of an e-mail, an address or a card), against the
-- sale's limit. 0 is no limit. Units are counted whether there is a limit or not, since it may be put later.

local limits = {}

local function mark_id(sale_id, mark)
  return sale_id .. '|' .. mark
end

local function refused(sale, count, mark_place)
  return 'limit_reached', { sale = sale.id, limit = sale.limit, count = count, mark = mark_place }
end

-- nil when the person may have `quantity` more of the sale, else the refusal.
function limits.check_person(d, person, sale, quantity)
  if not sale or sale.limit == 0 then return nil end
  local count = person.counts[sale.id] or 0
  if count + quantity > sale.limit then return refused(sale, count) end
end

-- Units of the sale a person may still have.
function limits.left(person, sale)
  if not sale or sale.limit == 0 then return math.huge end
  return sale.limit - (person.counts[sale.id] or 0)
end

-- nil when every mark may have `quantity` more of the sale, else the refusal (mark: its place, from 0).
function limits.check_marks(d, sale_id, marks, quantity)
  local sale = desk.get(d, 'sales', sale_id)
  if not sale or sale.limit == 0 then return nil end
  for place, mark in ipairs(marks) do
    local count = desk.get(d, 'limits', mark_id(sale_id, mark)) or 0
    if count + quantity > sale.limit then return refused(sale, count, place - 1) end
  end
end

-- Counts `quantity` (below zero: back) of the sale under every mark.
function limits.count_marks(d, sale_id, marks, quantity)
  for _, mark in ipairs(marks) do
    local id = mark_id(sale_id, mark)
    local count = desk.get(d, 'limits', id)
    local after = (count or 0) + quantity
    desk.put(d, 'limits', id, after > 0 and after or false)
    if not count and after > 0 then
      desk.score(d, 'due', 'l:' .. id, sales.forget_at_ms(d, sale_id))
    end
  end
end

-- Units by sale of some reservations' holds.
function limits.units(reservations_list)
  local units = {}
  for _, reservation in ipairs(reservations_list) do
    for _, hold in ipairs(reservation.holds) do
      if hold.sale then units[hold.sale] = (units[hold.sale] or 0) + hold.quantity end
    end
  end
  return units
end

-- Checks the units of some reservations against every mark at once.
function limits.check_units(d, units, marks)
  for sale_id, quantity in pairs(units) do
    local code, facts = limits.check_marks(d, sale_id, marks, quantity)
    if code then return code, facts end
  end
end
