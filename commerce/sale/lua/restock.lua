-- sale_1_restock: add new units to a variant's main pool.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {operation, hash, variant, pool, quantity (units), opens_pool}
-- Reply done: the pool's counters.
-- Keeps: the only way a variant's totals grow. A pool that is missing is made only on `opens_pool`.

operations.register('restock', function(d, argument)
  local pool = pools.get(d, argument.pool)
  if not whole(argument.quantity, argument.opens_pool and 0 or 1, 1e6) then return nil, 'bad_quantity' end
  if not pool then
    if not argument.opens_pool then return nil, 'no_such_pool', { pool = argument.pool } end
    pool = pools.create(d, argument.pool, argument.variant)
  end
  pools.move(d, 'restock', argument.pool, argument.quantity, { operation = argument.operation })
  return pool
end)
