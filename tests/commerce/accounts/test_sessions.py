"""Sessions: cookies, tokens, signing out, and taking the guest along."""

import asyncio

import pytest

from commerce.accounts.revocations_redis import Revocations
from commerce.accounts.tokens import read_access_token, sign_access_token
from commerce.errors import NoSession
from commerce.routing import Identity
from commerce.sale.types import Line
from commerce.services import CommerceServices
from tests.commerce.builders import PASSWORD, new_account, new_guest, new_stall

ADDRESS = "192.0.2.1"
KEY = b"k" * 32


def test_a_token_says_what_was_signed_until_it_expires() -> None:
    """Signing and reading agree, and the end is exclusive."""
    identity = Identity("ac_1", "account", "梅", "de_1", admin=True)
    token = sign_access_token(identity, 1_000, KEY)
    read = read_access_token(token, KEY, 999)
    assert read is not None
    assert (read.identity, read.expires_at_ms) == (identity, 1_000)
    assert read_access_token(token, KEY, 1_000) is None


@pytest.mark.parametrize("place", ["body", "signature", "key", "rubbish", "unicode", "long", "empty"])
def test_a_token_that_was_touched_is_worth_nothing(place: str) -> None:
    """One changed character anywhere, or another key, and nobody is named."""
    token = sign_access_token(Identity("ac_1", "account", "Mei", "de_1"), 1_000, KEY)
    body, signature = token.split(".")
    tampered = {
        "body": f"{'B' if body[0] != 'B' else 'C'}{body[1:]}.{signature}",
        "signature": f"{body}.{'B' if signature[0] != 'B' else 'C'}{signature[1:]}",
        "key": sign_access_token(Identity("ac_1", "account", "Mei", "de_1"), 1_000, b"x" * 32),
        "rubbish": "a.b.c",
        "unicode": "ü" + token,
        "long": token + "A" * 2000,
        "empty": "",
    }
    assert read_access_token(token, KEY, 0) is not None
    assert read_access_token(tampered[place], KEY, 0) is None


async def test_a_browser_goes_on_by_its_cookie(commerce: CommerceServices) -> None:
    """The cookie answers the same person again; a changed or missing one answers nobody."""
    guest, cookie = await new_guest(commerce)
    again = await commerce.sessions.resume(cookie)
    assert (again.answer.person, again.cookie) == (guest, None)
    for wrong in (
        None,
        "",
        "de_unknown.secret",
        cookie[:-1] + ("a" if cookie[-1] != "a" else "b"),
        "x" * 5000,
    ):
        with pytest.raises(NoSession):
            await commerce.sessions.resume(wrong)


async def test_a_guest_who_chooses_again_is_the_same_guest_with_another_name(
    commerce: CommerceServices,
) -> None:
    """Renaming by cookie keeps the person, so holds stay."""
    guest, cookie = await new_guest(commerce)
    renamed = await commerce.sessions.open_guest("Lin Wei", cookie, ADDRESS)
    assert (renamed.answer.person.id, renamed.answer.person.name) == (guest.id, "Lin Wei")


async def test_signing_out_voids_cookie_and_token_in_every_process(commerce: CommerceServices) -> None:
    """Another process that follows the stream hears of it and refuses the token, too."""
    guest, cookie = await new_guest(commerce)
    opened = await commerce.sessions.resume(cookie)
    identity = commerce.sessions.verify_access_token(opened.answer.access_token)
    assert identity is not None
    other, heard = Revocations(commerce.redis), asyncio.Queue[tuple[str, str, str]]()
    other.listen(lambda device, person, reason: heard.put_nowait((device, person, reason)))
    await other.start()
    try:
        await commerce.sessions.sign_out(identity, cookie)
        told = await asyncio.wait_for(heard.get(), 1.0)
    finally:
        await other.stop()
    assert told == (identity.device, guest.id, "signed_out")
    assert other.is_revoked(identity.device)
    assert commerce.sessions.verify_access_token(opened.answer.access_token) is None
    with pytest.raises(NoSession):
        await commerce.sessions.resume(cookie)


async def test_a_process_that_starts_later_knows_who_was_signed_out(commerce: CommerceServices) -> None:
    """The hash tells what the stream told before."""
    await commerce.sessions.revocations.revoke(["de_gone"], "gu_1", "signed_out", commerce.now_ms())
    late = Revocations(commerce.redis)
    await late.start()
    await late.stop()
    assert late.is_revoked("de_gone")
    assert not late.is_revoked("de_other")


async def test_revocations_are_forgotten_when_no_token_is_left(commerce: CommerceServices) -> None:
    """Only those older than the given time go."""
    await commerce.sessions.revocations.revoke(["de_old"], "gu_1", "signed_out", 1_000)
    await commerce.sessions.revocations.revoke(["de_new"], "gu_1", "signed_out", 2_000)
    await commerce.sessions.revocations.forget(1_500)
    late = Revocations(commerce.redis)
    await late.start()
    await late.stop()
    assert (late.is_revoked("de_old"), late.is_revoked("de_new")) == (False, True)


async def test_signing_out_everywhere_ends_all_sessions_of_that_person_only(
    commerce: CommerceServices,
) -> None:
    """Two browsers of one account end, another person's goes on."""
    account = await new_account(commerce)
    _, other = await new_guest(commerce)
    cookies = [
        (await commerce.sessions.sign_in("mei@example.com", PASSWORD, None, ADDRESS)).cookie for _ in range(2)
    ]
    assert await commerce.sessions.sign_out_everywhere(account) == 2
    for cookie in cookies:
        with pytest.raises(NoSession):
            await commerce.sessions.resume(cookie)
    await commerce.sessions.resume(other)


async def test_signing_in_takes_the_guests_holds_along(commerce: CommerceServices) -> None:
    """What the guest held belongs to the account right after; the old cookie's secret is void."""
    stall = await new_stall(commerce)
    account = await new_account(commerce, "lin@example.com", "Lin")
    guest, cookie = await new_guest(commerce)
    line = Line(variant=stall.variant, quantity=2, price_version=1)
    held = await commerce.engine.reserve(
        stall.shop, person=guest.id, key="press-one", reservation=commerce.new_id("rs"), lines=[line]
    )
    opened = await commerce.sessions.sign_in("lin@example.com", PASSWORD, cookie, ADDRESS)
    assert opened.answer.person.id == account
    mine = await commerce.engine.reservations_of(stall.shop, account)
    assert [reservation.id for reservation in mine] == [held.id]
    assert await commerce.engine.reservations_of(stall.shop, guest.id) == ()
    with pytest.raises(NoSession):
        await commerce.sessions.resume(cookie)
    assert (await commerce.sessions.resume(opened.cookie)).answer.person.id == account


async def test_what_another_tab_held_as_guest_follows_when_its_token_has_expired(
    commerce: CommerceServices,
) -> None:
    """The second merge waits until no token of the guest can be left; other shops are not asked at all."""
    stall = await new_stall(commerce)
    await new_stall(commerce, "ren@example.com")
    account = await new_account(commerce, "lin@example.com", "Lin")
    guest, cookie = await new_guest(commerce)
    await commerce.sessions.sign_in("lin@example.com", PASSWORD, cookie, ADDRESS)
    assert await commerce.outbox.waiting() == 1
    line = Line(variant=stall.variant, quantity=1, price_version=1)
    held = await commerce.engine.reserve(
        stall.shop, person=guest.id, key="other-tab", reservation=commerce.new_id("rs"), lines=[line]
    )
    await commerce.outbox.send_due()
    assert await commerce.engine.reservations_of(stall.shop, account) == ()
    at_ms = commerce.now_ms() + (commerce.settings.access_token_s + 60) * 1000
    commerce.outbox.now_ms = lambda: at_ms
    await commerce.outbox.send_due()
    mine = await commerce.engine.reservations_of(stall.shop, account)
    assert [reservation.id for reservation in mine] == [held.id]
    assert await commerce.outbox.waiting() == 0


async def test_a_guest_is_merged_into_one_account_only(commerce: CommerceServices) -> None:
    """Signing in again, as another account, does not merge the guest a second time."""
    await new_stall(commerce)
    first = await new_account(commerce, "lin@example.com", "Lin")
    await new_account(commerce, "wu@example.com", "Wu")
    merged: list[tuple[str, str]] = []

    async def note(_sql: object, guest_id: str, account: str) -> None:
        merged.append((guest_id, account))

    commerce.sessions.merge_hooks.append(note)
    guest, cookie = await new_guest(commerce)
    opened = await commerce.sessions.sign_in("lin@example.com", PASSWORD, cookie, ADDRESS)
    await commerce.sessions.sign_in("wu@example.com", PASSWORD, opened.cookie, ADDRESS)
    assert merged == [(guest.id, first)]
    with pytest.raises(NoSession):
        await commerce.sessions.resume(opened.cookie)


async def test_checking_a_token_asks_nobody_and_is_fast(commerce: CommerceServices) -> None:
    """A thousand checks take far less than a second, since each front makes one per request."""
    _, cookie = await new_guest(commerce)
    token = (await commerce.sessions.resume(cookie)).answer.access_token
    loop = asyncio.get_running_loop()
    started = loop.time()
    for _ in range(1000):
        assert commerce.sessions.verify_access_token(token) is not None
    assert loop.time() - started < 0.5
