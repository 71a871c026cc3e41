"""What a port's failure becomes on the way to a screen."""

import asyncio
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from realtime import metrics as names
from realtime.errors import Unavailable
from realtime.port_calls import Refused, ask
from tests.realtime.stage import Counts, ShopError


async def failing(error: Exception) -> Any:
    """Be a port that fails."""
    raise error


async def test_a_refusal_keeps_its_code_facts_and_sentence() -> None:
    """The shop's words reach the buyer as they are, and count as no fault."""
    counts = Counts()
    with pytest.raises(Refused) as refused:
        await ask(counts, failing(ShopError("not_enough_stock", available=2)))
    told = refused.value
    assert (told.code, told.status, told.facts) == ("not_enough_stock", 409, {"available": 2})
    assert str(told) == "refused: not_enough_stock"
    assert not counts.counts


async def test_a_database_that_is_gone_tells_nobody_what_it_was_asked() -> None:
    """SQLAlchemy's errors have a code, too, and their text is the statement with all that was put into it."""
    gone = DBAPIError("SELECT token FROM orders WHERE email = $1", ("mei@example.org",), OSError("gone"))
    assert isinstance(gone.code, str)
    assert "mei@example.org" in str(gone)
    counts = Counts()
    with pytest.raises(Unavailable) as refused:
        await ask(counts, failing(gone))
    assert str(refused.value) == "The shop does not answer; try again."
    assert refused.value.code == "unavailable"
    assert not refused.value.facts
    assert counts.counts == {names.PORT_ERRORS: 1}


async def test_a_port_that_takes_too_long_is_given_up() -> None:
    """A socket does not wait for ever."""
    counts = Counts()
    with pytest.raises(Unavailable):
        await ask(counts, asyncio.Event().wait(), within_s=0.01)
    assert counts.counts == {names.PORT_ERRORS: 1}
