"""Buyers who want something and do not give up: they repeat with the same key until they are answered.

Each attempt is another guest's: hold by one door (a repeat may take the other), then let it lapse, give it
back, or order; then pay in one of the ways of `WAYS`, or not. What was answered goes into the diary.
"""

import asyncio
import itertools
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import httpx
from websockets.exceptions import WebSocketException

from benchmarks.chaos_sale.diary import Diary
from commerce.accounts.tokens import sign_access_token
from commerce.routing import Identity
from tests.realtime.client import RefusedError, RoomClient

Json = dict[str, Any]

ASK_LIMIT_S = 8.0
INSIST_LIMIT_S = 30.0
PAUSE_S = (0.2, 1.5)
THINK_S = (0.2, 2.0)
PAID_LIMIT_S = 20.0
TOKEN_LIFE_MS = 900_000
CITY = {"city": "Utrecht", "postcode": "3511", "country": "NL"}
COME_AGAIN = {"busy", "unavailable"}
LOST = (httpx.HTTPError, OSError, TimeoutError, WebSocketException)


@dataclass(frozen=True, slots=True)
class Ware:
    """Something to buy: a variant at a price version, in a flash sale or at its own price."""

    variant: str
    price_version: int
    sale: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """Where buyers go; `key` signs access tokens."""

    address: str
    shop: str
    show: str
    key: bytes
    wares: tuple[Ware, ...]


class Crowd:
    """All buyers. Cancel its tasks, or set `open` to False, to let them stop after their attempt."""

    def __init__(self, stage: Stage, diary: Diary, seed: int) -> None:
        self.stage = stage
        self.diary = diary
        self.open = True
        self._seed = seed
        self._numbers = itertools.count(1)
        limits = httpx.Limits(max_connections=300, max_keepalive_connections=100)
        self.http = httpx.AsyncClient(
            base_url=f"{stage.address}/api", timeout=ASK_LIMIT_S, limits=limits, trust_env=False
        )

    async def run(self, count: int) -> None:
        """Let `count` buyers try again and again until the shop is closed to them."""
        try:
            await asyncio.gather(*(self._one(place) for place in range(count)))
        finally:
            await self.http.aclose()

    async def _one(self, place: int) -> None:
        random = Random(f"{self._seed} buyer {place}")
        await asyncio.sleep(random.uniform(0, 3))
        while self.open:
            self.diary.attempts += 1
            await Attempt(self, next(self._numbers), random).go()
            await asyncio.sleep(random.uniform(*THINK_S))


class Attempt:
    """One guest's way from the first press to the end."""

    def __init__(self, crowd: Crowd, number: int, random: Random) -> None:
        self._crowd = crowd
        self._stage, self._diary = crowd.stage, crowd.diary
        self._random = random
        self._number = number
        self.person = f"gu_chaos{number}"
        identity = Identity(self.person, "guest", f"Bo {number}", "dv_chaos")
        expires_at_ms = int(time.time() * 1000) + TOKEN_LIFE_MS
        self._token = sign_access_token(identity, expires_at_ms, self._stage.key)

    async def go(self) -> None:
        """Try to buy."""
        held = await self._hold()
        if held is None:
            return
        await self._think()
        choice = self._random.random()
        if choice < 0.08:
            return  # lets it lapse
        if choice < 0.18:
            await self._give_back(held)
            return
        to_pay = await self._order(held)
        if to_pay is None or not to_pay["pay_url"]:
            return
        await self._think()
        await self._random.choices(list(WAYS), list(WAYS.values()))[0](self, to_pay)

    # Holding

    async def _hold(self) -> str | None:
        ware = self._random.choice(self._stage.wares)
        line = _line(ware, self._random.choice((1, 1, 1, 2)))
        key = secrets.token_urlsafe(12)
        if self._random.random() < 0.25:  # a double click: two at once with one key
            first, second = await asyncio.gather(self._insist_hold(line, key), self._insist_hold(line, key))
            self._compare(first, second)
            return first or second
        held = await self._insist_hold(line, key)
        if held is not None and self._random.random() < 0.2:
            self._compare(held, await self._insist_hold(line, key))
        return held

    def _compare(self, first: str | None, second: str | None) -> None:
        if first is not None and second is not None and first != second:
            self._diary.repeats_differ += 1

    async def _insist_hold(self, line: Json, key: str) -> str | None:
        async def press() -> str | None:
            by_room = self._random.random() < 0.4
            return await (self._hold_by_room(line, key) if by_room else self._hold_by_http(line, key))

        held: str | None = await self._insist(press)
        if held is not None:
            self._diary.holds[held] = self.person
        return held

    async def _hold_by_http(self, line: Json, key: str) -> str | None:
        body = {"show": self._stage.show, "lines": [line]}
        answer = await self._call("POST", f"/v1/shops/{self._stage.shop}/reservations", body, key)
        return None if answer is None else str(answer["id"])

    async def _hold_by_room(self, line: Json, key: str) -> str | None:
        room = RoomClient(self._stage.address.replace("http", "ws", 1), self._stage.show, self._token)
        try:
            async with asyncio.timeout(ASK_LIMIT_S):
                await room.open()
                await room.say_hello()
                answer = await room.ask("reserve", lines=[line], key=key)
        except RefusedError as error:
            self._refused(error.code)
            return None
        except AssertionError as error:
            raise ConnectionError("the room answered something else") from error
        finally:
            await _closed(room)
        self._diary.answers["held"] += 1
        return str(answer["reservation"]["id"])

    async def _give_back(self, held: str) -> None:
        path = f"/v1/shops/{self._stage.shop}/reservations/{held}"
        if await self._insist(lambda: self._call("DELETE", path)) is not None:
            self._diary.released.add(held)

    # Ordering and paying

    async def _order(self, held: str) -> Json | None:
        body = {
            "reservations": [held],
            "contact": {"email": f"buyer{self._number}@example.org", "name": f"Bo Buyer {self._number}"},
            "address": {"line1": f"Market Street {self._number}", **CITY},
            "method": "sandbox",
            "return_url": f"/shows/{self._stage.show}",
        }
        key, path = secrets.token_urlsafe(12), f"/v1/shops/{self._stage.shop}/orders"

        async def order() -> Json | None:
            made: Json | None = await self._insist(lambda: self._call("POST", path, body, key))
            return made

        answers = [await order()]
        if self._random.random() < 0.2:
            answers += [await order()]
        told = [one for one in answers if one is not None]
        for one in told:
            self._diary.orders[one["order"]["id"]] = held
        if len(told) == 2:
            self._compare(told[0]["order"]["id"], told[1]["order"]["id"])
        return told[0] if told else None

    async def approve(self, to_pay: Json, *, capture: str = "normal") -> None:
        """Pay, sometimes with two clicks, and wait until the order says so."""
        webhook = self._random.choice(("normal", "late", "twice", "before_answer"))
        act = {"action": "approve", "webhook": webhook, "capture": capture}
        clicks = 2 if self._random.random() < 0.2 else 1
        await asyncio.gather(*(self._act(to_pay, act) for _ in range(clicks)))
        await self._wait(to_pay["order"]["id"])

    async def refuse_capture(self, to_pay: Json) -> None:
        """Pay with a card whose bank takes it back."""
        await self.approve(to_pay, capture="refuse")

    async def pay_again(self, to_pay: Json) -> None:
        """Be declined, or leave it until it times out, and pay the second time."""
        action = self._random.choice(("decline", "time_out"))
        await self._act(to_pay, {"action": action})
        path = f"/v1/orders/{to_pay['order']['id']}/pay"
        again = await self._insist(lambda: self._call("POST", path))
        if again is not None and again["pay_url"]:
            await self.approve(again)

    async def pay_late(self, to_pay: Json) -> None:
        """Pay at the last moment, or just too late."""
        left_s = (to_pay["order"]["deadline_ms"] or 0) / 1000 - time.time()
        await asyncio.sleep(max(0.0, left_s + self._random.uniform(-1.5, 0.5)))
        await self.approve(to_pay)

    async def cancel(self, to_pay: Json) -> None:
        """Think better of it."""
        order = to_pay["order"]["id"]
        ended = await self._insist(lambda: self._call("POST", f"/v1/orders/{order}/cancel"))
        if ended is not None:
            self._diary.cancelled.add(order)

    async def pay_and_cancel(self, to_pay: Json) -> None:
        """Pay and cancel at the same time, in two windows."""
        await asyncio.gather(self.approve(to_pay), self.cancel(to_pay))

    async def leave(self, to_pay: Json) -> None:
        """Never pay."""

    async def _act(self, to_pay: Json, act: Json) -> None:
        payment = to_pay["pay_url"].rstrip("/").rpartition("/")[2]
        await self._insist(lambda: self._call("POST", f"/sandbox/payments/{payment}/act", act))

    async def _wait(self, order: str) -> None:
        until_s = time.monotonic() + PAID_LIMIT_S
        while time.monotonic() < until_s:
            await asyncio.sleep(self._random.uniform(0.3, 1.0))
            now = await self._insist(lambda: self._call("GET", f"/v1/orders/{order}"))
            if now is not None and now["state"] == "paid":
                self._diary.paid.add(order)
            if now is None or now["state"] not in {"pending", "authorised"}:
                return

    # Talking to the server

    async def _call(self, method: str, path: str, body: Json | None = None, key: str | None = None) -> Any:
        """Ask once: the answer, None for a refusal; raises ConnectionError when it may be repeated."""
        headers = {"authorization": f"Bearer {self._token}", "idempotency-key": key or secrets.token_hex(8)}
        answer = await self._crowd.http.request(method, path, json=body, headers=headers)
        if answer.status_code >= 500 or answer.status_code == 429:
            raise ConnectionError(f"{answer.status_code}")
        if answer.is_success:
            self._diary.answers[f"{method} {answer.status_code}"] += 1
            return answer.json() if answer.content else {}
        self._refused(answer.json()["code"])
        return None

    async def _insist(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Ask until an answer comes; None for a refusal, or when the patience is over."""
        until_s = time.monotonic() + INSIST_LIMIT_S
        while time.monotonic() < until_s:
            try:
                return await ask()
            except LOST:
                await asyncio.sleep(self._random.uniform(*PAUSE_S))
        self._diary.unanswered += 1
        return None

    def _refused(self, code: str) -> None:
        if code in COME_AGAIN:
            raise ConnectionError(code)
        self._diary.answers[code] += 1

    async def _think(self) -> None:
        await asyncio.sleep(self._random.uniform(*THINK_S))


WAYS: dict[Callable[[Attempt, Json], Awaitable[None]], float] = {
    Attempt.approve: 0.60,
    Attempt.pay_again: 0.10,
    Attempt.pay_late: 0.08,
    Attempt.refuse_capture: 0.04,
    Attempt.cancel: 0.06,
    Attempt.pay_and_cancel: 0.06,
    Attempt.leave: 0.06,
}
"""Ways to pay, and how often each is taken."""


def _line(ware: Ware, quantity: int) -> Json:
    return {
        "variant": ware.variant,
        "sale": ware.sale,
        "quantity": 1 if ware.sale else quantity,
        "price_version": ware.price_version,
    }


async def _closed(room: RoomClient) -> None:
    """Close a socket without waiting for a server that may be gone."""
    if room.socket is not None:
        room.socket.transport.abort()
    await room.close()
    for answer in room._answers.values():  # noqa: SLF001 - nobody waits for them any more
        answer.cancel()
        if answer.done() and not answer.cancelled():
            answer.exception()
