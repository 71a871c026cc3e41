"""Shows: their life, what they show, who may publish, and what screens are told."""

import pytest

from commerce.errors import (
    BadTimes,
    InvalidField,
    NoSuchProduct,
    NoSuchShop,
    NoSuchShow,
    WrongState,
    WrongStreamKey,
)
from commerce.services import CommerceServices
from commerce.shows.states import ShowState, step
from commerce.shows.structs import SaleRequest, ShowChange, ShowRequest
from tests.commerce.builders import new_product, new_stall, notes

BASE = "https://shop.test"


@pytest.mark.parametrize(
    ("now", "wanted", "allowed"),
    [
        ("scheduled", "live", True),
        ("scheduled", "ended", True),
        ("live", "ended", True),
        ("live", "scheduled", False),
        ("ended", "live", False),
        ("ended", "scheduled", False),
    ],
)
def test_a_show_only_goes_forward(now: str, wanted: str, allowed: bool) -> None:
    """Every pair of states is allowed or refused; to the same state there is nothing to do."""
    assert not step(ShowState(now), ShowState(now))
    if allowed:
        assert step(ShowState(now), ShowState(wanted))
    else:
        with pytest.raises(WrongState):
            step(ShowState(now), ShowState(wanted))


async def test_a_show_goes_live_and_ends_and_its_page_stays(commerce: CommerceServices) -> None:
    """Pressing twice is harmless; what ended does not come back; rooms hear both steps once."""
    stall = await new_stall(commerce)
    for _ in range(2):
        await commerce.shows.start(stall.show)
    live = await commerce.screens.show(stall.show)
    assert (live.state, live.started_at_ms is not None) == ("live", True)
    for _ in range(2):
        await commerce.shows.end(stall.show)
    with pytest.raises(WrongState):
        await commerce.shows.start(stall.show)
    over = await commerce.screens.show(stall.show)
    assert over.state == "ended"
    assert over.products[0].variants[0].stock is not None
    states = [body["state"] for kind, body in await notes(commerce, stall.shop) if kind == "show"]
    assert states == ["live", "ended"]


async def test_the_lobby_lists_shows_by_state(commerce: CommerceServices) -> None:
    """Live first, then scheduled; ended only when asked for; another word is refused."""
    stall, other = await new_stall(commerce), await new_stall(commerce, "ren@example.com")
    await commerce.shows.start(other.show)
    await commerce.shows.pin(other.show, other.product.id)
    cards = (await commerce.screens.lobby()).shows
    assert [(card.id, card.state) for card in cards] == [(other.show, "live"), (stall.show, "scheduled")]
    assert cards[0].pinned == other.product
    assert cards[0].shop.id == other.shop
    assert (await commerce.screens.lobby("ended")).shows == ()
    await commerce.shows.end(other.show)
    assert [card.id for card in (await commerce.screens.lobby("ended")).shows] == [other.show]
    with pytest.raises(InvalidField):
        await commerce.screens.lobby("sleeping")


async def test_pinning_tells_the_room_and_joins_the_run(commerce: CommerceServices) -> None:
    """A product outside the run joins it first, so that screens know it before it is pinned."""
    stall = await new_stall(commerce)
    other = await new_product(commerce, stall.shop, stall.owner)
    told = len(await notes(commerce, stall.shop))
    await commerce.shows.pin(stall.show, other.id)
    heard = (await notes(commerce, stall.shop))[told:]
    assert [kind for kind, _ in heard] == ["product", "run_of_show", "pin"]
    assert heard[-1][1] == {"product": other.id}
    page = await commerce.screens.show(stall.show)
    assert (page.pinned_product, len(page.products)) == (other.id, 2)
    await commerce.shows.pin(stall.show, None)
    assert (await commerce.screens.show(stall.show)).pinned is None


async def test_a_pinned_product_that_leaves_the_run_is_unpinned(commerce: CommerceServices) -> None:
    """The room hears both."""
    stall = await new_stall(commerce)
    await commerce.shows.pin(stall.show, stall.product.id)
    await commerce.shows.put_run_of_show(stall.show, ())
    page = await commerce.screens.show(stall.show)
    assert (page.products, page.pinned_product) == ((), None)
    assert [kind for kind, _ in await notes(commerce, stall.shop)][-2:] == ["run_of_show", "pin"]


async def test_only_own_products_come_into_the_run(commerce: CommerceServices) -> None:
    """Another shop's, an unknown one, one twice: refused, and the run stays."""
    stall, other = await new_stall(commerce), await new_stall(commerce, "ren@example.com")
    for products in ((other.product.id,), ("pr_nothing",), (stall.product.id, "pr_nothing")):
        with pytest.raises(NoSuchProduct):
            await commerce.shows.put_run_of_show(stall.show, products)
    with pytest.raises(InvalidField):
        await commerce.shows.put_run_of_show(stall.show, (stall.product.id,) * 2)
    with pytest.raises(NoSuchProduct):
        await commerce.shows.pin(stall.show, other.product.id)
    page = await commerce.screens.show(stall.show)
    assert ([product.id for product in page.products], page.pinned) == ([stall.product.id], None)


async def test_a_stream_key_opens_its_own_show_only(commerce: CommerceServices) -> None:
    """Unknown show 404, wrong key 401, another show's key 401, ended show 409."""
    stall, other = await new_stall(commerce), await new_stall(commerce, "ren@example.com")
    key = await commerce.shows.stream_key(stall.show, BASE)
    assert key.whip_url == f"{BASE}/whip/{stall.show}"
    assert await commerce.shows.stream_key_check(stall.show, key.key) == stall.shop
    with pytest.raises(NoSuchShow):
        await commerce.shows.stream_key_check("sh_nowhere", key.key)
    foreign = (await commerce.shows.stream_key(other.show, BASE)).key
    for wrong in ("", "live_wrong", foreign, key.key + "x"):
        with pytest.raises(WrongStreamKey):
            await commerce.shows.stream_key_check(stall.show, wrong)
    await commerce.shows.end(stall.show)
    with pytest.raises(WrongState):
        await commerce.shows.stream_key_check(stall.show, key.key)


async def test_a_rotated_key_lets_nobody_in_at_once(commerce: CommerceServices) -> None:
    """The host sees the new key again and again; media is told of the change."""
    stall = await new_stall(commerce)
    heard: list[tuple[str, str]] = []

    async def watch(event: str, show: str) -> None:
        heard.append((event, show))

    commerce.shows.watchers.append(watch)
    old = await commerce.shows.stream_key(stall.show, BASE)
    assert await commerce.shows.stream_key(stall.show, BASE) == old
    new = await commerce.shows.rotate_stream_key(stall.show, BASE)
    assert new.key != old.key
    with pytest.raises(WrongStreamKey):
        await commerce.shows.stream_key_check(stall.show, old.key)
    await commerce.shows.stream_key_check(stall.show, new.key)
    assert await commerce.shows.stream_key(stall.show, BASE) == new
    await commerce.shows.end(stall.show)
    assert heard == [("key_rotated", stall.show), ("ended", stall.show)]


async def test_the_database_does_not_hold_the_key_in_clear(commerce: CommerceServices) -> None:
    """Only a hash and a sealed copy are written."""
    stall = await new_stall(commerce)
    key = (await commerce.shows.stream_key(stall.show, BASE)).key
    async with commerce.database.read() as sql:
        row = (await sql.exec_driver_sql("SELECT stream_key_hash, stream_key_sealed FROM shows")).one()
    assert all(key not in column and len(column) > 40 for column in row)


async def test_wrong_words_and_times_plan_no_show(commerce: CommerceServices) -> None:
    """Each is refused before anything is written."""
    stall = await new_stall(commerce)
    soon = commerce.now_ms() + 1000
    for request, error in (
        (ShowRequest(title=" ", starts_at_ms=soon), InvalidField),
        (ShowRequest(title="x" * 121, starts_at_ms=soon), InvalidField),
        (ShowRequest(title="Tea", starts_at_ms=soon, description="x" * 4001), InvalidField),
        (ShowRequest(title="Tea", starts_at_ms=0), BadTimes),
        (ShowRequest(title="Tea", starts_at_ms=10**15), BadTimes),
    ):
        with pytest.raises(error):
            await commerce.shows.create(stall.shop, request)
    with pytest.raises(NoSuchShop):
        await commerce.shows.create("sp_nowhere", ShowRequest(title="Tea", starts_at_ms=soon))
    assert [card.id for card in (await commerce.screens.of_shop(stall.shop)).shows] == [stall.show]


async def test_a_show_is_moved_only_before_it_starts(commerce: CommerceServices) -> None:
    """Title and outside players may change any time."""
    stall = await new_stall(commerce)
    later = commerce.now_ms() + 7_200_000
    await commerce.shows.change(stall.show, ShowChange(title="Late tea", starts_at_ms=later))
    await commerce.shows.start(stall.show)
    with pytest.raises(WrongState):
        await commerce.shows.change(stall.show, ShowChange(starts_at_ms=later + 1))
    await commerce.shows.change(stall.show, ShowChange(outside_players=True))
    page = await commerce.screens.show(stall.show)
    assert (page.title, page.starts_at_ms, page.outside_players) == ("Late tea", later, True)


async def test_the_snapshot_has_all_a_room_starts_from(commerce: CommerceServices) -> None:
    """Products, prices, stock of main and sale pools, sales, run, pin and where the ledger stood."""
    stall = await new_stall(commerce)
    await commerce.shows.start(stall.show)
    await commerce.shows.pin(stall.show, stall.product.id)
    request = SaleRequest(variant=stall.variant, price_minor=700, quantity=5, duration_s=60)
    sale = await commerce.sales.create(stall.show, stall.owner, request, "launch-1")
    snapshot = await commerce.snapshot(stall.show)
    assert snapshot is not None
    assert (snapshot["shop"], snapshot["currency"]) == (stall.shop, "USD")
    assert snapshot["show"]["state"] == "live"
    assert "products" not in snapshot["show"]
    assert snapshot["pinned"] == stall.product.id
    assert snapshot["run_of_show"] == [stall.product.id]
    assert [one["id"] for one in snapshot["sales"]] == [sale.id]
    assert snapshot["prices"] == {stall.variant: {"price_minor": 1200, "price_version": 1}}
    assert snapshot["stock"] == {
        f"po_{stall.variant}": {"available": 5, "held": 0, "sold": 0, "total": 5},
        sale.pool: {"available": 5, "held": 0, "sold": 0, "total": 5},
    }
    assert snapshot["ledger_position"] == await commerce.engine.ledger_tail(stall.shop)
    assert abs(snapshot["shop_time_ms"] - commerce.now_ms()) < 10_000
    assert await commerce.snapshot("sh_nowhere") is None


async def test_the_summary_of_a_show_without_orders_is_all_zero(commerce: CommerceServices) -> None:
    """Counts start at nothing, and a show that never started lasted no time."""
    stall = await new_stall(commerce)
    summary = await commerce.screens.summary(stall.show)
    assert (summary.orders, summary.units, summary.revenue_minor, summary.duration_s) == (0, 0, 0, 0)
    assert summary.currency == "USD"
    with pytest.raises(NoSuchShow):
        await commerce.screens.summary("sh_nowhere")
