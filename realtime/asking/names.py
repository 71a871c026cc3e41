"""Names on the board that questions and polls use (`realtime.shapes.Question`, `Poll`)."""

QUESTION = "question:"
LIVE_QUESTION = "question"
POLL = "poll"


def is_poll(voted: str) -> bool:
    """Whether a vote is for a poll's choice, not for a question."""
    return voted.startswith("pl_")
