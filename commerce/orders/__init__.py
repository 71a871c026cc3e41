"""Orders: checkout, their states, the ledger's copy in SQL."""
