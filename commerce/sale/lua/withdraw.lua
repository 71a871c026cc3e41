-- sale_1_withdraw: take available units out of sale for good.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {operation, hash, variant, pool, quantity (units)}
-- Reply done: the pool's counters.
-- Keeps: only units that nobody holds.

operations.register('withdraw', function(d, argument)
  local pool = pools.get(d, argument.pool)
  if not pool then return nil, 'no_such_pool', { pool = argument.pool } end
  if not whole(argument.quantity, 1, 1e6) then return nil, 'bad_quantity' end
  if pool.available < argument.quantity then
    return nil, 'not_enough_stock', { pool = argument.pool, available = pool.available }
  end
  pools.move(d, 'withdraw', argument.pool, argument.quantity, { operation = argument.operation })
  return pool
end)
