"""The fixed, declared set of keys under a shop's tag; every Function gets all of them, in this order.

No key per hold or person: one call stays in one slot of a cluster, and what a shop costs is a fixed number
of keys. The Lua side names them in the same order (`lua/desk.lua`, a test compares the two).
"""

NAMES = (
    "meta",  # hash: time_ms = the highest time seen
    "pools",  # hash: pool -> counters
    "reservations",  # hash: reservation -> record
    "deadlines",  # zset: live reservation -> deadline_ms
    "people",  # hash: person -> which operations, units per sale, live holds
    "prices",  # hash: variant -> price, version, product
    "sales",  # hash: sale -> record
    "sale_ends",  # zset: sale not drained -> when it closes
    "bans",  # hash: person -> banned, version
    "limits",  # hash: "sale|mark" -> units bought under an e-mail's, address's or card's HMAC
    "operations",  # hash: outbox row, or "person|name:key" -> what was answered
    "ended",  # zset: ended reservation not yet in SQL -> when it ended
    "due",  # zset: "kind:id" -> when purge_due looks at it
    "waitlist",  # zset by text: "pool|seq|person", all scores 0
    "ledger",  # stream
)


def keys_of(shop: str) -> tuple[str, ...]:
    """Answer the shop's keys in declared order; they share the tag `{shop:ID}`."""
    return tuple(f"{{shop:{shop}}}:{name}" for name in NAMES)


def key_of(shop: str, name: str) -> str:
    """Answer one declared key; ValueError for a name that is not declared."""
    return keys_of(shop)[NAMES.index(name)]
