"""Commerce's doors: what they declare, and the walks through them that pages take."""

import msgspec
import pytest

from commerce.errors import (
    BadToken,
    CommerceError,
    Forbidden,
    InvalidField,
    NoSession,
    NoSuchProduct,
    NoSuchShop,
    SetupDone,
    Unauthorised,
    WrongPassword,
)
from commerce.routes import ROUTES
from commerce.routing import Route
from commerce.services import CommerceServices
from tests.commerce.a_picture import picture
from tests.commerce.builders import PASSWORD, new_stall
from tests.commerce.doors import Browser
from tests.fixtures_sql import KeptMail

STAFF = {"stats", "moderator", "producer", "host", "owner", "money"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_door_declares_itself_whole(route: Route) -> None:
    """Staff doors name a shop or show, bodies are strict, errors have a status, all say what they do."""
    assert route.summary
    if route.role in STAFF:
        assert "{shop}" in route.path or "{show}" in route.path
    if route.request not in {None, bytes}:
        assert issubclass(route.request, msgspec.Struct)
        assert route.request.__struct_config__.forbid_unknown_fields
    for error in route.errors:
        assert issubclass(error, CommerceError)
        assert 400 <= error.status < 600
    if route.answer is None and route.request is not bytes:
        assert route.status in {200, 204}


def test_every_door_is_there_once() -> None:
    """No two rows answer the same method and path."""
    doors = [(route.method, route.path) for route in ROUTES]
    assert len(doors) == len(set(doors))


async def test_a_visitor_becomes_a_guest_then_an_account_and_leaves(commerce: CommerceServices) -> None:
    """The cookie carries on through all of it, and is taken back at the end."""
    browser = Browser(commerce)
    with pytest.raises(NoSession):
        await browser.call("POST", "/session")
    guest = await browser.call("POST", "/session", {"guest_name": "Lin"})
    assert (guest["person"]["kind"], guest["person"]["email"]) == ("guest", None)
    assert "HttpOnly; SameSite=Lax" in browser.last_cookie
    assert "Path=/api/v1/session" in browser.last_cookie
    assert "Secure" not in browser.last_cookie
    again = await browser.call("POST", "/session", {})
    assert again["person"] == guest["person"]
    account = await browser.call(
        "POST", "/accounts", {"email": "lin@example.com", "password": PASSWORD, "name": "Lin"}
    )
    assert account["person"]["kind"] == "account"
    assert (await browser.call("GET", "/me")) == account["person"]
    assert (await browser.call("PATCH", "/me", {"name": "Lin W"}))["name"] == "Lin W"
    assert (await browser.call("POST", "/session"))["person"]["name"] == "Lin W"
    await browser.call("DELETE", "/session")
    assert "Max-Age=0" in browser.last_cookie
    with pytest.raises(NoSession):
        await browser.call("POST", "/session")
    with pytest.raises(WrongPassword):
        await browser.call("POST", "/session", {"email": "lin@example.com", "password": "wrong one"})
    await browser.call("POST", "/session", {"email": "lin@example.com", "password": PASSWORD})
    await browser.call("DELETE", "/me", {"password": PASSWORD})
    with pytest.raises(NoSession):
        await browser.call("POST", "/session")


async def test_the_cookie_is_secure_over_https(commerce: CommerceServices) -> None:
    """The browser never sends it in clear then."""
    browser = Browser(commerce, scheme="https")
    await browser.call("POST", "/session", {"guest_name": "Lin"})
    assert browser.last_cookie.endswith("; Secure")


@pytest.mark.parametrize(
    "body",
    [
        {"email": "lin@example.com"},
        {"password": PASSWORD},
        {"guest_name": "Lin", "email": "lin@example.com", "password": PASSWORD},
        {"guest_name": ""},
    ],
)
async def test_half_a_sign_in_is_refused(commerce: CommerceServices, body: dict[str, str]) -> None:
    """It opens nothing and sets no cookie."""
    browser = Browser(commerce)
    with pytest.raises(InvalidField):
        await browser.call("POST", "/session", body)
    assert browser.cookies == {}


async def test_changing_the_password_keeps_this_browser(commerce: CommerceServices) -> None:
    """The door answers a new session; the other browser must sign in again."""
    here, there = Browser(commerce), Browser(commerce)
    await here.call("POST", "/accounts", {"email": "lin@example.com", "password": PASSWORD, "name": "Lin"})
    await there.call("POST", "/session", {"email": "lin@example.com", "password": PASSWORD})
    await here.call("POST", "/me/password", {"current": PASSWORD, "new": "new horse battery"})
    await here.call("POST", "/session")
    with pytest.raises(NoSession):
        await there.call("POST", "/session")
    await here.call("POST", "/me/sign-out-everywhere")
    with pytest.raises(NoSession):
        await here.call("POST", "/session")


async def test_a_link_that_nobody_was_sent_opens_nothing(
    commerce: CommerceServices, mailbox: KeptMail
) -> None:
    """Confirming and resetting need the token of a mail; asking for a reset always looks the same."""
    browser = Browser(commerce)
    with pytest.raises(BadToken):
        await browser.call("POST", "/accounts/confirm", {"token": "made-up"})
    with pytest.raises(BadToken):
        await browser.call("POST", "/accounts/reset/complete", {"token": "made-up", "password": PASSWORD})
    assert await browser.call("POST", "/accounts/reset", {"email": "nobody@example.com"}) is None
    assert mailbox.letters == []


async def test_the_mails_of_an_account_are_in_the_browsers_language(
    commerce: CommerceServices, mailbox: KeptMail
) -> None:
    """Confirming, confirming again, a forgotten password and a changed one."""
    browser = Browser(commerce, headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"})
    form = {"email": "mei@example.com", "password": PASSWORD, "name": "梅"}
    await browser.call("POST", "/accounts", form)
    await browser.call("POST", "/accounts/confirm/resend")
    await browser.call("POST", "/accounts/reset", {"email": "mei@example.com"})
    await browser.call("POST", "/me/password", {"current": PASSWORD, "new": "new horse battery"})
    await commerce.outbox.send_due()
    subjects = sorted(subject for _, subject, _ in mailbox.letters)
    assert subjects == sorted(["请确认您的电子邮箱", "请确认您的电子邮箱", "设置新密码", "您的密码已更改"])
    assert all(text.startswith("梅，您好：") for _, _, text in mailbox.letters)
    links = [text for _, _, text in mailbox.letters if "/account#" in text]
    assert len(links) == 3


async def test_the_first_run_page_works_once(commerce: CommerceServices) -> None:
    """A slip in the shop's part leaves no half-made administrator."""
    browser = Browser(commerce)
    form = {"email": "mei@example.com", "password": PASSWORD, "name": "Mei", "shop_name": "Tea"}
    with pytest.raises(InvalidField):
        await browser.call("POST", "/setup", form | {"currency": "XXX"})
    assert await browser.call("GET", "/setup") == {"needed": True}
    answer = await browser.call("POST", "/setup", form)
    assert answer["person"]["admin"]
    assert [shop["slug"] for shop in answer["person"]["shops"]] == ["tea"]
    assert await browser.call("GET", "/setup") == {"needed": False}
    with pytest.raises(SetupDone):
        await browser.call("POST", "/setup", form | {"email": "evil@example.com"})


async def test_a_host_builds_a_show_through_the_doors(commerce: CommerceServices) -> None:
    """Shop, product, picture, show, run, pin, key, sale, price, stock, end: each door answers."""
    host = Browser(commerce)
    await host.call("POST", "/accounts", {"email": "mei@example.com", "password": PASSWORD, "name": "Mei"})
    shop = (await host.call("POST", "/shops", {"name": "Tea", "currency": "EUR"}))["id"]
    asked = {"title": "Oolong", "variants": [{"title": "50 g", "price_minor": 800, "quantity": 9}]}
    product = await host.call("POST", f"/shops/{shop}/products", asked)
    place = f"/shops/{shop}/products/{product['id']}"
    variant = f"{place}/variants/{product['variants'][0]['id']}"
    image = await host.call("POST", f"{place}/pictures", picture(), alt="A tin")
    assert image["alt"] == "A tin"
    await host.call("POST", f"{place}/variants", {"title": "100 g", "price_minor": 1500})
    assert (await host.call("PATCH", variant, {"price_minor": 850}))["variants"][0]["price_version"] == 2
    restocked = await host.call("POST", f"{variant}/restock", {"quantity": 3, "key": "delivery-1"})
    assert restocked["stock"]["available"] == 12
    drawn = await host.call("POST", f"{variant}/withdraw", {"quantity": 2}, key="broken-cups")
    assert drawn["stock"]["available"] == 10
    await host.call("PUT", f"/shops/{shop}/avatar", picture())
    soon = commerce.now_ms() + 60_000
    show = (await host.call("POST", f"/shops/{shop}/shows", {"title": "Tea", "starts_at_ms": soon}))["id"]
    await host.call("PUT", f"/shows/{show}/poster", picture())
    await host.call("PUT", f"/shows/{show}/run-of-show", {"products": [product["id"]]})
    pinned = await host.call("PUT", f"/shows/{show}/pin", {"product": product["id"]})
    assert pinned["pinned"]["id"] == product["id"]
    key = await host.call("GET", f"/shows/{show}/stream-key")
    assert key["whip_url"] == f"http://shop.test/whip/{show}"
    assert (await host.call("POST", f"/shows/{show}/stream-key"))["key"] != key["key"]
    assert (await host.call("POST", f"/shows/{show}/start"))["state"] == "live"
    wanted: dict[str, object] = {"price_minor": 500, "quantity": 4, "limit": 1, "duration_s": 60}
    wanted["variant"] = product["variants"][0]["id"]
    sale = await host.call("POST", f"/shows/{show}/sales", wanted, key="launch-1")
    assert sale["state"] == "open"
    assert (await host.call("GET", f"/shows/{show}/sales"))["sales"] == [sale]
    assert (await host.call("POST", f"/shows/{show}/sales/{sale['id']}/end"))["state"] == "ended"
    assert (await host.call("POST", f"/shows/{show}/end"))["state"] == "ended"
    assert (await host.call("GET", f"/shows/{show}/summary"))["orders"] == 0
    assert [one["id"] for one in (await host.call("GET", f"/shops/{shop}/shows"))["shows"]] == [show]
    await host.call("DELETE", f"{place}/pictures/{image['id']}")
    await host.call("DELETE", place)
    with pytest.raises(NoSuchProduct):
        await host.call("GET", place)


async def test_the_public_sees_published_products_only(commerce: CommerceServices) -> None:
    """Strangers must ask for the public list; an unpublished product is not there for them."""
    stall = await new_stall(commerce)
    host, stranger, visitor = Browser(commerce), Browser(commerce), Browser(commerce)
    await host.call("POST", "/session", {"email": "mei@example.com", "password": PASSWORD})
    await stranger.call("POST", "/session", {"guest_name": "Lin"})
    place = f"/shops/{stall.shop}/products"
    await host.call("PATCH", f"{place}/{stall.product.id}", {"published": False})
    assert len((await host.call("GET", place))["products"]) == 1
    assert (await visitor.call("GET", place, public="1"))["products"] == []
    with pytest.raises(Unauthorised):
        await visitor.call("GET", place)
    with pytest.raises(Forbidden):
        await stranger.call("GET", place)
    for browser in (visitor, stranger):
        with pytest.raises(NoSuchProduct):
            await browser.call("GET", f"{place}/{stall.product.id}")
    assert (await visitor.call("GET", f"/shows/{stall.show}"))["products"] == []
    with pytest.raises(NoSuchShop):
        await visitor.call("GET", "/shops/nowhere")
