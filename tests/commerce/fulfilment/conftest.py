"""The market of the orders' tests, and its desk behind the counter."""

import pytest

from tests.commerce.orders.a_market import Market
from tests.commerce.orders.conftest import market, open_market
from tests.commerce.returns.a_desk import Desk

__all__ = ["market", "open_market"]


@pytest.fixture
def desk(market: Market) -> Desk:
    """The market's host."""
    return Desk(market)
