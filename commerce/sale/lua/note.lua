-- sale_1_note: write a fact that was decided in SQL into the ledger, once.
-- KEYS  the shop's declared keys (keys.py)
-- ARGV  MessagePack {operation, hash, note (its name), body (JSON text), show}
-- Reply done: the entry's stream id.
-- Keeps: one outbox row is one entry, however often it is sent.

operations.register('note', function(d, argument)
  ledger.add(d, 'note', {
    operation = argument.operation, note = argument.note, body = argument.body, show = argument.show,
  })
  -- Written before desk.close, for its id; nothing after this line can refuse.
  return ledger.write(d)
end)
