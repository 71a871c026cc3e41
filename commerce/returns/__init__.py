"""What comes back: returns, withdrawals, cancellations and the refunds that follow."""
