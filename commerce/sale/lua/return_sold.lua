-- sale_1_return_sold: put sold units back on the shelf.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {operation, hash, pool, variant, quantity (units), order}
-- Reply done: counters of the pool the units are now available in.
-- Keeps: no more come back than were sold there. Units of a closed or purged sale go to the main pool.

operations.register('return_sold', function(d, argument)
  local id = argument.pool
  local pool = pools.get(d, id)
  if not pool then
    id = pools.main(argument.variant)
    pool = pools.get(d, id)
  end
  if not pool or pool.variant ~= argument.variant then return nil, 'no_such_pool', { pool = argument.pool } end
  if not whole(argument.quantity, 1, 1e6) then return nil, 'bad_quantity' end
  if pool.sold < argument.quantity then
    return nil, 'not_enough_stock', { pool = id, sold = pool.sold }
  end
  local about = { operation = argument.operation, order = argument.order }
  pools.move(d, 'return_sold', id, argument.quantity, about)
  local home = pools.home(d, id, pool.variant, pool.sale)
  if home ~= id then pools.transfer(d, id, home, argument.quantity, about) end
  return pools.get(d, home)
end, { 'allow-oom' })
