-- sales: a flash sale's window is data compared at each call. Closed is closed for good: its rest goes to the
-- main pool at the first writing call after, and so does whatever comes back later.

function sales.get(d, id)
  return desk.get(d, 'sales', id)
end

function sales.closes_at_ms(sale)
  return math.min(sale.ends_at_ms, sale.ended_at_ms or sale.ends_at_ms)
end

-- True also for a sale whose record was purged.
function sales.closed(d, id)
  local sale = sales.get(d, id)
  return not sale or sale.drained or sales.closes_at_ms(sale) <= d.now_ms
end

function sales.forget_at_ms(d, id)
  local sale = sales.get(d, id)
  return (sale and sales.closes_at_ms(sale) or d.now_ms) + DAY_MS
end

-- Moves the rest to the main pool, tells that the sale ended, and plans its purge.
function sales.drain(d, id, operation)
  local sale = sales.get(d, id)
  desk.score(d, 'sale_ends', id, false)
  if not sale or sale.drained then return end
  sale.drained = true
  sale.ended_at_ms = sales.closes_at_ms(sale)
  desk.put(d, 'sales', id, sale)
  desk.score(d, 'due', 's:' .. id, d.now_ms + DAY_MS)
  local pool_id = 'po_' .. id
  local pool = pools.get(d, pool_id)
  local home = pools.home(d, pool_id, sale.variant, id)
  local about = { operation = operation, show = sale.show, product = sale.product }
  if pool and pool.available > 0 and home ~= pool_id then
    pools.transfer(d, pool_id, home, pool.available, about)
  end
  waitlist.close(d, pool_id)
  about.sale, about.variant, about.pool = id, sale.variant, pool_id
  ledger.add(d, 'sale_ended', about)
end
