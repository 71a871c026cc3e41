"""The work of each message: a class a matter, each with its `rules`, from message to method."""
