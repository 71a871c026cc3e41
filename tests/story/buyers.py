"""Scripted buyers: guests who press Buy over HTTP or over the room's websocket, and pay in the sandbox."""

import asyncio
from dataclasses import dataclass, field

from tests.realtime.client import RefusedError, RoomClient
from tests.story.market import Api, Json, Market, new_key

CITY = {"city": "Utrecht", "postcode": "3511", "country": "NL"}


@dataclass
class Press:
    """One press of Buy: the reservation it got, or the code it was refused with."""

    reservation: Json | None = None
    refused: str | None = None


@dataclass
class Buyer:
    """A guest. `room` is set for those who use the websocket door; `presses` is what happened."""

    number: int
    market: Market
    api: Api
    room: RoomClient | None = None
    presses: list[Press] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether a press got a reservation."""
        return any(press.reservation for press in self.presses)

    @property
    def reservation(self) -> Json:
        """What is held."""
        (held, *_) = [press.reservation for press in self.presses if press.reservation]
        return held

    async def press_buy(self, sale: Json, key: str) -> Press:
        """Press Buy once, by this buyer's door."""
        line = {
            "variant": sale["variant"],
            "sale": sale["id"],
            "quantity": 1,
            "price_version": sale["price_version"],
        }
        press = await (self._by_room(line, key) if self.room else self._by_http(line, key))
        self.presses.append(press)
        return press

    async def press_twice(self, sale: Json) -> None:
        """Press twice; every second buyer repeats the key, as a client that lost the answer would."""
        key = new_key()
        await self.press_buy(sale, key)
        await self.press_buy(sale, key if self.number % 4 < 2 else new_key())

    async def check_out(self) -> Json:
        """Order what is held; returns the order with where to pay."""
        body = {
            "reservations": [self.reservation["id"]],
            # The sale's limit counts e-mails and addresses as well as people.
            "contact": {"email": f"buyer{self.number}@example.org", "name": f"Bo Buyer {self.number}"},
            "address": {"line1": f"Market Street {self.number + 1}", **CITY},
            "method": "sandbox",
            "return_url": f"/shows/{self.market.show}",
        }
        return await self.api.call("POST", f"/shops/{self.market.shop}/orders", body)

    async def pay_again(self, order: str) -> Json:
        """Try once more within the hold."""
        return await self.api.call("POST", f"/orders/{order}/pay")

    async def act(self, to_pay: Json, action: str) -> None:
        """Do something on the provider's page."""
        payment = to_pay["pay_url"].rstrip("/").rpartition("/")[2]
        answer = await self.api.http.post(
            f"{self.market.address}/api/sandbox/payments/{payment}/act",
            json={"action": action, "webhook": "twice"},
        )
        assert answer.is_success, answer.text

    async def order_state(self, order: str, wanted: set[str], within_s: float = 20) -> Json:
        """Wait until an order is in one of the wanted states."""
        async with asyncio.timeout(within_s):
            while True:
                now = await self.api.call("GET", f"/orders/{order}")
                if now["state"] in wanted or (now["payment"] or {}).get("state") in wanted:
                    return now
                await asyncio.sleep(0.1)

    async def give_up(self) -> None:
        """Give the hold back."""
        await self.api.call("DELETE", f"/shops/{self.market.shop}/reservations/{self.reservation['id']}")

    async def _by_http(self, line: Json, key: str) -> Press:
        body = {"show": self.market.show, "lines": [line]}
        path = f"/shops/{self.market.shop}/reservations"
        while True:
            answer = await self.api.try_call("POST", path, body, key)
            if answer.is_success:
                return Press(reservation=answer.json())
            code = answer.json()["code"]
            if code != "queued":
                return Press(refused=code)
            await asyncio.sleep(0.1)  # in line: the same key keeps the place

    async def _by_room(self, line: Json, key: str) -> Press:
        assert self.room is not None
        try:
            answer = await self.room.ask("reserve", lines=[line], key=key)
        except RefusedError as error:
            return Press(refused=error.code)
        return Press(reservation=answer["reservation"])


async def make_buyers(market: Market, count: int) -> list[Buyer]:
    """Open sessions for buyers; every second one joins the room."""
    return list(await asyncio.gather(*(_buyer(market, number) for number in range(count))))


async def _buyer(market: Market, number: int) -> Buyer:
    api = await Api(market.address).enter("/session", {"guest_name": f"Guest {number:02d}"})
    room = None
    if number % 2:
        room = RoomClient(
            market.address.replace("http", "ws", 1), market.show, api.token, **market.socket_options
        )
        await room.open()
        await room.say_hello()
    return Buyer(number, market, api, room)


async def rush(buyers: list[Buyer], sale: Json) -> None:
    """Let all press at the same moment."""
    await asyncio.gather(*(buyer.press_twice(sale) for buyer in buyers))


async def dismiss(buyers: list[Buyer]) -> None:
    """Close every connection."""
    for buyer in buyers:
        if buyer.room:
            await buyer.room.close()
