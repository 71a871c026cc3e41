"""The service behind the doors: lets publishers and viewers into shows, and keeps time for all of them."""

import secrets
import time
from collections.abc import Callable

from streaming import whep, whip
from streaming.broadcasts import Life
from streaming.counters import Counters
from streaming.errors import (
    NotPublishedError,
    OwnedElsewhereError,
    OwnerUnknownError,
    ShowEndedError,
    StreamingError,
)
from streaming.faults import Faults
from streaming.grants import Grant
from streaming.host_news import HostNews
from streaming.peers import Publisher, Session, Viewer
from streaming.picture_backlog import PictureBacklog
from streaming.ports import Owners, Ownership, Siblings
from streaming.replays import REPLAY_SLICE_S
from streaming.rtp.reports import ntp_from_unix
from streaming.session_log import log_began, log_publisher_ended, log_viewer_ended
from streaming.sessions import Sessions
from streaming.settings import MediaSettings
from streaming.show_media import ShowMedia
from streaming.transport.batch_native import Arena
from streaming.transport.demux import Demux
from streaming.transport.dtls_crypto import DtlsIdentity
from streaming.transport.media_tcp import MediaTcp
from streaming.transport.media_udp import MediaUdp
from streaming.transport.memory_native import give_back
from streaming.transport.srtp_native import Scratch
from streaming.trunk.edge import Edges
from streaming.trunk.owner import Trunks
from streaming.trunk.terms import Accepted, Subscription

PICTURE_SLICE_S = 0.002
CONNECTED_TICK_S = 0.5
# Whoever misses a packet or a picture is likely to miss more.
BUSY_S = 1.0
FREED_AT_ONCE = 24


class Relay:
    """All shows of one media process. Used from one event loop only."""

    def __init__(
        self,
        settings: MediaSettings,
        owners: Owners,
        identity: DtlsIdentity,
        counters: Counters,
        siblings: Siblings | None = None,
    ) -> None:
        self.counters = counters
        self.demux = Demux(counters, self._forward_pictures)
        self.udp = MediaUdp(counters, self.demux)
        self.demux.look = self._look
        self.tcp = MediaTcp(counters, self.demux, settings.limits)
        self._faults = Faults(counters)
        self._limits = settings.limits
        self._settings = settings
        self._owners = owners
        self._arena = Arena()
        self._scratch = Scratch()
        self._arena.between_runs = self._between_runs
        self.udp.on_crowded = self._hurry
        self._backlog = PictureBacklog(
            counters, self.demux.schedule, self.demux.schedule_soon, settings.limits
        )
        self._shows: dict[str, ShowMedia] = {}
        self._ended: set[str] = set()
        self._connected_due_s = self._hurried_s = 0.0
        self._given_back_total = 0
        self.sessions = Sessions(
            identity, self.demux, self.udp, self.tcp, self._scratch, counters, settings.limits, self._hurry
        )
        # Whether something is under way that needs a tick every 20 ms; every 60 will do otherwise.
        self.is_busy = True
        # Called when something comes up that should not wait for a slow tick.
        self.on_hurry: Callable[[], None] = _nothing
        self._news = HostNews(owners, str(settings.index), lambda: int(self._unix_s() * 1000))
        # One reading ties the monotonic clock to NTP: a step of the wall clock must not shift lip sync.
        self._unix_at_zero_s = time.time() - time.monotonic()
        self.trunks = Trunks(
            settings.grant_key, self.demux, self.udp, self._scratch, counters, self.ntp_at, self._new_ssrc,
            settings.limits,
        )  # fmt: skip
        self.edges = Edges(settings, owners, siblings, self, self._scratch, counters)

    def gauges(self) -> dict[str, float]:
        """Present values for /metrics."""
        shows, now_s = self._shows.values(), time.monotonic()
        return {
            "sessions": len(self.sessions),
            "viewers": sum(len(show.viewers) for show in self._shows.values()),
            "publishers": sum(show.publisher is not None for show in self._shows.values()),
            "shows": len(self._shows),
            "handshakes": self.sessions.admission.handshakes_total(),
            "pictures_waiting": len(self._backlog),
            "trunks": len(self.trunks),
            "edges": len(self.edges),
            "viewers_waiting": sum(one.waiting_total for show in shows for one in show.picture.layers),
            "publishers_bits_per_s": sum(show.published_bits_per_s(now_s) for show in shows),
            **self.demux.gauges(),
            **self.tcp.gauges(),
        }

    # --- the doors

    async def publish(self, offer: str, grant: Grant, *, takeover: bool) -> tuple[Session, str]:
        """Accept a publisher; the session and the answer's SDP. Raises the errors of WHIP."""
        known = self._shows.get(grant.show)
        whip.check_grant(grant, grant.show, known.stream_epoch if known else 0)
        agreed = whip.read_offer(offer)
        self.sessions.admission.check(grant)
        if known is not None and grant.show not in self.edges:
            known.life.may_publish(takeover=takeover, now_s=time.monotonic())
        show = await self._own(grant.show, publishing=True)
        self.sessions.admission.check(grant)
        now_s = time.monotonic()
        show.life.may_publish(takeover=takeover, now_s=now_s)
        previous = show.publisher
        session = self.sessions.open(grant, agreed)
        publisher = Publisher(session, show, self.counters, secrets.randbits(32))
        show.life.published(now_s=now_s)
        show.stream_epoch = max(show.stream_epoch, grant.stream_epoch)
        session.connection.on_closed = lambda reason: self._publisher_closed(show, publisher, reason)
        session.connection.on_connected = lambda: self._publisher_connected(session)
        session.connection.on_moved = lambda: self.udp.give_queue(session.connection)
        show.set_publisher(publisher)
        if previous is not None:
            previous.session.connection.close("taken_over")
        self.counters.totals["publishers"] += 1
        return session, self.sessions.answer(session, sending=False)

    async def watch(self, offer: str, grant: Grant) -> tuple[Session, str]:
        """Accept a viewer; the session and the answer's SDP. Raises the errors of WHEP."""
        whep.check_grant(grant, grant.show)
        self.sessions.admission.offered(grant, time.monotonic())
        self.sessions.admission.check(grant)
        show = await self._carry(grant.show)
        whep.check_state(show.life.state)
        agreed = whep.read_offer(offer, show.live_codecs, self._new_ssrc)
        self.sessions.admission.check(grant)  # others may have come in meanwhile
        session = self.sessions.open(grant, agreed)
        viewer = Viewer(session, show, self.counters, secrets.randbelow, self.ntp_at)
        self.sessions.viewers[session.secret] = viewer
        session.connection.on_connected = lambda: self._viewer_connected(show, viewer)
        session.connection.on_moved = lambda: show.viewer_moved(viewer)
        session.connection.on_closed = lambda reason: self._viewer_closed(show, viewer, reason)
        self.counters.totals["viewers"] += 1
        return session, self.sessions.answer(session, sending=True)

    def show(self, name: str) -> ShowMedia | None:
        """Return a show this process carries, for its taps; None when it carries no such."""
        return self._shows.get(name)

    def viewers_of(self, name: str) -> list[Viewer]:
        """Return a show's viewers, those whose transport is not ready yet included."""
        return [viewer for viewer in self.sessions.viewers.values() if viewer.session.show == name]

    async def end_show(self, name: str) -> None:
        """End the show: close everybody and say so."""
        self._ended.add(name)
        self.edges.close(name)
        if name in self._shows:
            self._shows[name].life.end()
        self.close_show(name, "show_ended")
        await self._owners.end(name)

    async def resume(self) -> None:
        """Take over what an earlier start of this process carried when it died; its room hears of it at once.

        To be called when the doors are open: whoever hears it posts again.
        """
        for name in await self._owners.left_behind():
            try:
                await self._own(name, publishing=False)
            except StreamingError:
                await self._owners.forget(name)

    def lose_show(self, name: str) -> None:
        """Another process has taken the show over: send its sessions there."""
        if name in self.edges:
            return  # it was lost before, and is a copy by now
        self.counters.totals["shows_lost"] += name in self._shows
        self.close_show(name, "moved")

    # --- time

    def tick(self, now_s: float) -> None:
        """Call every 20 ms or so while it `is_busy`, at least every 60 ms."""
        everybody = now_s >= self._connected_due_s
        if everybody:
            self._connected_due_s = now_s + CONNECTED_TICK_S
            self.udp.note_lost()
            self.counters.totals["send_waits"] = self._arena.room.waits_total
        for session in list((self.sessions.by_secret if everybody else self.sessions.connecting).values()):
            if not self._faults.shield("a session", session.connection.tick, now_s):
                self._faults.shield("a session", session.connection.close, "own_fault")
        self.sessions.close_more()
        for show in list(self._shows.values()):
            self._faults.shield("a show", show.tick, now_s)
        for other in (self.trunks, self.edges, self.tcp):
            self._faults.shield("ways to others", other.tick, now_s)
        self._give_back(at_once=1 if everybody else FREED_AT_ONCE)
        self.udp.read_in_passing()
        self.is_busy = self._judge_busy(now_s)
        self.udp.watch(closely=self.is_busy)

    def _judge_busy(self, now_s: float) -> bool:
        shows = self._shows.values()
        return bool(
            now_s - self._hurried_s < BUSY_S
            or self.sessions.connecting
            or self.sessions.is_closing
            or len(self.trunks)
            or len(self.edges)
            or sum(show.publisher is not None for show in shows) > self.udp.queues_total
            or any(show.is_busy for show in shows)
        )

    def _give_back(self, *, at_once: int) -> None:
        """Give back what handshakes took, often enough that it takes a millisecond at most."""
        freed_total = self.counters.totals["dtls_freed"]
        if freed_total - self._given_back_total >= at_once:
            self._given_back_total = freed_total
            give_back()

    def step_replays(self) -> bool:
        """Send the next slice to viewers that catch up; whether any are left. Call every 5 ms."""
        left, until_s = False, time.monotonic() + REPLAY_SLICE_S
        for show in self._shows.values():
            if show.picture.replaying:
                self._faults.shield("a replay", show.picture.step_replays, until_s)
                left = left or show.picture.replaying
        return left

    def ntp_at(self, now_s: float) -> int:
        """Return the server's NTP time at a monotonic moment."""
        return ntp_from_unix(self._unix_at_zero_s + now_s)

    def _unix_s(self) -> float:
        return self._unix_at_zero_s + time.monotonic()

    def close_all(self) -> None:
        """End: say goodbye to every peer."""
        self.edges.close(None)
        self.trunks.close(None, "shutdown")
        self.sessions.close_all("shutdown")
        for show in self._shows.values():
            show.taps.close()

    def _forward_pictures(self) -> bool:
        limit_s = time.monotonic() + PICTURE_SLICE_S
        while self._backlog.forward_one():
            if time.monotonic() >= limit_s:
                return True
        return False

    def _between_runs(self) -> None:
        self.udp.look()
        self.edges.look()
        self._backlog.forward_small()

    def _look(self) -> None:
        self.udp.look()
        self.edges.look()

    # --- copies of shows, to and from other processes

    async def give_copy(self, grant: Grant, wanted: Subscription) -> Accepted:
        """Let another process copy a show that this one owns. Raises a `StreamingError`."""
        show = await self._own(grant.show, publishing=False)
        if grant.show in self.edges:
            raise OwnerUnknownError("it is not known who carries this show")
        whep.check_state(show.life.state)
        self._hurry()
        return self.trunks.open(show, grant.person, wanted)

    async def _carry(self, name: str) -> ShowMedia:
        """Return a show to watch: ours, or a copy of its owner's."""
        copy = self.edges.flowing(name)
        if copy is not None:
            return copy
        try:
            return await self._own(name, publishing=False)
        except OwnedElsewhereError as elsewhere:
            if name in self._shows:
                self.lose_show(name)
            self._hurry()
            return await self.edges.show(name, str(elsewhere.facts["owner"]))

    def new_copy(self, name: str) -> ShowMedia:
        """Make a show that another process owns."""
        return self._shows.setdefault(name, self._new_show(name, published_before=True))

    def has_viewers(self, name: str) -> bool:
        """Whether somebody watches a show, or is about to."""
        return self.sessions.admission.viewers_of(name) > 0

    # --- opening and closing

    def close_show(self, name: str, reason: str) -> None:
        """Forget a show, and close what is left of its sessions."""
        self.trunks.close(name, reason)
        show = self._shows.pop(name, None)
        if show is not None:
            show.taps.close()
        self.sessions.close_show(name, reason)

    async def _own(self, name: str, *, publishing: bool) -> ShowMedia:
        if name in self._ended:
            raise ShowEndedError("the show has ended")
        ownership, owner = await self._owners.claim(name, publishing=publishing)
        if name in self._ended:  # meanwhile
            raise ShowEndedError("the show has ended")
        if ownership is Ownership.ELSEWHERE:
            raise OwnedElsewhereError("another media process carries this show", facts={"owner": owner})
        if ownership is Ownership.ENDED:
            raise ShowEndedError("the show has ended")
        if ownership in (Ownership.OURS, Ownership.MOVED):
            self.edges.give_up(name)
        elif publishing and name in self.edges:
            raise OwnerUnknownError("it is not known who carries this show")
        show = self._shows.get(name)
        # Only what was published has an owner: a viewer's show that is ours is just being made by another.
        before = ownership is Ownership.MOVED or (ownership is Ownership.OURS and not publishing)
        if ownership is Ownership.UNKNOWN and show is None:
            raise OwnerUnknownError("it is not known who carries this show")
        if ownership is Ownership.NEVER and show is None:
            raise NotPublishedError("nobody has published this show yet")
        if show is None:
            show = self._shows[name] = self._new_show(name, published_before=before)
        return show

    def _new_show(self, name: str, *, published_before: bool) -> ShowMedia:
        life = Life(published_before=published_before)
        return ShowMedia(
            name,
            life,
            self._arena,
            self.counters,
            self._backlog,
            self.ntp_at,
            self._host_changed,
            self._hurry,
            time.monotonic(),
            self._limits,
        )

    def _hurry(self) -> None:
        """Note that something came up that neither slow ticks nor sockets read in passing will do for."""
        self._hurried_s = time.monotonic()
        if not self.is_busy:
            self.is_busy = True
            self.udp.watch(closely=True)
            self.on_hurry()

    def _host_changed(self, show: str, what: str) -> None:
        if show not in self.edges:  # of a copy, its owner says it
            self._news.say(show, what)

    def _publisher_connected(self, session: Session) -> None:
        self.sessions.connected(session)
        self.udp.give_queue(session.connection)
        log_began(session)

    def _viewer_connected(self, show: ShowMedia, viewer: Viewer) -> None:
        self.sessions.connected(viewer.session)
        show.add_viewer(viewer, time.monotonic())
        log_began(viewer.session)

    def _publisher_closed(self, show: ShowMedia, publisher: Publisher, reason: str) -> None:
        self.counters.ended["publish", reason] += 1
        log_publisher_ended(publisher, reason, time.monotonic())
        self.sessions.forget(publisher.session, reason)
        self.udp.take_queue(publisher.session.connection)
        if show.publisher is publisher:
            show.set_publisher(None)

    def _viewer_closed(self, show: ShowMedia, viewer: Viewer, reason: str) -> None:
        self.sessions.forget(viewer.session, reason)
        show.remove_viewer(viewer)
        self.counters.ended["watch", reason] += 1
        log_viewer_ended(viewer, reason, time.monotonic())

    @staticmethod
    def _new_ssrc() -> int:
        return secrets.randbelow(0xFFFFFFFE) + 1


def _nothing() -> None:
    """Nobody keeps time yet."""
