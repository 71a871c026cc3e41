"""Shops and who works in them."""

import asyncio

import pytest

from commerce.errors import InvalidField, LastOwner, NoSuchAccount, NoSuchPerson, NoSuchShop, SlugTaken
from commerce.services import CommerceServices
from commerce.shops.structs import ShopChange, ShopRequest
from tests.commerce.builders import new_account, new_guest, new_stall


async def test_a_shop_is_found_by_id_and_by_slug(commerce: CommerceServices) -> None:
    """The slug is made from the name; the founder owns the shop."""
    owner = await new_account(commerce)
    shop = await commerce.shops.found(owner, ShopRequest(name="Mei's Tea", currency="USD"))
    assert shop.slug == "meis-tea"
    assert await commerce.shops.get(shop.id) == await commerce.shops.get("meis-tea") == shop
    assert [(one.person, one.role) for one in await commerce.shops.staff(shop.id)] == [(owner, "owner")]
    with pytest.raises(NoSuchShop):
        await commerce.shops.get("sp_nowhere")


async def test_a_slug_belongs_to_one_shop(commerce: CommerceServices) -> None:
    """A chosen slug that is taken is refused; a proposed one gets an ending."""
    owner = await new_account(commerce)
    await commerce.shops.found(owner, ShopRequest(name="Tea", currency="USD", slug="tea"))
    with pytest.raises(SlugTaken):
        await commerce.shops.found(owner, ShopRequest(name="Other", currency="USD", slug="tea"))
    assert len(await commerce.shops.ids()) == 1
    second = await commerce.shops.found(owner, ShopRequest(name="Tea", currency="USD"))
    assert second.slug.startswith("tea-")


@pytest.mark.parametrize(
    "request_",
    [
        ShopRequest(name="", currency="USD"),
        ShopRequest(name="Tea", currency="usd"),
        ShopRequest(name="Tea", currency="XXX"),
        ShopRequest(name="Tea", currency="USD", slug="a b"),
        ShopRequest(name="Tea", currency="USD", contact_email="nobody"),
        ShopRequest(name="Tea", currency="USD", accent="red"),
    ],
)
async def test_a_wrong_field_founds_no_shop(commerce: CommerceServices, request_: ShopRequest) -> None:
    """Fields are judged before anything is written."""
    owner = await new_account(commerce)
    with pytest.raises(InvalidField):
        await commerce.shops.found(owner, request_)
    assert await commerce.shops.ids() == []


async def test_owners_change_the_public_face(commerce: CommerceServices) -> None:
    """What is not named stays."""
    stall = await new_stall(commerce)
    before = await commerce.shops.get(stall.shop)
    changed = await commerce.shops.change(
        stall.shop, ShopChange(legal_name="Mei Ltd.", legal_address="1 Lane\nTown", accent="#ABCDEF")
    )
    assert (changed.legal_name, changed.legal_address, changed.accent) == (
        "Mei Ltd.",
        "1 Lane\nTown",
        "#abcdef",
    )
    assert (changed.name, changed.slug) == (before.name, before.slug)


async def test_staff_come_change_and_go_but_an_owner_stays(commerce: CommerceServices) -> None:
    """The last owner can neither leave nor become less; others can."""
    stall = await new_stall(commerce)
    jo = await new_account(commerce, "jo@example.com", "Jo")
    await commerce.shops.put_staff(stall.shop, "JO@example.com", "moderator")
    assert await commerce.staff.role_in(jo, shop=stall.shop) == "moderator"
    for refused in (
        commerce.shops.put_staff(stall.shop, "mei@example.com", "host"),
        commerce.shops.remove_staff(stall.shop, stall.owner),
    ):
        with pytest.raises(LastOwner):
            await refused
    assert await commerce.staff.role_in(stall.owner, shop=stall.shop) == "owner"
    await commerce.shops.put_staff(stall.shop, "jo@example.com", "owner")
    await commerce.shops.remove_staff(stall.shop, stall.owner)
    assert [one.person for one in await commerce.shops.staff(stall.shop)] == [jo]
    with pytest.raises(NoSuchPerson):
        await commerce.shops.remove_staff(stall.shop, stall.owner)


async def test_staff_need_an_account_and_a_known_role(commerce: CommerceServices) -> None:
    """An unknown e-mail or role changes nothing."""
    stall = await new_stall(commerce)
    with pytest.raises(NoSuchAccount):
        await commerce.shops.put_staff(stall.shop, "nobody@example.com", "host")
    with pytest.raises(InvalidField):
        await commerce.shops.put_staff(stall.shop, "mei@example.com", "emperor")
    assert len(await commerce.shops.staff(stall.shop)) == 1


async def test_roles_are_asked_by_shop_and_by_show(commerce: CommerceServices) -> None:
    """A stranger, a guest and staff of another shop have none; an administrator is an owner everywhere."""
    stall = await new_stall(commerce)
    other = await new_stall(commerce, "ren@example.com")
    guest, _ = await new_guest(commerce)
    root = await commerce.accounts.create("root@example.com", "long enough", "Root", admin=True)
    assert await commerce.staff.role_in(stall.owner, show=stall.show) == "owner"
    assert await commerce.staff.role_in(stall.owner, shop=stall.shop) == "owner"
    assert await commerce.staff.role_in(other.owner, show=stall.show) is None
    assert await commerce.staff.role_in(guest.id, shop=stall.shop) is None
    assert await commerce.staff.role_in(stall.owner, show="sh_nowhere") is None
    assert await commerce.staff.role_in(stall.owner) is None
    assert await commerce.staff.role_in(root, show=stall.show) == "owner"


async def test_a_role_that_was_taken_away_is_gone_within_a_second(commerce: CommerceServices) -> None:
    """The cache forgets after a second of the services' clock."""
    stall = await new_stall(commerce)
    jo = await new_account(commerce, "jo@example.com", "Jo")
    await commerce.shops.put_staff(stall.shop, "jo@example.com", "host")
    assert await commerce.staff.role_in(jo, shop=stall.shop) == "host"
    await commerce.shops.remove_staff(stall.shop, jo)
    at_ms = commerce.now_ms()
    commerce.staff._now_ms = lambda: at_ms + 1_000
    assert await commerce.staff.role_in(jo, shop=stall.shop) is None


async def test_two_owners_who_leave_at_once_do_not_leave_the_shop_alone(commerce: CommerceServices) -> None:
    """The shop's row decides who was first."""
    stall = await new_stall(commerce)
    jo = await new_account(commerce, "jo@example.com", "Jo")
    await commerce.shops.put_staff(stall.shop, "jo@example.com", "owner")
    ends = await asyncio.gather(
        commerce.shops.remove_staff(stall.shop, stall.owner),
        commerce.shops.remove_staff(stall.shop, jo),
        return_exceptions=True,
    )
    assert sorted(type(end).__name__ for end in ends) == ["LastOwner", "NoneType"]
    assert len(await commerce.shops.staff(stall.shop)) == 1
