-- sale_1_ban_put: copy from SQL whether a person may buy in this shop.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {person, banned, version, expires_at_ms (nil: for good)}
-- Reply done: true, or false when a version as new is there already.
-- Keeps: versions only rise. A banned person keeps open reservations and can make no new ones.

desk.register('ban_put', function(d, argument)
  local stored = desk.get(d, 'bans', argument.person)
  if stored and stored.version >= argument.version then return false end
  desk.put(d, 'bans', argument.person, {
    banned = argument.banned, version = argument.version, expires_at_ms = argument.expires_at_ms,
  })
  return true
end)
