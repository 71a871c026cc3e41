"""Pictures that people show with a comment in a room, where the shop allows it."""
