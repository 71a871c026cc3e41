"""Stock: pools, reservations, flash sales and the ledger, all decided inside Redis Functions."""
