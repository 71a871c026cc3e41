-- sale_1_price_put: copy a variant's price from SQL.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {operation, variant, product, price_minor, version}
-- Reply done: true, or false when a version as new is there already.
-- Keeps: versions only rise, so copies may come late, twice and out of order. Open holds keep their price.

desk.register('price_put', function(d, argument)
  local stored = desk.get(d, 'prices', argument.variant)
  if stored and stored.version >= argument.version then return false end
  desk.put(d, 'prices', argument.variant, {
    price_minor = argument.price_minor, version = argument.version, product = argument.product,
  })
  ledger.add(d, 'price', {
    operation = argument.operation, variant = argument.variant, product = argument.product,
    price_minor = argument.price_minor, price_version = argument.version,
  })
  return true
end)
