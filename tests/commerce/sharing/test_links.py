"""Share links: one for each person and show, the shop's own by name, and what is told of them."""

import csv
import io

import pytest

from commerce.errors import InvalidField, NoSuchShow
from commerce.qr_pdf import qr_svg
from commerce.services import CommerceServices
from commerce.sharing import links as links_file
from commerce.sharing.refusals import NoSuchLink, TooManyLinks
from commerce.sharing.tables_sql import share_links
from tests.commerce.builders import PASSWORD, Stall, new_account, new_stall
from tests.commerce.counting import count_rows
from tests.commerce.doors import Browser

NAME = "Lin =1+1"


async def guest(commerce: CommerceServices, name: str = NAME) -> Browser:
    """Open a guest's browser."""
    browser = Browser(commerce)
    await browser.call("POST", "/session", {"guest_name": name})
    return browser


async def owner(commerce: CommerceServices) -> tuple[Stall, Browser]:
    """Open a stall and its owner's browser."""
    stall, browser = await new_stall(commerce), Browser(commerce)
    await browser.call("POST", "/session", {"email": "mei@example.com", "password": PASSWORD})
    return stall, browser


async def test_a_person_has_one_link_a_show(commerce: CommerceServices) -> None:
    """However often it is asked for; somebody else has another."""
    stall, _ = await owner(commerce)
    lin, wu = await guest(commerce), await guest(commerce, "Wu")
    first = await lin.call("PUT", f"/shows/{stall.show}/share")
    again = await lin.call("PUT", f"/shows/{stall.show}/share")
    other = await wu.call("PUT", f"/shows/{stall.show}/share")
    assert first == again
    assert first["url"] == f"http://shop.test/s/{first['code']}"
    assert first["code"] != other["code"]
    assert await count_rows(commerce, share_links) == 2


async def test_a_code_that_is_taken_is_not_given_twice(commerce: CommerceServices) -> None:
    """Another one is tried."""
    stall, _ = await owner(commerce)
    codes = iter(("aaaaaaaa", "aaaaaaaa", "bbbbbbbb"))
    commerce.sharing.links._new_code = lambda: next(codes)
    first = await (await guest(commerce)).call("PUT", f"/shows/{stall.show}/share")
    second = await (await guest(commerce)).call("PUT", f"/shows/{stall.show}/share")
    assert (first["code"], second["code"]) == ("aaaaaaaa", "bbbbbbbb")


async def test_no_link_to_a_show_that_is_not_there(commerce: CommerceServices) -> None:
    """Nothing is written."""
    with pytest.raises(NoSuchShow):
        await (await guest(commerce)).call("PUT", "/shows/sh_none/share")
    assert await count_rows(commerce, share_links) == 0


async def test_the_shop_names_links_of_its_own(commerce: CommerceServices) -> None:
    """The same name is the same link; the report says whose it is."""
    stall, mei = await owner(commerce)
    made = await mei.call("PUT", f"/shows/{stall.show}/shares", {"label": " Newsletter  May "})
    again = await mei.call("PUT", f"/shows/{stall.show}/shares", {"label": "Newsletter May"})
    assert made == again
    assert (made["name"], made["own"], made["orders"], made["amount_minor"]) == ("Newsletter May", True, 0, 0)
    report = await mei.call("GET", f"/shows/{stall.show}/shares")
    assert (report["links"], report["links_total"], report["currency"]) == ([made], 1, "USD")


async def test_named_links_have_a_bound(commerce: CommerceServices, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one too many is refused, one that is there is not; a name has 1 to 60 characters."""
    stall, mei = await owner(commerce)
    monkeypatch.setattr(links_file, "NAMED_MOST", 1)
    await mei.call("PUT", f"/shows/{stall.show}/shares", {"label": "flyer"})
    with pytest.raises(TooManyLinks) as refused:
        await mei.call("PUT", f"/shows/{stall.show}/shares", {"label": "radio"})
    assert refused.value.facts == {"limit": 1}
    await mei.call("PUT", f"/shows/{stall.show}/shares", {"label": "flyer"})
    for label in ("", "x" * 61):
        with pytest.raises(InvalidField):
            await mei.call("PUT", f"/shows/{stall.show}/shares", {"label": label})
    assert await count_rows(commerce, share_links) == 1


async def test_who_sees_no_money_sees_no_amounts(commerce: CommerceServices) -> None:
    """In the report and in the file; the counts are there."""
    stall, mei = await owner(commerce)
    await mei.call("PUT", f"/shows/{stall.show}/shares", {"label": "flyer"})
    await new_account(commerce, "mod@example.com", "Mo")
    await commerce.shops.put_staff(stall.shop, "mod@example.com", "moderator")
    mo = Browser(commerce)
    await mo.call("POST", "/session", {"email": "mod@example.com", "password": PASSWORD})
    links = (await mo.call("GET", f"/shows/{stall.show}/shares"))["links"]
    assert [(one["orders"], one["amount_minor"]) for one in links] == [(0, None)]
    rows = [row async for row in commerce.sharing.links.csv(stall.show, "http://shop.test", money=False)]
    assert next(iter(csv.reader(io.StringIO(rows[1].decode()))))[-2:] == ["", ""]


async def test_the_file_has_a_row_a_link_and_no_formula(commerce: CommerceServices) -> None:
    """A name that a spreadsheet would calculate is text."""
    stall, mei = await owner(commerce)
    lin = await (await guest(commerce, "=1+1")).call("PUT", f"/shows/{stall.show}/share")
    await mei.call("PUT", f"/shows/{stall.show}/shares", {"label": "flyer"})
    parts = [part async for part in commerce.sharing.links.csv(stall.show, "http://shop.test", money=True)]
    rows = list(csv.DictReader(io.StringIO(b"".join(parts).decode("utf-8-sig"))))
    assert [(row["shared_by"], row["name"], row["amount"]) for row in rows] == [
        ("person", "'=1+1", "0.00"),
        ("shop", "flyer", "0.00"),
    ]
    assert rows[0]["url"] == lin["url"]


async def test_a_card_shows_what_a_link_leads_to(commerce: CommerceServices) -> None:
    """Title and shop, however the code is typed; an unknown code has none."""
    stall, mei = await owner(commerce)
    code = (await mei.call("PUT", f"/shows/{stall.show}/share"))["code"]
    card = await commerce.sharing.links.card(code.upper())
    assert (card.show, card.title, card.shop, card.picture) == (stall.show, "Evening tea", "Mei's Tea", None)
    for unknown in ("zzzzzzzz", "nothing at all"):
        with pytest.raises(NoSuchLink):
            await commerce.sharing.links.card(unknown)


async def test_a_card_can_show_one_product_of_the_show(commerce: CommerceServices) -> None:
    """Its name and what it costs; what the show does not sell, or no longer, leaves the show's card."""
    stall, mei = await owner(commerce)
    code = (await mei.call("PUT", f"/shows/{stall.show}/share"))["code"]
    card = await commerce.sharing.links.card(code, stall.product.id)
    assert card.product is not None
    price = stall.product.variants[0].price_minor
    assert (card.title, card.product.title) == ("Evening tea", stall.product.title)
    assert (card.product.least_minor, card.product.most_minor) == (price, price)
    assert card.product.currency == stall.product.currency
    assert (await commerce.sharing.links.card(code, "pr_other")).product is None
    assert (await commerce.sharing.links.card(code)).product is None
    run, product = f"/shows/{stall.show}/run-of-show", f"/shops/{stall.shop}/products/{stall.product.id}"
    for method, path, body in (
        ("PUT", run, {"products": []}),
        ("PUT", run, {"products": [stall.product.id]}),
        ("PATCH", product, {"published": False}),
    ):
        await mei.call(method, path, body)
        commerce.sharing.links._cards.clear()
        sold = (await commerce.sharing.links.card(code, stall.product.id)).product is not None
        assert sold == (body == {"products": [stall.product.id]})


async def test_a_guests_link_follows_into_the_account(commerce: CommerceServices) -> None:
    """Also when the account has one already: both go on working and are counted together."""
    stall, _ = await owner(commerce)
    await new_account(commerce, "lin@example.com", "Lin")
    account = Browser(commerce)
    await account.call("POST", "/session", {"email": "lin@example.com", "password": PASSWORD})
    own = await account.call("PUT", f"/shows/{stall.show}/share")
    lin = await guest(commerce)
    before = await lin.call("PUT", f"/shows/{stall.show}/share")
    commerce.sharing.counter.note("visit", before["code"], "gu_else", "de_else")
    commerce.sharing.counter.note("visit", own["code"], "gu_else", "de_else")
    await commerce.sharing.counter.flush()
    await lin.call("POST", "/session", {"email": "lin@example.com", "password": PASSWORD})
    mine = await lin.call("PUT", f"/shows/{stall.show}/share")
    assert (mine["code"], mine["visits"]) == (own["code"], 2)
    assert (await commerce.sharing.links.card(before["code"])).show == stall.show


async def test_a_forgotten_persons_links_stay_without_their_name(commerce: CommerceServices) -> None:
    """The shop's figures stay; the row says the code in place of the name."""
    stall, mei = await owner(commerce)
    account = await new_account(commerce, "lin@example.com", "Lin")
    made = await commerce.sharing.links.mine(stall.show, account, "http://shop.test")
    await commerce.accounts.delete(account, PASSWORD)
    links = (await mei.call("GET", f"/shows/{stall.show}/shares"))["links"]
    assert [(one["code"], one["name"], one["own"]) for one in links] == [(made.code, made.code, True)]


async def test_forgotten_people_take_no_room_from_the_shop_s_own_links(
    commerce: CommerceServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their links are kept in the shop's name, but count for nobody's bound."""
    stall, mei = await owner(commerce)
    monkeypatch.setattr(links_file, "NAMED_MOST", 1)
    account = await new_account(commerce, "lin@example.com", "Lin")
    await commerce.sharing.links.mine(stall.show, account, "http://shop.test")
    await commerce.accounts.delete(account, PASSWORD)
    made = await mei.call("PUT", f"/shows/{stall.show}/shares", {"label": "flyer"})
    assert made["name"] == "flyer"
    with pytest.raises(TooManyLinks):
        await mei.call("PUT", f"/shows/{stall.show}/shares", {"label": "radio"})
    assert await count_rows(commerce, share_links) == 2


async def test_a_qr_code_is_drawn_of_a_link_that_is_there(commerce: CommerceServices) -> None:
    """Black on white with the quiet zone; no code of an unknown link."""
    svg = qr_svg("http://shop.test/s/k7m2p9xq").decode()
    assert 'viewBox="0 0 37 37"' in svg  # version 3: 29 modules and 4 around
    assert "M4 4h7v1h-7z" in svg  # the finder's upper edge
    with pytest.raises(NoSuchLink):
        await Browser(commerce).call("GET", "/shares/zzzzzzzz/qr.svg")
