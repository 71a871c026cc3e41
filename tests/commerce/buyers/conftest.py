"""The market of the orders' tests: remembering begins with a purchase."""

from tests.commerce.orders.conftest import market, open_market

__all__ = ["market", "open_market"]
