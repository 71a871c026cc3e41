"""What repairing lost stock refuses.

CommerceError
└── Conflict
    └── LedgerGap  409 ledger_gap {shop}: SQL lacks entries that Redis has dropped; restore a newer SQL backup
"""

from commerce.errors import Conflict


class LedgerGap(Conflict):
    """Some of the ledger is nowhere any more, so the stock cannot be worked out from it."""

    code = "ledger_gap"
    sentence = "Part of the ledger is neither in SQL nor in Redis; restore a newer backup of SQL first."
