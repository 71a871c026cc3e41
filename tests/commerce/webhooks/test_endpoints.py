"""Endpoints: what their doors take and refuse, and that a secret is told once."""

import asyncio
from typing import Any

import msgspec
import pytest

from commerce.errors import IdempotencyConflict, InvalidField, KeyMissing
from commerce.webhooks.endpoints import MAX_PER_SHOP
from commerce.webhooks.refusals import BadWebhookUrl, NoSuchWebhook, TooManyWebhooks, WebhookOff
from commerce.webhooks.tables_sql import webhook_endpoints
from tests.commerce.builders import PASSWORD, new_stall
from tests.commerce.doors import Browser
from tests.commerce.webhooks.a_receiver import signed_with
from tests.commerce.webhooks.conftest import Desk


@pytest.fixture
async def owner(desk: Desk) -> Browser:
    """Sign in as the stall's owner."""
    browser = Browser(desk.services)
    await browser.call("POST", "/session", {"email": "mei@example.com", "password": PASSWORD})
    return browser


def path(desk: Desk, rest: str = "") -> str:
    """Return the path of the stall's webhooks."""
    return f"/shops/{desk.stall.shop}/webhooks{rest}"


def body(desk: Desk, **changes: object) -> dict[str, object]:
    """Fill in the form."""
    return {"url": desk.receiver.url, "types": ["show.live"], "description": " Stock  keeping "} | changes


async def test_an_owner_makes_changes_and_removes_a_webhook(desk: Desk, owner: Browser) -> None:
    """The secret is in the first answer and in no later one."""
    made = await owner.call("POST", path(desk), body(desk), key=desk.key())
    webhook = made["webhook"]
    assert made["secret"].startswith("whsec_")
    assert (webhook["url"], webhook["types"], webhook["description"], webhook["enabled"]) == (
        desk.receiver.url, ["show.live"], "Stock keeping", True,
    )  # fmt: skip
    listed = await owner.call("GET", path(desk))
    assert (listed["webhooks"], listed["limit"]) == ([webhook], MAX_PER_SHOP)
    assert "webhook.test" not in listed["types"]
    one = path(desk, f"/{webhook['id']}")
    change = {"types": ["order.paid", "show.ended"], "description": "", "enabled": False}
    changed = await owner.call("PATCH", one, change)
    assert (changed["types"], changed["description"], changed["enabled"]) == (
        ["order.paid", "show.ended"], "", False,
    )  # fmt: skip
    assert await owner.call("GET", one) == changed
    assert made["secret"] not in str(await owner.call("GET", path(desk)))
    await owner.call("DELETE", one)
    with pytest.raises(NoSuchWebhook):
        await owner.call("GET", one)
    with pytest.raises(NoSuchWebhook):
        await owner.call("DELETE", one)


async def test_a_repeated_request_makes_one_webhook(desk: Desk, owner: Browser) -> None:
    """Also two at once; the same answer with the same secret; another body is a conflict."""
    key = desk.key()
    answers = await asyncio.gather(*(owner.call("POST", path(desk), body(desk), key=key) for _ in range(2)))
    assert answers[0] == answers[1] == await owner.call("POST", path(desk), body(desk), key=key)
    with pytest.raises(IdempotencyConflict):
        await owner.call("POST", path(desk), body(desk, types=["order.paid"]), key=key)
    with pytest.raises(KeyMissing):
        await owner.call("POST", path(desk), body(desk))
    assert len((await owner.call("GET", path(desk)))["webhooks"]) == 1


async def test_the_secret_is_sealed_in_sql(desk: Desk, owner: Browser) -> None:
    """Neither the endpoint's row nor the stored answer tells it."""
    made = await owner.call("POST", path(desk), body(desk), key=desk.key())
    bare = made["secret"].removeprefix("whsec_")
    async with desk.services.database.read() as sql:
        rows = str((await sql.execute(webhook_endpoints.select())).all())
        answers = str((await sql.exec_driver_sql("SELECT answer FROM operations")).all())
    assert bare not in rows + answers


@pytest.mark.parametrize(
    "changes",
    [{"types": []}, {"types": ["webhook.test"]}, {"types": ["show.live", "webhook.test"]},
     {"description": "x" * 201}],
)  # fmt: skip
async def test_a_wrong_form_makes_nothing(desk: Desk, owner: Browser, changes: dict[str, object]) -> None:
    """A kind at least, and a short description."""
    with pytest.raises(InvalidField):
        await owner.call("POST", path(desk), body(desk, **changes), key=desk.key())
    assert (await owner.call("GET", path(desk)))["webhooks"] == []


async def test_an_unknown_kind_is_no_request(desk: Desk, owner: Browser) -> None:
    """The web layer answers 400 to it."""
    with pytest.raises(msgspec.ValidationError):
        await owner.call("POST", path(desk), body(desk, types=["order.eaten"]), key=desk.key())


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]:9000/",
     "http://192.168.0.1:8080/", "http://user:pw@127.0.0.1:9000/", "http://127.0.0.1:22/", "ftp://127.0.0.1/",
     "http://127.0.0.1.:9000@10.0.0.1/", "http://no-such-name.invalid/"],
)  # fmt: skip
async def test_an_address_inside_is_refused_when_it_is_entered(desk: Desk, owner: Browser, url: str) -> None:
    """At making and at changing; what was there stays."""
    with pytest.raises(BadWebhookUrl):
        await owner.call("POST", path(desk), body(desk, url=url), key=desk.key())
    assert (await owner.call("GET", path(desk)))["webhooks"] == []
    made = await owner.call("POST", path(desk), body(desk), key=desk.key())
    one = path(desk, f"/{made['webhook']['id']}")
    with pytest.raises(BadWebhookUrl):
        await owner.call("PATCH", one, {"url": url, "enabled": False})
    assert await owner.call("GET", one) == made["webhook"]


async def test_a_shop_has_ten_webhooks(desk: Desk, owner: Browser) -> None:
    """The eleventh is refused, also when two come at once."""
    for _ in range(MAX_PER_SHOP - 1):
        await owner.call("POST", path(desk), body(desk), key=desk.key())
    last = await asyncio.gather(
        *(owner.call("POST", path(desk), body(desk), key=desk.key()) for _ in range(2)),
        return_exceptions=True,
    )
    assert [type(one) for one in last if isinstance(one, Exception)] == [TooManyWebhooks]
    assert len((await owner.call("GET", path(desk)))["webhooks"]) == MAX_PER_SHOP


async def test_a_rotation_is_done_once_for_a_key(desk: Desk, owner: Browser) -> None:
    """A repeat answers the same secret; another key makes another."""
    made = await owner.call("POST", path(desk), body(desk), key=desk.key())
    secret = path(desk, f"/{made['webhook']['id']}/secret")
    key = desk.key()
    first = await owner.call("POST", secret, key=key)
    assert first == await owner.call("POST", secret, key=key)
    second = await owner.call("POST", secret, key=desk.key())
    assert len({made["secret"], first["secret"], second["secret"]}) == 3


async def test_a_test_event_goes_to_one_webhook(desk: Desk, owner: Browser) -> None:
    """Whatever it asks for, once for a key; and not to one that is off."""
    made = await owner.call("POST", path(desk), body(desk, types=["order.paid"]), key=desk.key())
    await owner.call("POST", path(desk), body(desk), key=desk.key())
    one = path(desk, f"/{made['webhook']['id']}")
    key = desk.key()
    sent = await owner.call("POST", one + "/test", key=key)
    await desk.quiet()
    again = await owner.call("POST", one + "/test", key=key)
    await desk.quiet()
    [got] = desk.receiver.got
    assert (got.id, sent["type"], sent["id"]) == (sent["event"], "webhook.test", again["id"])
    assert signed_with(made["secret"], got)
    await owner.call("PATCH", one, {"enabled": False})
    with pytest.raises(WebhookOff):
        await owner.call("POST", one + "/test", key=desk.key())
    await desk.quiet()
    assert len(desk.receiver.got) == 1


async def test_another_shops_webhook_is_not_there(desk: Desk) -> None:
    """By no door of one's own shop."""
    made = await desk.add()
    other = await new_stall(desk.services, "lin@example.com")
    browser = Browser(desk.services)
    await browser.call("POST", "/session", {"email": "lin@example.com", "password": PASSWORD})
    one = f"/shops/{other.shop}/webhooks/{made.webhook.id}"
    calls: list[tuple[str, str, Any]] = [
        ("GET", "", None), ("PATCH", "", {"enabled": False}), ("DELETE", "", None), ("POST", "/secret", None),
        ("POST", "/test", None), ("GET", "/deliveries", None), ("GET", "/deliveries/wd_1", None),
        ("POST", "/deliveries/wd_1/again", None), ("POST", "/failed/again", None),
    ]  # fmt: skip
    for method, rest, content in calls:
        with pytest.raises(NoSuchWebhook):
            await browser.call(method, one + rest, content, key=desk.key())
    shown = await desk.webhooks.endpoints.get(desk.stall.shop, made.webhook.id)
    assert shown == made.webhook
