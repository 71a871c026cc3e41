"""Redis as this server starts it, speaks to it, and keeps its own processes' truth in it."""
