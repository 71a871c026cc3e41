"""The demo's data: complete, the same after a restart, and mended where something is missing."""

import stat
from pathlib import Path

from commerce.services import CommerceServices
from liveshop.demo.seed import seed_demo, start_demo_sale

ADDRESS = "192.0.2.1"


async def test_a_fresh_folder_gets_shops_shows_pictures_and_stock(
    commerce: CommerceServices, tmp_path: Path
) -> None:
    """Two shops, a live and a scheduled show, eight products with pictures and stock, four sign-ins."""
    demo = await seed_demo(commerce, str(tmp_path))
    lobby = await commerce.screens.lobby()
    assert [(card.id, card.state) for card in lobby.shows] == [
        (demo.live_show, "live"),
        (demo.scheduled_show, "scheduled"),
    ]
    assert all(card.poster and card.shop.avatar for card in lobby.shows)
    assert lobby.shows[0].pinned is not None
    shops = [card.shop.id for card in lobby.shows]
    products = [product for shop in shops for product in await commerce.catalogue.list(shop)]
    assert len(products) == 8
    assert len({product.picture.url_640 for product in products if product.picture}) == 8
    stocks = [variant.stock for product in products for variant in product.variants]
    assert all(stock is not None and stock.available > 0 for stock in stocks)
    for sign_in in demo.sign_ins:
        opened = await commerce.sessions.sign_in(sign_in.email, sign_in.password, None, ADDRESS)
        assert opened.answer.person.name == sign_in.name
    assert [sign_in.role for sign_in in demo.sign_ins] == ["host", "host", "moderator", "admin"]
    assert await commerce.stream_key_check(demo.live_show, demo.stream_key) == demo.shop
    picture = products[0].picture
    assert picture is not None
    assert await commerce.pictures.read(picture.url_320.rsplit("/", 1)[1])


async def test_seeding_again_changes_nothing(commerce: CommerceServices, tmp_path: Path) -> None:
    """A restart finds the same ids and the same passwords."""
    first = await seed_demo(commerce, str(tmp_path))
    before = await commerce.screens.show(first.live_show)
    assert await seed_demo(commerce, str(tmp_path)) == first
    assert await commerce.screens.show(first.live_show) == before


async def test_the_passwords_are_random_and_only_the_owner_can_read_them(
    commerce: CommerceServices, tmp_path: Path
) -> None:
    """The file has mode 0600; without it the accounts get new passwords."""
    first = await seed_demo(commerce, str(tmp_path))
    path = tmp_path / "demo-sign-ins.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.unlink()
    second = await seed_demo(commerce, str(tmp_path))
    assert {one.password for one in first.sign_ins}.isdisjoint(one.password for one in second.sign_ins)
    await commerce.sessions.sign_in(second.sign_ins[0].email, second.sign_ins[0].password, None, ADDRESS)


async def test_a_show_that_was_ended_is_followed_by_another(
    commerce: CommerceServices, tmp_path: Path
) -> None:
    """Whoever ended the demo's show finds a live one again after a restart."""
    first = await seed_demo(commerce, str(tmp_path))
    await commerce.shows.end(first.live_show)
    second = await seed_demo(commerce, str(tmp_path))
    assert second.live_show != first.live_show
    assert (await commerce.screens.show(second.live_show)).state == "live"


async def test_one_demo_sale_is_on_at_a_time(commerce: CommerceServices, tmp_path: Path) -> None:
    """Asking again answers the sale that is on."""
    demo = await seed_demo(commerce, str(tmp_path))
    sale = await start_demo_sale(commerce, demo)
    assert sale is not None
    assert sale.state == "scheduled"
    again = await start_demo_sale(commerce, demo, turn=1)
    assert again is not None
    assert again.id == sale.id
