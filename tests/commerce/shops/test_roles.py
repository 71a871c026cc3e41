"""Roles of a shop and of one show, and who sees money."""

import pytest

from commerce.errors import InvalidField, NoSuchAccount, NoSuchPerson, NoSuchShow
from commerce.routes import ROUTES
from commerce.services import CommerceServices
from commerce.shows.structs import ShowRequest
from tests.commerce.builders import Stall, new_account, new_stall

_ORDER = "/shops/{shop}/orders/{order}"
MONEY = {
    ("GET", "/shops/{shop}/orders"),
    ("GET", "/shops/{shop}/orders.csv"),
    ("GET", f"{_ORDER}/messages"),
    ("POST", f"{_ORDER}/messages"),
    ("POST", f"{_ORDER}/messages/read"),
    ("POST", f"{_ORDER}/attachments"),
    ("GET", "/shops/{shop}/unread-messages"),
}


async def staffed(commerce: CommerceServices, role: str, *, money: bool = False) -> tuple[Stall, str]:
    """Make a stall with Jo in a role."""
    stall = await new_stall(commerce)
    jo = await new_account(commerce, "jo@example.com", "Jo")
    await commerce.shops.put_staff(stall.shop, "jo@example.com", role, money=money)
    return stall, jo


@pytest.mark.parametrize(
    ("role", "money", "sees"),
    [
        ("stats", False, False),
        ("stats", True, True),
        ("moderator", False, False),
        ("moderator", True, True),
        ("producer", False, True),
        ("host", False, True),
    ],
)
async def test_moderators_see_money_only_when_they_are_allowed_to(
    commerce: CommerceServices, role: str, money: bool, sees: bool
) -> None:
    """Producers, hosts and owners always do; strangers never."""
    stall, jo = await staffed(commerce, role, money=money)
    assert await commerce.staff.sees_money(jo, shop=stall.shop) is sees
    assert await commerce.staff.sees_money(jo, show=stall.show) is sees
    assert await commerce.staff.sees_money(stall.owner, shop=stall.shop)
    assert not await commerce.staff.sees_money("gu_1", shop=stall.shop)
    members = {one.person: one.money for one in await commerce.shops.staff(stall.shop)}
    assert members == {stall.owner: True, jo: sees}


def test_no_door_below_a_host_shows_orders_without_that_right() -> None:
    """Every door of a shop's orders asks for a host, an owner, or the right to see money."""
    for route in ROUTES:
        if route.path.startswith("/shops/{shop}/orders") and route.role not in {"anyone", "person"}:
            assert route.role in {"host", "owner", "money"}, route.path
        assert ((route.method, route.path) in MONEY) is (route.role == "money")


async def test_a_role_in_one_show_is_none_in_the_shop(commerce: CommerceServices) -> None:
    """The higher of both roles holds in the show; taken away, nothing is left."""
    stall = await new_stall(commerce)
    jo = await new_account(commerce, "jo@example.com", "Jo")
    request = ShowRequest(title="Next", starts_at_ms=commerce.now_ms() + 60_000)
    other = await commerce.shops.put_show_staff(stall.show, "jo@example.com", "producer")
    assert [(one.person, one.role, one.money) for one in other] == [(jo, "producer", True)]
    second = await commerce.shows.create(stall.shop, request)
    assert await commerce.staff.role_in(jo, show=stall.show) == "producer"
    assert await commerce.staff.role_in(jo, show=second) is None
    assert await commerce.staff.role_in(jo, shop=stall.shop) is None
    await commerce.shops.remove_show_staff(stall.show, jo)
    with pytest.raises(NoSuchPerson):
        await commerce.shops.remove_show_staff(stall.show, jo)
    assert await commerce.shops.show_staff(stall.show) == ()


async def test_wrong_roles_and_unknown_people_are_refused(commerce: CommerceServices) -> None:
    """Nobody owns one show; nothing is written for any of them."""
    stall = await new_stall(commerce)
    await new_account(commerce, "jo@example.com", "Jo")
    with pytest.raises(InvalidField):
        await commerce.shops.put_show_staff(stall.show, "jo@example.com", "owner")
    with pytest.raises(NoSuchAccount):
        await commerce.shops.put_show_staff(stall.show, "no@example.com", "stats")
    with pytest.raises(NoSuchShow):
        await commerce.shops.put_show_staff("sh_nowhere", "jo@example.com", "stats")
    assert await commerce.shops.show_staff(stall.show) == ()
