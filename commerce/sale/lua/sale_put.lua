-- sale_1_sale_put: copy a flash sale's record from SQL; the first put fills its pool from the main pool.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {operation, sale: SaleRecord, pool, main}
-- Reply done: the record as it now stands. A version not above the stored one changes nothing.
-- Keeps: an ended sale stays ended; its pool and variant never change.

local function tell(d, argument, sale)
  local about = { operation = argument.operation, show = sale.show, sale = sale.id, variant = sale.variant }
  about.product, about.pool, about.body = sale.product, argument.pool, cjson.encode(sale)
  about.price_minor, about.price_version = sale.price_minor, sale.price_version
  ledger.add(d, 'sale', about)
end

local function write(d, argument, sale)
  -- "Ended early" means now at the latest, also when the clock of who says so is ahead.
  if sale.ended_at_ms then sale.ended_at_ms = math.min(sale.ended_at_ms, d.now_ms) end
  desk.put(d, 'sales', sale.id, sale)
  desk.score(d, 'sale_ends', sale.id, sales.closes_at_ms(sale))
  tell(d, argument, sale)
  if sales.closed(d, sale.id) then sales.drain(d, sale.id, argument.operation) end
  return sale
end

local function first(d, argument)
  local sale = argument.sale
  local main = pools.get(d, argument.main)
  if not main then return nil, 'no_such_pool', { pool = argument.main } end
  -- One that is over before it came (the outbox was stuck) is written down and never filled.
  local over = math.min(sale.ends_at_ms, sale.ended_at_ms or sale.ends_at_ms) <= d.now_ms
  if not over and main.available < sale.quantity then
    return nil, 'not_enough_stock', { pool = argument.main, available = main.available }
  end
  pools.create(d, argument.pool, sale.variant, sale.id)
  write(d, argument, sale)
  if not over then
    local about = { operation = argument.operation, show = sale.show, product = sale.product }
    pools.transfer(d, argument.main, argument.pool, sale.quantity, about)
  end
  return sale
end

desk.register('sale_put', function(d, argument)
  local sale = argument.sale
  sale.drained = false
  reservations.settle(d)
  local stored = sales.get(d, sale.id)
  if not stored then return first(d, argument) end
  if stored.version >= sale.version then return stored end
  if stored.variant ~= sale.variant then return nil, 'bad_request', { field = 'variant' } end
  if sales.closed(d, sale.id) then
    -- The host ended what had just ended by itself: nothing is left to do.
    if sale.ended_at_ms then return stored end
    return nil, 'sale_ended', { sale = sale.id }
  end
  return write(d, argument, sale)
end)
