"""What a worker does that nobody waits for, and what rooms lend it."""
