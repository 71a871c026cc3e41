"""Shows: when, what is shown, its stream key, its flash sales."""
