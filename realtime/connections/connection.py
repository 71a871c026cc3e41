"""One client as the services see it: its session, its way out, and where it stands."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from realtime.connections.session import Session, State
from realtime.ports import Standing
from realtime.room.open_room import OpenRoom
from realtime.sockets.close_codes import CloseCode
from realtime.sockets.fanout import Member, Outlet
from realtime.sockets.frames import SharedFrame


class Connection:
    """Lives as long as the socket. `room` and `member` are None before the hello was answered.

    `address_key` stands for the network address, "" when unknown; `shadowed`: only they and staff hear them.
    `joined_ms` is the shop's clock; `standing` is what they were to the shop at `standing_ms`.
    """

    __slots__ = (
        "_talk",
        "address_key",
        "bought_as",
        "buys",
        "closed_with",
        "joined_ms",
        "language",
        "member",
        "name",
        "now_ms",
        "outlet",
        "punished",
        "room",
        "session",
        "shadowed",
        "show",
        "standing",
        "standing_ms",
        "tasks",
    )

    def __init__(self, show: str, session: Session, outlet: Outlet, now_ms: Callable[[], int]) -> None:
        self.show = show
        self.session = session
        self.outlet = outlet
        self.now_ms = now_ms
        self.room: OpenRoom | None = None
        self.member: Member | None = None
        self.name: str | None = None
        self.buys = False
        # The name the room has been given for "… just bought".
        self.bought_as: str | None = None
        self.language = "en"
        self.address_key = ""
        self.shadowed = False
        self.joined_ms = 0
        # The key of the last message whose refusal was remembered: sent again it is no second one.
        self.punished = ""
        self.standing: Standing | None = None
        self.standing_ms = 0
        self.tasks: tuple[asyncio.Task[None], ...] = ()
        self._talk: asyncio.Lock | None = None
        self.closed_with: CloseCode | None = None

    @property
    def talk(self) -> asyncio.Lock:
        """What keeps this client's comments and votes in their order; most only watch and need none."""
        if self._talk is None:
            self._talk = asyncio.Lock()
        return self._talk

    @property
    def gone(self) -> bool:
        """Whether the socket was closed, by whomever."""
        return self.session.state is State.CLOSED

    def send(self, frame: SharedFrame) -> None:
        """Write one message."""
        self.session.sent(self.now_ms())
        self.outlet.write(frame)

    def send_text(self, text: bytes) -> None:
        """Write one message for this client alone."""
        self.send(SharedFrame.for_one(text))

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this in a task that ends with the connection at the latest."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks = (*self.tasks, task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks = tuple(one for one in self.tasks if one is not task)

    def close(self, code: CloseCode) -> None:
        """Close for this reason; the first reason stands."""
        if self.closed_with is None:
            self.closed_with = code
            self.session.close(code)
            self.outlet.close(code)
