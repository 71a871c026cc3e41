"""Coming in by a share link."""

import pytest

from realtime.sockets.close_codes import CloseCode
from tests.realtime.client import RoomClient
from tests.realtime.stage import SHOW, Front, Shop


async def test_who_came_by_a_link_is_told_of(front: Front, shop: Shop) -> None:
    """Once they are in, with the show and who it is; who came by none is not."""
    async with RoomClient(front.url, SHOW, "gu_mei"):
        assert shop.arrivals == []
    lin = RoomClient(front.url, SHOW, "gu_lin")
    await lin.open()
    hello = await lin.ask("hello", token="gu_lin", position=None, language="en", via="k7m2p9xq")
    assert hello["you"]["person"] == "gu_lin"
    assert shop.arrivals == [("k7m2p9xq", SHOW, "gu_lin")]
    await lin.close()


@pytest.mark.parametrize("via", ["K7M2", "x" * 17, 5])
async def test_what_can_be_no_code_is_a_bad_hello(front: Front, shop: Shop, via: object) -> None:
    """The socket is closed, and nobody hears of an arrival."""
    lin = RoomClient(front.url, SHOW, "gu_lin")
    await lin.open()
    await lin.send("hello", token="gu_lin", position=None, language="en", via=via)
    assert await lin.until_closed() == CloseCode.BAD_MESSAGE
    assert shop.arrivals == []
