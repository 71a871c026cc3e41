"""A buyer and a shop's owner who talk about an order over HTTP, and recordings as browsers make them."""

import io
import math
from dataclasses import dataclass
from typing import Any

import av
import httpx
import numpy as np
import sqlalchemy as sa
from av.audio.stream import AudioStream
from PIL import Image

from commerce.conversations.tables_sql import attachments, conversations, messages
from commerce.orders.tables_sql import orders
from commerce.outbox_tables_sql import outbox
from tests.commerce.orders.a_market import Buyer, Market
from tests.commerce.returns.a_desk import Desk


@dataclass
class Talk:
    """The two sides of one order."""

    market: Market
    desk: Desk
    buyer: Buyer
    order: str

    def path(self, side: str) -> str:
        """Return where a side's doors are."""
        return (
            f"/orders/{self.order}" if side == "buyer" else f"/shops/{self.market.shop}/orders/{self.order}"
        )

    def person(self, side: str) -> str:
        """Return who calls for a side."""
        return self.buyer.person if side == "buyer" else self.market.owner

    async def call(self, side: str, method: str, what: str, **more: Any) -> httpx.Response:
        """Make one call for a side; `key`, `headers`, `json`, `content`, `params` as they are needed."""
        headers = {"authorization": f"Bearer {self.person(side)}", **more.pop("headers", {})}
        if key := more.pop("key", None):
            headers["idempotency-key"] = key
        url = f"/api/v1{self.path(side)}/{what}"
        return await self.market.http.request(method, url, headers=headers, **more)

    async def say(self, side: str, text: str = "", *ids: str, key: str | None = None) -> httpx.Response:
        """Write a message."""
        body = {"text": text, "attachments": list(ids)}
        return await self.call(side, "POST", "messages", json=body, key=key or self.market.fresh_key())

    async def said(self, side: str, text: str = "", *ids: str) -> dict[str, Any]:
        """Write a message that is taken."""
        answer = await self.say(side, text, *ids)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def seen(self, side: str, **query: Any) -> dict[str, Any]:
        """Look at the conversation."""
        answer = await self.call(side, "GET", "messages", params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def read(self, side: str, number: int) -> None:
        """Say what was read."""
        answer = await self.call(side, "POST", "messages/read", json={"number": number})
        assert answer.status_code == 204, answer.text

    async def upload(self, side: str, content: bytes) -> httpx.Response:
        """Upload a file."""
        return await self.call(side, "POST", "attachments", content=content)

    async def uploaded(self, side: str, content: bytes) -> dict[str, Any]:
        """Upload a file that is taken."""
        answer = await self.upload(side, content)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def close(self, *, closed: bool = True) -> httpx.Response:
        """Let the shop close the conversation, or open it again."""
        return await self.call("shop", "PUT", "messages/state", json={"closed": closed})

    async def everything(self) -> tuple[int, int, int, int]:
        """Count what a refusal must not change: messages, uploads, waiting outbox rows, versions."""
        async with self.market.services.database.read() as sql:
            versions = sa.select(sa.func.coalesce(sa.func.sum(conversations.c.version), 0))
            counts = [sa.select(sa.func.count()).select_from(one) for one in (messages, attachments, outbox)]
            found = [int((await sql.execute(one)).scalar_one()) for one in (*counts, versions)]
        return found[0], found[1], found[2], found[3]

    async def token(self) -> str:
        """Return the right of the order's link."""
        async with self.market.services.database.read() as sql:
            query = sa.select(orders.c.token).where(orders.c.id == self.order)
            return str((await sql.execute(query)).scalar_one())

    async def outbox_is_due(self) -> None:
        """Let the time come for everything that waits in the outbox, and let the worker send it."""
        async with self.market.services.database.write() as sql:
            await sql.execute(sa.update(outbox).values(due_at_ms=0))
        await self.market.services.outbox.send_due()
        await self.market.services.outbox.send_due()

    def mails(self, words: str) -> list[str]:
        """Return the mails that have these words."""
        return [one for one in self.market.mails() if words in one]


def picture(size: tuple[int, int] = (640, 480), kind: str = "JPEG", **more: Any) -> bytes:
    """Draw a picture."""
    out = io.BytesIO()
    Image.new("RGB", size, (200, 120, 40)).save(out, kind, **more)
    return out.getvalue()


def recording(kind: str = "webm", codec: str = "libopus", seconds: float = 1.0, *, hz: int = 440) -> bytes:
    """Record a tone as a browser would: Opus in WebM or Ogg, AAC in MP4."""
    out, rate = io.BytesIO(), 48_000
    tone = np.sin(np.arange(int(rate * seconds)) / rate * hz * 2 * math.pi) * 8_000
    frame = av.AudioFrame.from_ndarray(tone.astype(np.int16).reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    with av.open(out, mode="w", format=kind, options={}) as made:
        made.metadata["title"] = "a secret place"
        stream = made.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(stream, AudioStream)
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=rate)
        for part in resampler.resample(frame):
            made.mux(stream.encode(part))
        made.mux(stream.encode(None))
    return out.getvalue()
