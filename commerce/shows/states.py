"""A show's life: scheduled, live, ended; ended is for good, and its page still sells."""

from enum import StrEnum

from commerce.errors import WrongState


class ShowState(StrEnum):
    """Where a show stands."""

    SCHEDULED = "scheduled"
    LIVE = "live"
    ENDED = "ended"


STEPS: dict[ShowState, frozenset[ShowState]] = {
    ShowState.SCHEDULED: frozenset({ShowState.LIVE, ShowState.ENDED}),
    ShowState.LIVE: frozenset({ShowState.ENDED}),
    ShowState.ENDED: frozenset(),
}
"""To which states each state may go; a scheduled show that is ended was cancelled."""


def step(now: ShowState, wanted: ShowState) -> bool:
    """Answer whether there is something to do (False: it is so already); raises WrongState {state}."""
    if now is wanted:
        return False
    if wanted not in STEPS[now]:
        raise WrongState(f"The show is {now}, it cannot become {wanted}.", state=now.value)
    return True
