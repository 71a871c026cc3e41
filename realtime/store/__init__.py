"""What the room keeps in Redis: its keys, its Functions, and the calls with types."""
