"""What a shop remembers of its rooms: who did what to whom, notes, ready answers, the rules."""
