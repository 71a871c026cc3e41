"""Browsers that take pushes: taken on, told, forgotten when they are gone (RFC 8030)."""

import hashlib
from typing import Any, Final

import msgspec

from commerce.community import pushes_sql
from commerce.community.push_crypto import Vapid, are_browser_keys, sealed
from commerce.community.refusals import BadPushAddress
from commerce.community.structs import PushRequest
from commerce.database_sql import AlreadyThere
from commerce.outbox_sql import Outbox, OutboxRow
from commerce.ports import Clock
from commerce.webhooks.post_client import WebhookPost
from commerce.webhooks.refusals import BadWebhookUrl

OUTBOX_KIND: Final = "push"
MAX_PER_PERSON: Final = 10
GONE: Final = frozenset({404, 410})
TRY_AGAIN: Final = frozenset({408, 429, 500, 502, 503, 504})


class PushUnanswered(Exception):  # noqa: N818 - named for what happened
    """The push service did not take it now; the outbox tries again."""


class Pushes:
    """Pushes to browsers. `post` keeps to the rules of webhooks: a browser names the address."""

    def __init__(self, outbox: Outbox, vapid: Vapid, post: WebhookPost, now_ms: Clock) -> None:
        self._database = outbox.database
        self._vapid = vapid
        self.post = post
        self._now_ms = now_ms
        outbox.handle(OUTBOX_KIND, self._send)

    @property
    def key(self) -> str:
        """What a browser subscribes with (`applicationServerKey`)."""
        return self._vapid.public

    async def subscribe(self, person: str, request: PushRequest) -> None:
        """Take a browser on, for whoever sits at it now; raises BadPushAddress. Repeating is harmless."""
        if not are_browser_keys(request.p256dh, request.auth):
            raise BadPushAddress(field="p256dh")
        try:
            endpoint = (await self.post.check(request.endpoint)).url
        except BadWebhookUrl as error:
            raise BadPushAddress(field="endpoint", reason=error.reason.value) from error
        row = {
            "id": _id(request.endpoint),
            "person": person,
            "endpoint": endpoint,
            "p256dh": request.p256dh,
            "auth": request.auth,
            "created_at_ms": self._now_ms(),
        }
        try:
            async with self._database.write() as sql:
                await pushes_sql.put(sql, row, MAX_PER_PERSON)
        except AlreadyThere:
            pass  # another window of this browser was first

    async def unsubscribe(self, person: str, endpoint: str) -> None:
        """Forget a browser of this person; harmless when it is not there."""
        async with self._database.write() as sql:
            await pushes_sql.remove(sql, _id(endpoint), person)

    async def _send(self, row: OutboxRow) -> None:
        """Carry out `push`, unless its time is over or the browser is gone."""
        left_s = (row.payload["until_ms"] - self._now_ms()) // 1000
        async with self._database.read() as sql:
            browser = await pushes_sql.row(sql, row.payload["subscription"])
        if browser is None or left_s <= 0:
            return
        outcome = await self.post.send(browser.endpoint, *self._letter(browser, row, left_s))
        if outcome.status in GONE:
            async with self._database.write() as sql:
                await pushes_sql.remove(sql, browser.id)
        elif outcome.status is None or outcome.status in TRY_AGAIN:
            raise PushUnanswered(f"push service: {outcome.status or outcome.trouble}")

    def _letter(self, browser: Any, row: OutboxRow, left_s: int) -> tuple[dict[str, str], bytes]:
        target = self.post.rules.target(browser.endpoint)
        audience = f"{target.scheme}://{target.authority}"
        headers = {
            "authorization": self._vapid.authorization(audience, self._now_ms() // 1000),
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(left_s),
            "urgency": "high",
            "topic": hashlib.sha256(row.payload["message"]["tag"].encode()).hexdigest()[:32],
        }
        return headers, sealed(msgspec.json.encode(row.payload["message"]), browser.p256dh, browser.auth)


def _id(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()
