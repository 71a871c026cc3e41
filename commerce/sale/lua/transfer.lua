-- sale_1_transfer: move available units between two pools of one variant.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {operation, hash, from_pool, to_pool, quantity (units)}
-- Reply done: {pool id: counters} of both.
-- Keeps: the two totals together. Nothing goes into an ended sale.

operations.register('transfer', function(d, argument)
  local from, to = pools.get(d, argument.from_pool), pools.get(d, argument.to_pool)
  if not from or not to then
    return nil, 'no_such_pool', { pool = from and argument.to_pool or argument.from_pool }
  end
  if argument.from_pool == argument.to_pool or from.variant ~= to.variant then
    return nil, 'bad_request', { field = 'to_pool' }
  end
  if not whole(argument.quantity, 1, 1e6) then return nil, 'bad_quantity' end
  if to.sale and sales.closed(d, to.sale) then return nil, 'sale_ended', { sale = to.sale } end
  if from.available < argument.quantity then
    return nil, 'not_enough_stock', { pool = argument.from_pool, available = from.available }
  end
  local about = { operation = argument.operation }
  pools.transfer(d, argument.from_pool, argument.to_pool, argument.quantity, about)
  return { [argument.from_pool] = from, [argument.to_pool] = to }
end)
