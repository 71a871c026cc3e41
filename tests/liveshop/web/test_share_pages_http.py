"""The short address of a share link: a card for who draws one, the way on, the lobby for an unknown one."""

from types import SimpleNamespace

import httpx
import msgspec
from starlette.applications import Starlette

from commerce.catalogue.structs import Picture
from commerce.sharing.refusals import NoSuchLink
from commerce.sharing.structs import CardProduct, LinkCard
from liveshop.web.share_pages_http import share_routes

PICTURE = Picture("pi_1", 'A "cup"', 1280, 720, "/m/1-320.webp", "/m/1-640.webp", "/m/1-1280.webp")


def card(
    title: str, picture: Picture | None = PICTURE, description: str = "Tea\nfrom  the hills"
) -> LinkCard:
    """Make a card."""
    return LinkCard("k7m2p9xq", "sh_1", title, description, "Mei's <Tea>", picture)


async def get(known: LinkCard | None, path: str = "/s/k7m2p9xq") -> httpx.Response:
    """Ask for a link that leads there; None: nowhere."""

    class Links:
        async def card(self, code: str, product: str = "") -> LinkCard:
            if known is None or (code, product) != (known.code, known.product.id if known.product else ""):
                raise NoSuchLink
            return known

    app = Starlette(routes=share_routes(SimpleNamespace(sharing=SimpleNamespace(links=Links()))))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://shop.test") as client:
        return await client.get(path)


async def test_a_link_has_a_card_and_leads_on() -> None:
    """Open Graph and Twitter data with whole addresses, and a refresh that carries the code."""
    answer = await get(card("Evening tea"))
    assert answer.status_code == 200
    for tag in (
        '<meta property="og:title" content="Evening tea">',
        '<meta property="og:description" content="Tea from the hills">',
        '<meta property="og:url" content="https://shop.test/s/k7m2p9xq">',
        '<meta property="og:image" content="https://shop.test/m/1-1280.webp">',
        '<meta name="twitter:card" content="summary_large_image">',
        '<meta http-equiv="refresh" content="0;url=/shows/sh_1?via=k7m2p9xq">',
    ):
        assert tag in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]


async def test_a_products_card_names_it_its_price_and_its_picture() -> None:
    """And leads to the show with the product; without a picture of its own it has the show's."""
    own = Picture("pi_2", "", 800, 800, "/m/2-320.webp", "/m/2-640.webp", "/m/2-1280.webp")
    for picture, address in ((own, "/m/2-1280.webp"), (None, "/m/1-1280.webp")):
        product = CardProduct("pr_1", "Oolong & more", 800, 1200, "EUR", picture)
        answer = await get(msgspec.structs.replace(card("Evening tea"), product=product), "/s/k7m2p9xq/pr_1")
        for tag in (
            "<title>Oolong &amp; more · Mei&#x27;s &lt;Tea&gt;</title>",
            '<meta property="og:type" content="product">',
            '<meta property="og:title" content="Oolong &amp; more">',
            '<meta property="og:description" content="8.00–12.00 EUR · Evening tea">',
            '<meta property="og:url" content="https://shop.test/s/k7m2p9xq/pr_1">',
            '<meta property="product:price:amount" content="8.00">',
            '<meta property="product:price:currency" content="EUR">',
            f'<meta property="og:image" content="https://shop.test{address}">',
            '<meta http-equiv="refresh" content="0;url=/shows/sh_1?via=k7m2p9xq&amp;product=pr_1">',
        ):
            assert tag in answer.text
    one = CardProduct("pr_1", "Oolong", 900, 900, "JPY", own)
    answer = await get(msgspec.structs.replace(card("Evening tea"), product=one), "/s/k7m2p9xq/pr_1")
    assert 'content="900 JPY · Evening tea"' in answer.text


async def test_what_a_shop_wrote_is_text_on_the_card() -> None:
    """No name or description becomes a tag or ends an attribute."""
    answer = await get(card('"><script>alert(1)</script>', description='" onload="x'))
    assert "<script>" not in answer.text
    assert 'content="&quot;&gt;&lt;script&gt;' in answer.text
    assert 'content="&quot; onload=&quot;x"' in answer.text
    assert "Mei&#x27;s &lt;Tea&gt;" in answer.text
    assert 'content="A &quot;cup&quot;"' in answer.text


async def test_a_long_description_is_cut_and_no_picture_is_no_tag() -> None:
    """Two hundred characters are enough for any card."""
    answer = await get(card("Tea", None, "tea " * 100))
    assert f'<meta property="og:description" content="{("tea " * 50)[:-1]}…">' in answer.text
    assert "og:image" not in answer.text
    assert '<meta name="twitter:card" content="summary">' in answer.text


async def test_an_unknown_link_leads_to_the_lobby() -> None:
    """Which says that the link leads nowhere."""
    answer = await get(None)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?link=unknown")
