-- pools: every movement of units, by the table below, with its ledger entry.
-- Invariant: total = available + held + sold + withdrawn; a variant's totals together change only by restock.

local pools = {}
local sales = {}

-- What one unit does to a pool; the same table as commerce.events.EFFECTS.
local EFFECTS = {
  reserve = { available = -1, held = 1 },
  change = { available = -1, held = 1 },
  release = { available = 1, held = -1 },
  expire = { available = 1, held = -1 },
  commit = { held = -1, sold = 1 },
  return_sold = { available = 1, sold = -1 },
  transfer_out = { available = -1, total = -1 },
  transfer_in = { available = 1, total = 1 },
  fold_out = { sold = -1, total = -1 },
  fold_in = { sold = 1, total = 1 },
  restock = { available = 1, total = 1 },
  withdraw = { available = -1, withdrawn = 1 },
}

function pools.main(variant)
  return 'po_' .. variant
end

function pools.get(d, id)
  return desk.get(d, 'pools', id)
end

function pools.create(d, id, variant, sale)
  local pool = {
    variant = variant, sale = sale, available = 0, held = 0, sold = 0, withdrawn = 0, total = 0,
  }
  desk.put(d, 'pools', id, pool)
  return pool
end

-- Moves `quantity` units of pool `id` as `kind` says and adds the entry. `about` is copied.
function pools.move(d, kind, id, quantity, about, reservation)
  local pool = pools.get(d, id)
  for counter, by in pairs(EFFECTS[kind]) do
    pool[counter] = pool[counter] + by * quantity
  end
  desk.put(d, 'pools', id, pool)
  local entry = {}
  for name, value in pairs(about) do entry[name] = value end
  entry.pool, entry.variant, entry.sale, entry.quantity = id, pool.variant, pool.sale, quantity
  entry.counters = {
    available = pool.available, held = pool.held, sold = pool.sold, withdrawn = pool.withdrawn,
    total = pool.total, waiting = pool.waiting,
  }
  ledger.add(d, kind, entry, reservation)
end

-- Moves available units from one pool to another of the same variant.
function pools.transfer(d, from, to, quantity, about)
  pools.move(d, 'transfer_out', from, quantity, about)
  pools.move(d, 'transfer_in', to, quantity, about)
end

-- The pool that units of `pool_id` come back to: the main pool once the sale is closed. A main pool whose
-- keys are lost gets nothing: missing keys freeze, they are never made up.
function pools.home(d, pool_id, variant, sale_id)
  local main = pools.main(variant)
  if not sale_id or not sales.closed(d, sale_id) or not pools.get(d, main) then return pool_id end
  return main
end

-- Gives `quantity` units of a hold back as `kind` (release, expire or change with its sign).
function pools.give_back(d, kind, hold, quantity, about, reservation)
  local signed = kind == 'change' and -quantity or quantity
  pools.move(d, kind, hold.pool, signed, about, reservation)
  local home = pools.home(d, hold.pool, hold.variant, hold.sale)
  if home ~= hold.pool then
    pools.transfer(d, hold.pool, home, quantity, { operation = about.operation, show = about.show })
  end
end
