"""The edge's end of trunks: a show that another process owns is copied from there for this one's viewers.

    ASKING --the owner's answer--> FLOWING --goodbye, 1.5 s of silence--> ASKING
    ASKING --nobody owns it: it is ours now--> OWNED
    ASKING --the show is over--> ENDED
    every state --10 s without a viewer--> LEFT

The viewers' sessions outlive every trunk: to their lines a new trunk is a new publisher. Only the owner says
whether the host is live. The leases are asked each time where the owner is; who asks about a show without a
living owner owns it, as with any request.
"""

import asyncio
import secrets
import time
from enum import Enum
from typing import Protocol
from urllib.parse import quote

import msgspec

from streaming.counters import Counters
from streaming.errors import OwnedElsewhereError, OwnerUnknownError, ShowEndedError, StreamingError
from streaming.faults import Faults
from streaming.grants import Grant, sign
from streaming.peers import Publisher, Session
from streaming.ports import Owners, Ownership, Siblings
from streaming.rtp import rtcp
from streaming.rtp.packet import MalformedPacketError
from streaming.settings import MediaSettings
from streaming.show_media import ShowMedia
from streaming.transport.connection import Connection
from streaming.transport.media_udp import LOOK_AGAIN_S, in_turn
from streaming.transport.srtp_native import Scratch
from streaming.trunk.keys_crypto import GivenKeys, TrunkKeys, derive
from streaming.trunk.path_udp import TrunkPath
from streaming.trunk.terms import (
    NONCE_BYTES,
    Accepted,
    Subscription,
    agree_as_edge,
    read_accepted,
    read_nonce,
)

SILENCE_LIMIT_S = 1.5
SILENT_TICKS = 3
ASK_AGAIN_S = 0.5
FIRST_ANSWER_LIMIT_S = 5.0
OUT_OF_REACH_S = 4.0
IDLE_LIMIT_S = 10.0
GRANT_LIFE_MS = 15_000


class EdgeState(Enum):
    """See the picture at the top of the file."""

    ASKING = "asking"
    FLOWING = "flowing"
    OWNED = "owned"
    ENDED = "ended"
    LEFT = "left"


class House(Protocol):
    """What edges need of the process they live in."""

    def new_copy(self, name: str) -> ShowMedia:
        """Make a show that another process owns."""

    def has_viewers(self, name: str) -> bool:
        """Whether somebody watches the show here, or is about to."""

    def close_show(self, name: str, reason: str) -> None:
        """Forget a show, and close what is left of its sessions."""


class Edge:
    """One show's copy. `answered` is done once the first trunk's way is found, or there is none.

    `alive_s` is when a trunk's way last led to an owner.
    """

    def __init__(self, name: str, show: ShowMedia, now_s: float) -> None:
        self.name = name
        self.show = show
        self.state = EdgeState.ASKING
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lost = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.publisher: Publisher | None = None
        self.path: TrunkPath | None = None
        self._silent_ticks = 0
        self._watched_s = self.alive_s = now_s

    def flow(self, publisher: Publisher, path: TrunkPath) -> None:
        """Go over to a new trunk; the one before ends."""
        self.end_trunk()
        self.state = EdgeState.FLOWING
        self.publisher, self.path = publisher, path
        self.lost.clear()
        self._silent_ticks = 0
        self.show.set_publisher(publisher)
        path.on_found = self._on_found
        path.tick(time.monotonic())

    @property
    def is_healthy(self) -> bool:
        """Whether the trunk's way is found, and neither silence nor a goodbye has put an end to it."""
        found = self.path is not None and self.path.is_found
        return self.state is EdgeState.FLOWING and found and not self.lost.is_set()

    def _on_found(self) -> None:
        self.alive_s = time.monotonic()
        if not self.answered.done():
            self.answered.set_result(None)

    def end_trunk(self) -> None:
        """Tell the owner that nothing more is wanted, and let go of the ports."""
        if self.publisher is None or self.path is None:
            return
        ours = self.publisher.our_ssrc
        connection = self.publisher.session.connection
        connection.send_rtcp(rtcp.build_receiver_report(ours, []) + rtcp.build_goodbye([ours]))
        connection.close("trunk_ended")
        self.path.close()
        self.publisher = self.path = None

    def stop(self, state: EdgeState) -> None:
        """End for good."""
        self.state = state
        if self.task is not None and self.task is not asyncio.current_task():
            self.task.cancel()
        self.end_trunk()
        over = ShowEndedError("the show has ended") if state is EdgeState.ENDED else None
        self.refuse(over or OwnerUnknownError("the show has just moved"))

    def refuse(self, error: StreamingError) -> None:
        """Tell those who wait for the first answer that there is none."""
        if not self.answered.done():
            self.answered.set_exception(error)
            self.answered.exception()  # nobody may be left who waits

    def tick(self, now_s: float, *, is_watched: bool) -> bool:
        """Keep the trunk alive; False when nobody has wanted it for a while."""
        if is_watched or not self.answered.done():
            self._watched_s = now_s
        if self.path is not None and self.publisher is not None:
            self.path.tick(now_s)
            silent = now_s - self.publisher.session.connection.last_valid_s > SILENCE_LIMIT_S
            # After a long turn of this loop, what has come in the meantime is read only after the timers.
            self._silent_ticks = self._silent_ticks + 1 if silent else 0
            if self.path.is_found and not silent:
                self.alive_s = now_s
            if self._silent_ticks >= SILENT_TICKS:
                self.lost.set()
        return now_s - self._watched_s <= IDLE_LIMIT_S


class Edges:
    """All shows that this process copies from others."""

    def __init__(
        self,
        settings: MediaSettings,
        owners: Owners,
        siblings: Siblings | None,
        house: House,
        scratch: Scratch,
        counters: Counters,
    ) -> None:
        self._settings = settings
        self._owners = owners
        self._siblings = siblings
        self._house = house
        self._scratch = scratch
        self._received = Scratch()
        # A look is taken while a packet may still lie in the first.
        self._looking = Scratch()
        self._is_looking = False
        self._looked_s = 0.0
        self._looked_at = 0
        self._faults = Faults(counters)
        self._counters = counters
        self._edges: dict[str, Edge] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._edges

    def __len__(self) -> int:
        return len(self._edges)

    def flowing(self, name: str) -> ShowMedia | None:
        """Return the copy of a show that flows; None when there is none, or its owner must be looked for.

        Nobody need ask the lease about such a show: where it goes, or that it is over, its owner says in
        time, by a goodbye or by silence.
        """
        edge = self._edges.get(name)
        return edge.show if edge is not None and edge.is_healthy else None

    async def show(self, name: str, owner: str) -> ShowMedia:
        """Return the copy of a show, asking its owner if there is none yet.

        Raises `OwnedElsewhereError` for a process without siblings, `OwnerUnknownError` when none answers.
        """
        if self._siblings is None:
            raise OwnedElsewhereError("another media process carries this show", facts={"owner": owner})
        edge = self._edges.get(name)
        if edge is None:
            edge = self._edges[name] = Edge(name, self._house.new_copy(name), time.monotonic())
            edge.task = asyncio.create_task(self._follow(edge, owner, self._siblings))
            self._counters.totals["edges"] += 1
        try:
            async with asyncio.timeout(FIRST_ANSWER_LIMIT_S):
                await asyncio.shield(edge.answered)
        except TimeoutError as error:
            raise OwnerUnknownError("the show's owner does not answer") from error
        if time.monotonic() - edge.alive_s > OUT_OF_REACH_S:
            raise OwnerUnknownError("the show's owner is out of reach")  # a front sends the viewer there
        return edge.show

    def give_up(self, name: str) -> None:
        """Note that the show is this process's own from now on; its viewers stay."""
        edge = self._edges.pop(name, None)
        if edge is not None:
            edge.stop(EdgeState.OWNED)
            edge.show.expect_host(time.monotonic())
            self._counters.totals["edges_owned"] += 1

    def close(self, name: str | None, state: EdgeState = EdgeState.ENDED) -> None:
        """End a show's copy; None: every one."""
        for edge in list(self._edges.values()):
            if name is None or edge.name == name:
                del self._edges[edge.name]
                edge.stop(state)

    def tick(self, now_s: float) -> None:
        """Call every 20 ms or so."""
        for edge in list(self._edges.values()):
            watched = bool(edge.show.viewers) or self._house.has_viewers(edge.name)
            if not edge.tick(now_s, is_watched=watched):
                self.close(edge.name, EdgeState.LEFT)
                self._house.close_show(edge.name, "idle")

    def look(self) -> None:
        """Take what owners have sent meanwhile, as `MediaUdp.look` does of hosts."""
        if not self._edges or self._is_looking or time.monotonic() - self._looked_s < LOOK_AGAIN_S:
            return
        self._is_looking = True
        try:
            edges, self._looked_at = in_turn(list(self._edges.values()), self._looked_at)
            for edge in edges:
                if edge.path is not None:
                    self._faults.shield("a look at an owner", edge.path.look, self._looking)
        finally:
            self._is_looking = False
            self._looked_s = time.monotonic()

    # --- following the owner

    async def _follow(self, edge: Edge, owner: str, siblings: Siblings) -> None:
        """Keep a trunk to whoever owns the show, until it is ours, over, or nobody watches.

        While Redis is away the last owner known is asked again. Each wait may outlive the edge: a
        cancellation that meets a call of Redis can be swallowed on its way. So after each it is asked whether
        the edge is still wanted; two that follow one show would take each other's trunks away.
        """
        while self._holds(edge):
            next_s = time.monotonic() + ASK_AGAIN_S
            await self._keep_trunk(edge, owner, siblings)
            await asyncio.sleep(max(0.0, next_s - time.monotonic()))
            if not self._holds(edge):
                return
            ownership, named = await self._owners.claim(edge.name, publishing=False)
            if not self._holds(edge):
                return
            if ownership is Ownership.ELSEWHERE:
                owner = named
            elif ownership in (Ownership.OURS, Ownership.MOVED):
                self.give_up(edge.name)
            elif ownership is Ownership.ENDED:
                self.close(edge.name)
                self._house.close_show(edge.name, "show_ended")

    def _holds(self, edge: Edge) -> bool:
        """Whether the edge has not ended; another one may have its name by now."""
        return self._edges.get(edge.name) is edge

    async def _keep_trunk(self, edge: Edge, owner: str, siblings: Siblings) -> None:
        """Copy from an owner until that ends, if it begins."""
        try:
            answer = await self._ask(edge.name, owner, siblings)
            if not self._holds(edge):
                return
            self._begin_trunk(edge, *answer)
            await edge.lost.wait()
            if not self._holds(edge):
                return
            self._counters.totals["trunks_lost"] += 1
            edge.state = EdgeState.ASKING
            if not edge.answered.done():
                raise OwnerUnknownError("no packet gets through to the show's owner")
        except (StreamingError, ValueError, OSError) as error:
            self._counters.totals["trunks_refused"] += 1
            if self._holds(edge) and not edge.answered.done():
                self._abandon(edge, error)

    def _abandon(self, edge: Edge, error: Exception) -> None:
        """Give up before the first answer: whoever waits for it is told, and asks again."""
        if not isinstance(error, StreamingError):
            error = OwnerUnknownError("the owner cannot be reached")
        edge.refuse(error)
        self.close(edge.name, EdgeState.LEFT)
        self._house.close_show(edge.name, "owner_unknown")

    async def _ask(self, name: str, owner: str, siblings: Siblings) -> tuple[Accepted, TrunkKeys]:
        key, nonce = self._settings.grant_key, secrets.token_bytes(NONCE_BYTES)
        until_ms = int(time.time() * 1000) + GRANT_LIFE_MS
        grant = Grant(name, "relay", str(self._settings.index), "", until_ms)
        wish = msgspec.json.encode(Subscription(nonce.hex()))
        path = f"/internal/shows/{quote(name, safe='')}/trunks"
        accepted = read_accepted(await siblings.ask(owner, path, sign(grant, key), wish))
        return accepted, derive(key, name, nonce, read_nonce(accepted.nonce), is_edge=True)

    def _begin_trunk(self, edge: Edge, accepted: Accepted, keys: TrunkKeys) -> None:
        now_s, counters = time.monotonic(), self._counters
        connection = Connection(GivenKeys(keys.keys), self._scratch, counters, now_s)
        agreed = agree_as_edge(accepted.streams)
        session = Session("", edge.name, "", "relay", agreed, connection, "")
        publisher = Publisher(session, edge.show, counters, secrets.randbits(32))
        path = TrunkPath(
            connection, accepted.candidates, accepted.ufrag, keys.password, self._received, counters, now_s
        )
        path.on_round_trip = lambda took_s: setattr(publisher, "round_trip_s", took_s)
        hear = connection.on_rtcp

        def on_rtcp(view: memoryview, now_s: float) -> None:
            hear(view, now_s)
            if _says_goodbye(view):
                edge.lost.set()

        connection.on_rtcp = on_rtcp
        edge.show.expect_codecs(accepted.live)
        edge.flow(publisher, path)


def _says_goodbye(view: memoryview) -> bool:
    try:
        return any(isinstance(item, rtcp.Goodbye) for item in rtcp.parse_rtcp(view))
    except MalformedPacketError:
        return False
