"""A bad network in a box: a UDP relay with loss, delay, jitter, reordering, rate and queue as data.

Not every kernel has netem, and a test wants the same weather every time it runs. So the path itself is a
program: `LinkModel` is pure (it is told the time and answers when a packet arrives, or that it never does),
`LossyLink` is the asyncio shell with the sockets. A peer is led through the link by rewriting the candidate
of an SDP answer with `through_link`; every client address gets its own socket towards the server, so many
clients share one link and the server still tells them apart.

                 up model                      up
    client A --> |      | --> socket for A --> |      |
    client B --> | link | --> socket for B --> server |
             <-- |      | <--                  |      |
                 down model                    down

All probabilities are shares from 0 to 1, all times seconds, all rates bits per second.
"""

import asyncio
import random
import re
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

Address = tuple[str, int]
Fate = Literal["delivered", "lost", "overflowed", "cut"]
Direction = Literal["up", "down"]

_NEVER_S = float("-inf")
_TICK_S = 1e-6
_CANDIDATE = re.compile(
    r"^a=candidate:(?P<foundation>\S+) (?P<component>\d+) (?P<transport>\S+) (?P<priority>\d+) "
    r"(?P<host>\S+) (?P<port>\d+) (?P<rest>.*)$"
)


@dataclass(frozen=True, slots=True)
class LinkConditions:
    """The weather in one direction; the default is a perfect wire.

    `loss` is the long-run share of packets lost. `loss_burst_packets` is the mean length of a run of losses
    (1 = independent, more = a Gilbert model). `jitter_s` is the width of a uniform extra delay; it keeps the
    order. `reorder` is the share of packets held back by `reorder_s`, so that later ones overtake them.
    `rate_bits_per_s` None = no limit; behind it at most `queue_packets` wait, and a packet that finds the
    queue full is dropped. `cut` drops everything: the cable is out.
    """

    loss: float = 0.0
    loss_burst_packets: float = 1.0
    delay_s: float = 0.0
    jitter_s: float = 0.0
    reorder: float = 0.0
    reorder_s: float = 0.02
    rate_bits_per_s: float | None = None
    queue_packets: int = 200
    cut: bool = False


@dataclass(slots=True)
class LinkTotals:
    """What happened to the packets of one direction."""

    delivered: int = 0
    lost: int = 0
    overflowed: int = 0
    cut: int = 0

    def count(self, fate: Fate) -> None:
        """Add one packet that met this fate."""
        setattr(self, fate, getattr(self, fate) + 1)

    @property
    def offered(self) -> int:
        """All packets that came to this direction of the link."""
        return self.delivered + self.lost + self.overflowed + self.cut


class LinkModel:
    """One direction for one client: decides when each packet arrives. Pure; time is an argument.

    Each packet draws the same three random numbers whatever the conditions are, so that changing one
    condition leaves the fortune of the others as it was: a seed loses the same packets with any delay.
    """

    def __init__(self, conditions: LinkConditions, seed: str) -> None:
        self.conditions = conditions
        self.totals = LinkTotals()
        self._random = random.Random(seed)
        self._losing = False
        self._line_free_at_s = _NEVER_S
        self._last_arrival_s = _NEVER_S
        self._leaving_at_s: deque[float] = deque()

    def offer(self, now_s: float, size_bytes: int) -> float | None:
        """Tell when a packet offered now arrives, or None if it never does.

        Arrivals come in strictly rising order, except for packets held back by `reorder`.
        """
        chance, jitter, late = (self._random.random() for _ in range(3))
        lost = self._is_lost(chance)
        if self.conditions.cut:
            self.totals.count("cut")
            return None
        if lost:
            self.totals.count("lost")
            return None
        left_at_s = self._leave_queue(now_s, size_bytes)
        if left_at_s is None:
            self.totals.count("overflowed")
            return None
        self.totals.count("delivered")
        arrival_s = left_at_s + self.conditions.delay_s + jitter * self.conditions.jitter_s
        if late < self.conditions.reorder:
            return arrival_s + self.conditions.reorder_s
        self._last_arrival_s = max(arrival_s, self._last_arrival_s + _TICK_S)
        return self._last_arrival_s

    def _is_lost(self, chance: float) -> bool:
        """Walk the two-state Gilbert chain whose stationary share of losses is `loss`."""
        loss, burst = self.conditions.loss, max(1.0, self.conditions.loss_burst_packets)
        if loss >= 1 or loss <= 0:
            self._losing = loss >= 1
        elif burst == 1:
            self._losing = chance < loss
        elif self._losing:
            self._losing = chance >= 1 / burst
        else:
            self._losing = chance < loss / (1 - loss) / burst
        return self._losing

    def _leave_queue(self, now_s: float, size_bytes: int) -> float | None:
        """Wait for the line; None if the queue was full."""
        rate = self.conditions.rate_bits_per_s
        if rate is None:
            return now_s
        while self._leaving_at_s and self._leaving_at_s[0] <= now_s:
            self._leaving_at_s.popleft()
        if len(self._leaving_at_s) >= self.conditions.queue_packets:
            return None
        self._line_free_at_s = max(now_s, self._line_free_at_s) + size_bytes * 8 / rate
        self._leaving_at_s.append(self._line_free_at_s)
        return self._line_free_at_s


@dataclass(slots=True)
class _Client:
    """One client address: its two models and its socket towards the server."""

    address: Address
    up: LinkModel
    down: LinkModel
    towards_server: asyncio.DatagramTransport | None = None
    waiting: deque[bytes] = field(default_factory=lambda: deque(maxlen=64))  # until the socket is there


class LossyLink:
    """The relay. Open it with `lossy_link`; clients send to `address`, `change` alters the weather for all.

    At most `max_clients` addresses are served; datagrams of others are dropped and counted in `refused`.
    """

    def __init__(
        self, server: Address, up: LinkConditions, down: LinkConditions, seed: int, max_clients: int = 256
    ) -> None:
        self.server = server
        self.refused = 0
        self._conditions: dict[Direction, LinkConditions] = {"up": up, "down": down}
        self._seed = seed
        self._max_clients = max_clients
        self._clients: dict[Address, _Client] = {}
        self._front: asyncio.DatagramTransport | None = None
        self._opening: set[asyncio.Task[None]] = set()

    async def open(self, host: str = "127.0.0.1") -> None:
        """Bind the socket that clients send to."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Socket(self._from_client), local_addr=(host, 0)
        )
        self._front = transport

    async def close(self) -> None:
        """Close all sockets; packets still on their way are gone."""
        for task in self._opening:
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)
        transports = [client.towards_server for client in self._clients.values()] + [self._front]
        for transport in transports:
            if transport is not None:
                protocol = transport.get_protocol()
                assert isinstance(protocol, _Socket)
                transport.abort()
                await protocol.closed.wait()

    @property
    def address(self) -> Address:
        """Where clients send: the address for `through_link`."""
        assert self._front is not None, "the link is not open"
        host, port = self._front.get_extra_info("sockname")[:2]
        return str(host), int(port)

    def totals(self, direction: Direction) -> LinkTotals:
        """Sum up what became of all clients' packets in this direction."""
        each = [(client.up if direction == "up" else client.down).totals for client in self._clients.values()]
        return LinkTotals(
            delivered=sum(totals.delivered for totals in each),
            lost=sum(totals.lost for totals in each),
            overflowed=sum(totals.overflowed for totals in each),
            cut=sum(totals.cut for totals in each),
        )

    def change(self, up: LinkConditions | None = None, down: LinkConditions | None = None) -> None:
        """Change the weather of one or both directions, from the next packet on. None leaves a direction."""
        if up is not None:
            self._conditions["up"] = up
        if down is not None:
            self._conditions["down"] = down
        for client in self._clients.values():
            client.up.conditions = self._conditions["up"]
            client.down.conditions = self._conditions["down"]

    def _from_client(self, data: bytes, address: Address) -> None:
        client = self._clients.get(address) or self._admit(address)
        if client is None:
            self.refused += 1
            return
        self._carry(client.up, data, lambda: self._to_server(client, data))

    def _admit(self, address: Address) -> _Client | None:
        if len(self._clients) >= self._max_clients:
            return None
        name = f"{self._seed}/{len(self._clients)}"
        client = _Client(
            address,
            up=LinkModel(self._conditions["up"], f"{name}/up"),
            down=LinkModel(self._conditions["down"], f"{name}/down"),
        )
        self._clients[address] = client
        task = asyncio.get_running_loop().create_task(self._connect(client))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)
        return client

    async def _connect(self, client: _Client) -> None:
        def answered(data: bytes, _: Address) -> None:
            self._carry(client.down, data, lambda: self._to_client(client, data))

        loop = asyncio.get_running_loop()
        client.towards_server, _ = await loop.create_datagram_endpoint(
            lambda: _Socket(answered), remote_addr=self.server
        )
        for data in client.waiting:
            client.towards_server.sendto(data)
        client.waiting.clear()

    def _carry(self, model: LinkModel, data: bytes, deliver: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        arrival_s = model.offer(now_s, len(data))
        if arrival_s is not None:
            # A packet without delay still takes the timer when the model put it behind others on their way.
            if arrival_s <= now_s:
                deliver()
            else:
                loop.call_at(arrival_s, deliver)

    def _to_server(self, client: _Client, data: bytes) -> None:
        if client.towards_server is None:
            client.waiting.append(data)
        elif not client.towards_server.is_closing():
            client.towards_server.sendto(data)

    def _to_client(self, client: _Client, data: bytes) -> None:
        if self._front is not None and not self._front.is_closing():
            self._front.sendto(data, client.address)


class _Socket(asyncio.DatagramProtocol):
    """Hands every datagram to one function; an unreachable port is weather, not an error."""

    def __init__(self, received: Callable[[bytes, Address], None]) -> None:
        self.closed = asyncio.Event()
        self._received = received

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._received(data, addr)

    def error_received(self, exc: Exception) -> None:
        """Ignore an ICMP "unreachable": the far end may come back, as after a restart of the server."""


@asynccontextmanager
async def lossy_link(
    server: Address,
    *,
    up: LinkConditions | None = None,
    down: LinkConditions | None = None,
    seed: int = 1,
) -> AsyncIterator[LossyLink]:
    """Open a link to a server's UDP address; `up` is towards the server, `down` towards the clients."""
    link = LossyLink(server, up or LinkConditions(), down or LinkConditions(), seed)
    await link.open()
    try:
        yield link
    finally:
        await link.close()


def candidate_address(answer_sdp: str) -> Address:
    """Read the first UDP host candidate of an answer: the server's address for `lossy_link`.

    Raises ValueError if the answer has none.
    """
    for line in answer_sdp.splitlines():
        match = _CANDIDATE.match(line)
        if match is not None and match["transport"].lower() == "udp":
            return match["host"], int(match["port"])
    raise ValueError("the answer has no UDP candidate")


def through_link(answer_sdp: str, link_address: Address) -> str:
    """Rewrite an answer so that the peer's packets take the link.

    In each media section the first UDP candidate gets the link's address; all others, TCP ones too, are
    removed, for the peer would find its way around the link by them.
    """
    lines: list[str] = []
    kept_in_section = False
    for line in answer_sdp.splitlines():
        match = _CANDIDATE.match(line)
        if line.startswith("m="):
            kept_in_section = False
        if match is None:
            lines.append(line)
        elif match["transport"].lower() == "udp" and not kept_in_section:
            kept_in_section = True
            host, port = link_address
            lines.append(
                f"a=candidate:{match['foundation']} {match['component']} udp {match['priority']} "
                f"{host} {port} {match['rest']}"
            )
    return "\r\n".join(lines) + "\r\n"
