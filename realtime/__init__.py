"""The room: comments, likes, presence, stock and price on every screen, moderation."""
