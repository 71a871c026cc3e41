"""What happened in a show, once and in order: facts, where they come from, and who wakes their readers."""
