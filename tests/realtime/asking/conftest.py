"""Two fronts with people in them, as for moderation; a room's store with ballots."""

import pytest

from realtime.asking.ballots_redis import Ballots
from realtime.store.store_redis import RoomStore
from tests.realtime.moderation.conftest import two

__all__ = ["two"]


@pytest.fixture
def ballots(store: RoomStore) -> Ballots:
    """Offer the votes of a room over both kinds of Redis."""
    return Ballots(store)
