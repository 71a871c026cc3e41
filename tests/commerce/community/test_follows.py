"""Following a shop: at once for accounts, after a mailed link for guests, and what becomes of it."""

import asyncio

import pytest

from commerce.community.follows import LINK_MS
from commerce.community.refusals import AddressNeeded
from commerce.community.tables_sql import community_links, follows, guest_mails
from commerce.errors import BadToken, InvalidField, NoSuchShop, TooManyAttempts
from commerce.services import CommerceServices
from tests.commerce.builders import PASSWORD, Stall, new_account, new_stall
from tests.commerce.counting import count_rows
from tests.commerce.doors import Browser
from tests.fixtures_sql import KeptMail

TABLES = (follows, guest_mails, community_links)


async def counts(commerce: CommerceServices) -> list[int]:
    """Count the rows of every table of following."""
    return [await count_rows(commerce, table) for table in TABLES]


async def a_guest(commerce: CommerceServices, name: str = "Lin") -> Browser:
    """Open a browser as a guest."""
    browser = Browser(commerce)
    await browser.call("POST", "/session", {"guest_name": name})
    return browser


async def an_account(commerce: CommerceServices, email: str = "lin@example.com") -> Browser:
    """Open a browser, signed in."""
    await new_account(commerce, email, "Lin")
    browser = Browser(commerce)
    await browser.call("POST", "/session", {"email": email, "password": PASSWORD})
    return browser


def token_of(mailbox: KeptMail) -> str:
    """Take the token out of the last mail."""
    return mailbox.letters[-1][2].partition("#follow=")[2].split()[0]


async def follows_by_mail(browser: Browser, stall: Stall, mailbox: KeptMail) -> None:
    """Leave an address and open the link."""
    await browser.call("POST", f"/shops/{stall.shop}/follow/by-mail", {"email": "Lin@Example.com"})
    await browser.call("POST", "/follows/confirm", {"token": token_of(mailbox)})


async def test_an_account_follows_and_unfollows(commerce: CommerceServices) -> None:
    """Both may be repeated; the count and the list go along."""
    stall, browser = await new_stall(commerce), await an_account(commerce)
    path = f"/shops/{stall.shop}/follow"
    for _ in range(2):
        answer = await browser.call("PUT", path)
        assert answer == {"following": True, "by_mail": True, "followers": 1, "reachable": True}
    (kept,) = (await browser.call("GET", "/me/follows"))["follows"]
    assert (kept["shop"]["name"], kept["by_mail"]) == ("Mei's Tea", True)
    for _ in range(2):
        assert (await browser.call("DELETE", path))["followers"] == 0
    assert await browser.call("GET", "/me/follows") == {"follows": []}


async def test_presses_at_the_same_time_follow_once(commerce: CommerceServices) -> None:
    """Two tabs: one row, no refusal."""
    stall, browser = await new_stall(commerce), await an_account(commerce)
    path = f"/shops/{stall.shop}/follow"
    answers = await asyncio.gather(*(browser.call("PUT", path) for _ in range(6)))
    assert {answer["followers"] for answer in answers} == {1}
    assert await counts(commerce) == [1, 0, 0]


async def test_anybody_sees_how_many_follow(commerce: CommerceServices) -> None:
    """Without a session too, by the shop's slug too; an unknown shop is refused."""
    stall, browser = await new_stall(commerce), await an_account(commerce)
    await browser.call("PUT", f"/shops/{stall.shop}/follow")
    seen = await Browser(commerce).call("GET", "/shops/meis-tea/follow")
    assert seen == {"following": False, "by_mail": False, "followers": 1, "reachable": False}
    with pytest.raises(NoSuchShop):
        await browser.call("PUT", "/shops/sp_nowhere/follow")
    assert await counts(commerce) == [1, 0, 0]


async def test_a_guest_without_address_is_asked_for_one(commerce: CommerceServices) -> None:
    """Nothing is written: nobody could be told."""
    stall, guest = await new_stall(commerce), await a_guest(commerce)
    with pytest.raises(AddressNeeded):
        await guest.call("PUT", f"/shops/{stall.shop}/follow")
    assert await counts(commerce) == [0, 0, 0]


async def test_a_guest_follows_by_a_mailed_link(commerce: CommerceServices, mailbox: KeptMail) -> None:
    """Only the link follows; it works once; the next shop needs no mail any more."""
    stall, guest = await new_stall(commerce), await a_guest(commerce)
    path = f"/shops/{stall.shop}/follow"
    await guest.call("POST", path + "/by-mail", {"email": "Lin@Example.com"})
    assert (await guest.call("GET", path))["following"] is False
    to, subject, _ = mailbox.letters[-1]
    assert (to, subject) == ("lin@example.com", "Please confirm: you want to follow Mei's Tea")
    answer = await Browser(commerce).call("POST", "/follows/confirm", {"token": token_of(mailbox)})
    assert answer["shop"]["name"] == "Mei's Tea"
    assert await guest.call("GET", path) == {
        "following": True, "by_mail": True, "followers": 1, "reachable": True,
    }  # fmt: skip
    with pytest.raises(BadToken):
        await guest.call("POST", "/follows/confirm", {"token": token_of(mailbox)})
    await guest.call("DELETE", path)
    assert (await guest.call("PUT", path))["following"] is True
    assert len(mailbox.letters) == 1


async def test_two_links_opened_at_the_same_time_follow_once(
    commerce: CommerceServices, mailbox: KeptMail
) -> None:
    """Whoever pressed twice and opens both mails is told yes twice."""
    stall, guest = await new_stall(commerce), await a_guest(commerce)
    tokens = []
    for _ in range(2):
        await guest.call("POST", f"/shops/{stall.shop}/follow/by-mail", {"email": "Lin@Example.com"})
        tokens.append(token_of(mailbox))
    opened = await asyncio.gather(
        *(Browser(commerce).call("POST", "/follows/confirm", {"token": token}) for token in tokens)
    )
    assert {answer["shop"]["name"] for answer in opened} == {"Mei's Tea"}
    assert await counts(commerce) == [1, 1, 0]


async def test_the_mail_is_in_the_readers_language(commerce: CommerceServices, mailbox: KeptMail) -> None:
    """A Chinese browser gets a Chinese mail."""
    stall, guest = await new_stall(commerce), await a_guest(commerce)
    guest.headers["accept-language"] = "zh-CN"
    await guest.call("POST", f"/shops/{stall.shop}/follow/by-mail", {"email": "lin@example.com"})
    assert mailbox.letters[-1][1] == "请确认关注 Mei's Tea"


async def test_what_is_no_address_is_refused(commerce: CommerceServices, mailbox: KeptMail) -> None:
    """Nothing is written and nothing is mailed."""
    stall, guest = await new_stall(commerce), await a_guest(commerce)
    with pytest.raises(InvalidField):
        await guest.call("POST", f"/shops/{stall.shop}/follow/by-mail", {"email": "lin at home"})
    assert await counts(commerce) == [0, 0, 0]
    assert mailbox.letters == []


async def test_an_address_is_not_flooded(commerce: CommerceServices, mailbox: KeptMail) -> None:
    """Three mails to one address, then a pause, whoever asks."""
    stall, guest = await new_stall(commerce), await a_guest(commerce)
    path = f"/shops/{stall.shop}/follow/by-mail"
    for _ in range(3):
        await guest.call("POST", path, {"email": "lin@example.com"})
    with pytest.raises(TooManyAttempts):
        await (await a_guest(commerce, "Wu")).call("POST", path, {"email": "lin@example.com"})
    assert len(mailbox.letters) == 3
    assert await counts(commerce) == [0, 0, 3]


async def test_an_old_link_follows_nothing(commerce: CommerceServices, mailbox: KeptMail) -> None:
    """After three days it is void, and the worker forgets it."""
    stall, guest = await new_stall(commerce), await a_guest(commerce)
    await guest.call("POST", f"/shops/{stall.shop}/follow/by-mail", {"email": "lin@example.com"})
    service, began_ms = commerce.community.follows, commerce.now_ms()
    service._now_ms = lambda: began_ms + LINK_MS - 60_000
    assert await service.purge() == 0
    service._now_ms = lambda: began_ms + LINK_MS + 60_000
    with pytest.raises(BadToken):
        await service.confirm(token_of(mailbox))
    assert await service.purge() <= 1
    assert await counts(commerce) == [0, 0, 0]


async def test_signing_in_takes_the_follows_along(commerce: CommerceServices, mailbox: KeptMail) -> None:
    """The account follows what the guest followed; what both followed stays once, as the account has it."""
    tea, pots = await new_stall(commerce), await new_stall(commerce, "wu@example.com")
    account = await an_account(commerce)
    await account.call("PUT", f"/shops/{tea.shop}/follow")
    await account.call("PATCH", f"/me/follows/{tea.shop}", {"by_mail": False})
    guest = await a_guest(commerce)
    await follows_by_mail(guest, tea, mailbox)
    await guest.call("PUT", f"/shops/{pots.shop}/follow")
    await guest.call("POST", "/session", {"email": "lin@example.com", "password": PASSWORD})
    kept = {one["shop"]["id"]: one["by_mail"] for one in (await guest.call("GET", "/me/follows"))["follows"]}
    assert kept == {tea.shop: False, pots.shop: True}
    assert await counts(commerce) == [2, 0, 0]


async def test_a_link_opened_after_signing_in_follows_as_the_account(
    commerce: CommerceServices, mailbox: KeptMail
) -> None:
    """No row of a guest that nobody is any more."""
    stall, guest = await new_stall(commerce), await a_guest(commerce)
    await guest.call("POST", f"/shops/{stall.shop}/follow/by-mail", {"email": "other@example.com"})
    await new_account(commerce, "lin@example.com", "Lin")
    await guest.call("POST", "/session", {"email": "lin@example.com", "password": PASSWORD})
    await guest.call("POST", "/follows/confirm", {"token": token_of(mailbox)})
    assert (await guest.call("GET", f"/shops/{stall.shop}/follow"))["following"] is True
    assert await counts(commerce) == [1, 0, 0]


async def test_mails_can_be_declined_and_only_of_a_shop_one_follows(commerce: CommerceServices) -> None:
    """The follow stays; another shop's is refused and changes nothing."""
    stall, browser = await new_stall(commerce), await an_account(commerce)
    with pytest.raises(NoSuchShop):
        await browser.call("PATCH", f"/me/follows/{stall.shop}", {"by_mail": False})
    assert await counts(commerce) == [0, 0, 0]
    await browser.call("PUT", f"/shops/{stall.shop}/follow")
    (kept,) = (await browser.call("PATCH", f"/me/follows/{stall.shop}", {"by_mail": False}))["follows"]
    assert kept["by_mail"] is False


async def test_a_deleted_account_follows_nothing(commerce: CommerceServices) -> None:
    """Its follows go with it."""
    stall, browser = await new_stall(commerce), await an_account(commerce)
    await browser.call("PUT", f"/shops/{stall.shop}/follow")
    await browser.call("DELETE", "/me", {"password": PASSWORD})
    assert await counts(commerce) == [0, 0, 0]
