"""Bans: SQL decides, Redis has copies that never go back in version."""

import pytest

from commerce.errors import Banned, Forbidden, NoSuchPerson, NoSuchShow
from commerce.sale.types import Line
from commerce.services import CommerceServices
from commerce.shops.bans_redis import RoomBans, bans_key
from commerce.shops.bans_sql import BanTerms
from commerce.shows.structs import ShowRequest
from tests.commerce.builders import Stall, new_account, new_guest, new_stall, notes


async def room_copy(commerce: CommerceServices, show: str, person: str) -> bytes | None:
    """Read what the room has of a person, once all copies have left."""
    await commerce.outbox.send_due()
    found: bytes | None = await commerce.redis.hget(bans_key(show), person)
    return found


async def press_buy(commerce: CommerceServices, stall: Stall, person: str, key: str) -> None:
    """Reserve one unit."""
    line = Line(variant=stall.variant, quantity=1, price_version=1)
    await commerce.engine.reserve(
        stall.shop, person=person, key=key, reservation=commerce.new_id("rs"), lines=[line]
    )


async def test_a_ban_stops_buying_and_reaches_the_rooms(commerce: CommerceServices) -> None:
    """The shop's tag, each room that is not over, and the ledger hear of it; stock stays."""
    stall = await new_stall(commerce)
    guest, _ = await new_guest(commerce)
    await commerce.bans.ban_in_show(stall.show, guest.id, stall.owner, BanTerms("rude"))
    with pytest.raises(Banned):
        await press_buy(commerce, stall, guest.id, "press-one")
    stock = (await commerce.catalogue.get(stall.shop, stall.product.id)).variants[0].stock
    assert stock is not None
    assert (stock.available, stock.held) == (10, 0)
    assert await room_copy(commerce, stall.show, guest.id) == b"1|1"
    assert ("banned", {"person": guest.id}) in await notes(commerce, stall.shop)
    (ban,) = await commerce.bans.standing(stall.shop)
    assert (ban.person, ban.name, ban.reason, ban.actor) == (guest.id, "Lin", "rude", stall.owner)


async def test_a_lifted_ban_lets_buy_again(commerce: CommerceServices) -> None:
    """Lifting is a higher version; both may be repeated."""
    stall = await new_stall(commerce)
    guest, _ = await new_guest(commerce)
    await commerce.bans.ban(stall.shop, guest.id, stall.owner)
    await commerce.bans.unban(stall.shop, guest.id, stall.owner)
    await commerce.bans.unban(stall.shop, guest.id, stall.owner)
    await press_buy(commerce, stall, guest.id, "press-one")
    assert await room_copy(commerce, stall.show, guest.id) == b"3|0"
    assert await commerce.bans.standing(stall.shop) == ()
    assert not await commerce.bans.is_banned(stall.shop, guest.id)


async def test_a_late_copy_of_an_older_ban_changes_nothing(commerce: CommerceServices) -> None:
    """Copies may arrive in any order."""
    rooms = RoomBans(commerce.redis)
    assert await rooms.put("sh_1", "gu_1", 2, banned=False)
    assert not await rooms.put("sh_1", "gu_1", 1, banned=True)
    assert await room_copy(commerce, "sh_1", "gu_1") == b"2|0"


async def test_a_new_show_knows_the_bans_that_stand(commerce: CommerceServices) -> None:
    """Bans made before a show was planned are copied to its room."""
    stall = await new_stall(commerce)
    guest, _ = await new_guest(commerce)
    await commerce.bans.ban(stall.shop, guest.id, stall.owner)
    request = ShowRequest(title="Next", starts_at_ms=commerce.now_ms())
    show = await commerce.shows.create(stall.shop, request)
    assert await room_copy(commerce, show, guest.id) == b"1|1"


async def test_staff_unknown_people_and_unknown_shows_are_refused(commerce: CommerceServices) -> None:
    """Nothing is written for any of them."""
    stall = await new_stall(commerce)
    guest, _ = await new_guest(commerce)
    with pytest.raises(Forbidden):
        await commerce.bans.ban(stall.shop, stall.owner, stall.owner)
    with pytest.raises(NoSuchPerson):
        await commerce.bans.ban(stall.shop, "gu_nobody", stall.owner)
    with pytest.raises(NoSuchShow):
        await commerce.bans.ban_in_show("sh_nowhere", guest.id, stall.owner)
    assert await commerce.bans.standing(stall.shop) == ()
    assert await room_copy(commerce, stall.show, stall.owner) is None


async def test_a_ban_of_one_shop_means_nothing_in_another(commerce: CommerceServices) -> None:
    """Bans belong to shops."""
    stall, other = await new_stall(commerce), await new_stall(commerce, "ren@example.com")
    buyer = await new_account(commerce, "lin@example.com", "Lin")
    await commerce.bans.ban(stall.shop, buyer, stall.owner)
    await press_buy(commerce, other, buyer, "press-one")
    assert await room_copy(commerce, other.show, buyer) is None


async def test_a_ban_ends_by_itself_everywhere(commerce: CommerceServices) -> None:
    """Its end is data that SQL and the shop's Functions compare; the room's copy has it too."""
    stall = await new_stall(commerce)
    guest, _ = await new_guest(commerce)
    soon_ms = commerce.now_ms() + 60_000
    await commerce.bans.ban(stall.shop, guest.id, stall.owner, BanTerms(expires_at_ms=soon_ms))
    assert await room_copy(commerce, stall.show, guest.id) == f"1|1|{soon_ms}".encode()
    other, _ = await new_guest(commerce, "Wu")
    assert await commerce.bans.banned_of(stall.shop, [other.id, guest.id]) == {guest.id}
    assert await commerce.bans.is_banned(stall.shop, guest.id)
    with pytest.raises(Banned):
        await press_buy(commerce, stall, guest.id, "press-one")
    past_ms = commerce.now_ms() - 1
    await commerce.bans.ban(stall.shop, guest.id, stall.owner, BanTerms(expires_at_ms=past_ms))
    assert not await commerce.bans.is_banned(stall.shop, guest.id)
    assert await commerce.bans.standing(stall.shop) == ()
    await press_buy(commerce, stall, guest.id, "press-two")


async def test_a_device_and_an_address_stay_banned_while_anybodys_ban_is_on_them(
    commerce: CommerceServices,
) -> None:
    """Lifting one of two bans leaves what the other names; lifting the last one lets all go."""
    stall = await new_stall(commerce)
    (first, _), (second, _) = await new_guest(commerce), await new_guest(commerce, "Wu")
    await commerce.bans.ban(stall.shop, first.id, stall.owner, BanTerms(device="de_1", address_key="ak_1"))
    await commerce.bans.ban(stall.shop, second.id, stall.owner, BanTerms(address_key="ak_1"))
    assert await room_copy(commerce, stall.show, "de_1") == b"1|1"
    await commerce.bans.unban(stall.shop, first.id, stall.owner)
    assert await room_copy(commerce, stall.show, "de_1") == b"3|0"
    assert await room_copy(commerce, stall.show, "ak_1") == b"3|1"
    await commerce.bans.unban(stall.shop, second.id, stall.owner)
    assert await room_copy(commerce, stall.show, "ak_1") == b"4|0"


async def test_a_device_is_banned_until_the_last_ban_on_it_ends(commerce: CommerceServices) -> None:
    """Whichever was first or is lifted, in a new show too; what was over on it holds nothing."""
    stall = await new_stall(commerce)
    (first, _), (second, _), (third, _) = [await new_guest(commerce, name) for name in ("Lin", "Wu", "Sis")]
    soon_ms, over_ms = commerce.now_ms() + 60_000, commerce.now_ms() - 1
    await commerce.bans.ban(stall.shop, first.id, stall.owner, BanTerms(device="de_1"))
    await commerce.bans.ban(stall.shop, second.id, stall.owner, BanTerms("", soon_ms, "de_1"))
    await commerce.bans.ban(stall.shop, third.id, stall.owner, BanTerms("", over_ms, "de_1"))
    assert await room_copy(commerce, stall.show, "de_1") == b"3|1"
    request = ShowRequest(title="Next", starts_at_ms=commerce.now_ms())
    later = await commerce.shows.create(stall.shop, request)
    assert await room_copy(commerce, later, "de_1") == b"2|1"
    await commerce.bans.unban(stall.shop, first.id, stall.owner)
    assert await room_copy(commerce, stall.show, "de_1") == f"4|1|{soon_ms}".encode()
    await commerce.bans.unban(stall.shop, second.id, stall.owner)
    assert await room_copy(commerce, stall.show, "de_1") == b"5|0"


async def test_a_device_is_let_go_from_every_ban(commerce: CommerceServices) -> None:
    """Its people stay banned; who asked was not; a show planned later hears nothing of the device."""
    stall = await new_stall(commerce)
    (first, _), (second, _), (sister, _) = [await new_guest(commerce, name) for name in ("Lin", "Wu", "Sis")]
    for banned in (first, second):
        terms = BanTerms(device="de_1", address_key="ak_1")
        await commerce.bans.ban(stall.shop, banned.id, stall.owner, terms)
    assert await room_copy(commerce, stall.show, "de_1") == b"2|1"
    lifted = await commerce.bans.unban_in_show(stall.show, sister.id, stall.owner, ["de_1"])
    assert sorted(lifted) == sorted((one.id, BanTerms(device="de_1")) for one in (first, second))
    assert await room_copy(commerce, stall.show, "de_1") == b"4|0"
    assert await room_copy(commerce, stall.show, "ak_1") == b"2|1"
    standing = await commerce.bans.standing(stall.shop)
    assert {(ban.person, ban.by_device, ban.by_address) for ban in standing} == {
        (first.id, False, True),
        (second.id, False, True),
    }
    request = ShowRequest(title="Next", starts_at_ms=commerce.now_ms())
    later = await commerce.shows.create(stall.shop, request)
    assert await room_copy(commerce, later, "de_1") is None
    assert await room_copy(commerce, later, "ak_1") is not None


async def test_a_lifted_ban_tells_how_it_stood(commerce: CommerceServices) -> None:
    """So that it can be put back as it was; one that was over, or lifted before, tells nothing."""
    stall = await new_stall(commerce)
    guest, _ = await new_guest(commerce)
    ends_ms = commerce.now_ms() + 60_000
    terms = BanTerms("rude", ends_ms, "de_1", "ak_1")
    await commerce.bans.ban(stall.shop, guest.id, stall.owner, terms)
    assert await commerce.bans.unban_in_show(stall.show, guest.id, stall.owner) == [(guest.id, terms)]
    assert await commerce.bans.unban_in_show(stall.show, guest.id, stall.owner) == []
    over, (other, _) = BanTerms("", commerce.now_ms() - 1, "de_1"), await new_guest(commerce, "Wu")
    await commerce.bans.ban(stall.shop, guest.id, stall.owner, over)
    assert await commerce.bans.unban_in_show(stall.show, other.id, stall.owner, ["de_1"]) == []
    assert await commerce.bans.unban_in_show(stall.show, guest.id, stall.owner) == []


async def test_a_device_that_was_let_go_is_put_back(commerce: CommerceServices) -> None:
    """On a ban that stands, with its end; not on one that was lifted or is on another device by now."""
    stall = await new_stall(commerce)
    (first, _), (second, _), (third, _) = [await new_guest(commerce, name) for name in ("Lin", "Wu", "Sis")]
    ends_ms, on = commerce.now_ms() + 60_000, BanTerms(device="de_1")
    await commerce.bans.ban(stall.shop, first.id, stall.owner, BanTerms("rude", ends_ms, "de_1"))
    await commerce.bans.ban(stall.shop, second.id, stall.owner, BanTerms(device="de_2"))
    await commerce.bans.unban_in_show(stall.show, third.id, stall.owner, ["de_1"])
    assert await room_copy(commerce, stall.show, "de_1") == b"4|0"
    for whose in (second.id, third.id):
        assert await commerce.bans.put_back_in_show(stall.show, whose, on) == []
    assert await room_copy(commerce, stall.show, "de_1") == b"4|0"
    for _ in range(2):
        assert await commerce.bans.put_back_in_show(stall.show, first.id, on) == ["de_1"]
    assert await room_copy(commerce, stall.show, "de_1") == f"5|1|{ends_ms}".encode()
    lifted = await commerce.bans.unban_in_show(stall.show, first.id, stall.owner)
    assert lifted == [(first.id, BanTerms("rude", ends_ms, "de_1"))]
