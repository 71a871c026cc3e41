"""The market of the orders' tests, and a paid order to talk about."""

import pytest

from tests.commerce.conversations.talk import Talk
from tests.commerce.orders.a_market import Market
from tests.commerce.orders.conftest import market, open_market
from tests.commerce.returns.a_desk import Desk

__all__ = ["market", "open_market"]


@pytest.fixture
async def talk(market: Market) -> Talk:
    """A buyer with a paid order, and the shop's owner."""
    desk = Desk(market)
    buyer, order = await desk.paid(1)
    return Talk(market, desk, buyer, order)
