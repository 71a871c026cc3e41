"""One peer's transport: ICE-lite, DTLS and SRTP over a path that may move.

    NEW --valid check--> CHECKED --DTLS--> CONNECTED --alert, silence or close()--> CLOSED
    NEW and CHECKED also end in CLOSED when the handshake takes over 10 s. Between two media processes there
    is no handshake (`streaming.trunk`): the first valid check leads to CONNECTED.

A path is (socket, address). The sending path is learned from the first valid check and moves with a check
that nominates; packets are taken from every path a valid check came over. Behind a NAT that gives a peer
another address its next checks come from there, and those of Firefox and aioice, mere consent (RFC 7675),
nominate nothing: so any check moves the path after `STALE_PATH_S` without one over it, or when it has ended.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any, Protocol

from streaming.counters import Counters
from streaming.rtp.rtcp import begins_lone_feedback
from streaming.transport.dtls_crypto import DtlsState, looks_like_close_alert
from streaming.transport.ice_lite import Check
from streaming.transport.srtp_native import (
    MAX_PACKET_BYTES,
    SENT_WINDOW,
    TRAILER_BYTES,
    Profile,
    Scratch,
    SrtpEnd,
)

HANDSHAKE_LIMIT_S = 10.0
SILENCE_LIMIT_S = 30.0
# Consent is asked for each 5 s and at most 6 (RFC 7675 section 5.1).
STALE_PATH_S = 6.5
ALERT_DOUBT_S = 3.0
ALERT_OVERTAKES_S = 0.5
HOLD_SSL_S = 5.0
# libsrtp keeps 420 bytes for every SSRC that a peer has used, and never lets go of them.
MAX_SSRCS = 64
# Longer feedback is opened when it comes.
MAX_KEPT_BYTES = 512
Address = tuple[Any, ...]


class Socket(Protocol):
    """What a connection needs of a UDP socket or of a TCP stream with frames.

    Into a stream (`is_stream`) packets go one at a time; while it `is_full`, video had better wait.
    """

    descriptor: int
    is_stream: bool

    @property
    def is_full(self) -> bool:
        """Whether too much waits to be sent."""

    def send(self, data: bytes | memoryview, address: Address) -> bool:
        """Send one packet; False when it was lost here."""


class KeyExchange(Protocol):
    """Where the SRTP keys come from: a DTLS handshake (`DtlsEnd`), or both ends have them already."""

    keys: tuple[bytes, bytes]

    @property
    def state(self) -> DtlsState:
        """How far it is."""

    @property
    def profile(self) -> Profile | None:
        """What was agreed on; None before."""

    @property
    def close_alert(self) -> bytes:
        """The goodbye, empty for none."""

    @property
    def holds_ssl(self) -> bool:
        """Whether it can still read what the peer says."""

    def start(self) -> None:
        """Begin."""

    def receive(self, datagram: bytes) -> None:
        """Take one datagram."""

    def take_datagrams(self) -> list[bytes]:
        """Return what must be sent now."""

    def timeout_s(self) -> float | None:
        """Seconds until `on_timer`, or None."""

    def on_timer(self) -> None:
        """Repeat what was not answered."""

    def finish(self) -> None:
        """Keep only the goodbye."""

    def drop(self) -> None:
        """Keep nothing."""


class Phase(Enum):
    """See the picture at the top of the file."""

    NEW = "new"
    CHECKED = "checked"
    CONNECTED = "connected"
    CLOSED = "closed"


class Connection:
    """Everything below RTP for one peer. Times are seconds of the caller's monotonic clock.

    With `keeps_ssl` the SSL object (68 KiB) stays, so that the peer's goodbye can be verified at once;
    without it an alert is a hint that counts after 3 s of silence.
    """

    __slots__ = (
        "_counters", "_doubt_since_s", "_dtls", "_dtls_due_s", "_keeps_ssl", "_path_checked_s", "_rx",
        "_scratch", "_ssrcs", "address", "connected_s", "created_s", "last_valid_s", "on_closed",
        "on_connected", "on_feedback", "on_moved", "on_rtcp", "on_rtp", "phase", "sends_as", "sent_window",
        "socket", "tx",
    )  # fmt: skip

    def __init__(
        self,
        dtls: KeyExchange,
        scratch: Scratch,
        counters: Counters,
        now_s: float,
        *,
        keeps_ssl: bool = False,
    ) -> None:
        self._keeps_ssl = keeps_ssl
        self._dtls = dtls
        self._scratch = scratch
        self._counters = counters
        self._rx: SrtpEnd | None = None
        self._ssrcs: set[bytes] = set()
        self.tx: SrtpEnd | None = None
        # The SSRCs of what it will be sent all the time; see `SrtpEnd.sending`.
        self.sends_as: tuple[int, ...] = ()
        self.sent_window = SENT_WINDOW
        self.socket: Socket | None = None
        self.address: Address = ()
        self.phase = Phase.NEW
        self.created_s = self.last_valid_s = now_s
        self.connected_s = 0.0
        # When a check last came over the sending path; minus infinity when that has ended.
        self._path_checked_s = now_s
        self._doubt_since_s: float | None = None
        self._dtls_due_s: float | None = None
        self.on_connected: Callable[[], None] = _nothing
        self.on_closed: Callable[[str], None] = _ignore
        self.on_moved: Callable[[], None] = _nothing
        self.on_rtp: Callable[[memoryview, float], None] = _ignore_media
        self.on_rtcp: Callable[[memoryview, float], None] = _ignore_media
        # Takes a datagram with one transport-wide feedback as it came, to have it opened (`open_rtcp`) when
        # it is of use; False to have it opened now.
        self.on_feedback: Callable[[bytes, float], bool] = _keep_nothing

    def on_check(self, check: Check, socket: Socket, address: Address, now_s: float) -> None:
        """Note that a genuine check came over this path."""
        self.last_valid_s = now_s
        if self.phase is Phase.NEW:
            self.phase = Phase.CHECKED
            self.socket, self.address, self._path_checked_s = socket, address, now_s
            self._dtls.start()
            self._flush_dtls(now_s)
            if self._dtls.state is DtlsState.CONNECTED:
                self._become_connected(now_s)
            return
        here = self.socket is socket and self.address == address
        if here and self._doubt_since_s is not None and now_s - self._doubt_since_s > ALERT_OVERTAKES_S:
            # Who has said goodbye checks no more: the alert was forged, or is a repeat.
            self._doubt_since_s = None
        is_stale = now_s - self._path_checked_s > STALE_PATH_S
        if here or check.nominates or is_stale:
            self._path_checked_s = now_s
            if not here:
                self.socket, self.address = socket, address
                self._doubt_since_s = None
                self.on_moved()

    def settle(self, socket: Socket, address: Address, now_s: float) -> None:
        """Send over this path from now on; for the end that sends the checks and has its keys already."""
        self.socket, self.address = socket, address
        if self.phase is Phase.NEW:
            self._become_connected(now_s)

    def on_path_lost(self, socket: Socket, now_s: float) -> None:
        """Note that a stream ended: unless the peer opens another path, it is gone within 3 s."""
        if self.socket is not socket:
            return
        self._path_checked_s = float("-inf")
        if self.phase is Phase.CONNECTED:
            self._doubt_since_s = self._doubt_since_s or now_s

    def on_dtls(self, datagram: bytes, now_s: float) -> None:
        """Note that a DTLS datagram came from one of this peer's paths."""
        if self.phase not in (Phase.CHECKED, Phase.CONNECTED):
            return
        if not self._dtls.holds_ssl:
            if looks_like_close_alert(datagram):
                self._doubt_since_s = self._doubt_since_s or now_s
            return
        self._dtls.receive(datagram)
        self._flush_dtls(now_s)
        if self._dtls.state is DtlsState.FAILED:
            self.close("dtls_failed")
        elif self._dtls.state is DtlsState.CLOSED:
            self.close("closed_by_peer")
        elif self._dtls.state is DtlsState.CONNECTED and self.phase is Phase.CHECKED:
            self._become_connected(now_s)

    def on_media(self, buffer: Scratch, length: int, now_s: float) -> None:
        """Take an SRTP or SRTCP datagram, in the receiving buffer, which is opened in place."""
        if self._rx is None:
            self._counters.drops["media_before_keys"] += 1
            return
        packet = buffer.bytes
        if (
            begins_lone_feedback(packet, length - self._rx.rtcp_trailer_bytes)
            and length <= MAX_KEPT_BYTES
            and self.on_feedback(bytes(buffer.view[:length]), now_s)
        ):
            return
        is_rtcp = 192 <= packet[1] <= 223
        plain = self._open(self._rx, buffer, length, now_s, is_rtcp=is_rtcp)
        if not plain:
            return
        if is_rtcp:
            self.on_rtcp(buffer.view[:plain], now_s)
        else:
            self.on_rtp(buffer.view[:plain], now_s)

    def open_rtcp(self, datagram: bytes, now_s: float) -> bytes:
        """Open what `on_feedback` has kept; empty when it is not genuine, counted, or the end has come."""
        length = len(datagram)
        if self._rx is None:
            return b""
        self._scratch.view[:length] = datagram
        return bytes(self._scratch.view[: self._open(self._rx, self._scratch, length, now_s, is_rtcp=True)])

    def _open(self, rx: SrtpEnd, buffer: Scratch, length: int, now_s: float, *, is_rtcp: bool) -> int:
        """Open a packet in place; its plain length, or 0."""
        ssrc = bytes(buffer.view[4:8] if is_rtcp else buffer.view[8:12])
        if ssrc not in self._ssrcs and len(self._ssrcs) >= MAX_SSRCS:
            self._counters.drops["too_many_ssrcs"] += 1
            return 0
        plain = rx.unprotect_rtcp(buffer, length) if is_rtcp else rx.unprotect(buffer, length)
        if not plain:
            self._counters.drops["bad_srtp"] += 1
            return 0
        self._ssrcs.add(ssrc)
        self._counters.totals["media_in"] += 1
        self.last_valid_s = max(self.last_valid_s, now_s)  # what was kept may be opened after what came later
        if self._doubt_since_s is not None and now_s >= self._doubt_since_s:
            self._doubt_since_s = None
        if self._dtls.holds_ssl and not self._keeps_ssl:
            self._finish_dtls()
        return plain

    def tick(self, now_s: float) -> None:
        """Call every 20 ms or so: DTLS repeats, and the limits of time."""
        if self.phase is Phase.CLOSED:
            return
        if self._dtls_due_s is not None and now_s >= self._dtls_due_s:
            self._dtls.on_timer()
            self._flush_dtls(now_s)
        if self.phase is not Phase.CONNECTED:
            if now_s - self.created_s > HANDSHAKE_LIMIT_S:
                self.close("handshake_timeout")
        elif now_s - self.last_valid_s > SILENCE_LIMIT_S:
            self.close("silent")
        elif self._doubt_since_s is not None and now_s - self._doubt_since_s > ALERT_DOUBT_S:
            self.close("closed_by_peer")
        elif self._dtls.holds_ssl and not self._keeps_ssl and now_s - self.connected_s > HOLD_SSL_S:
            self._finish_dtls()

    def send_rtp(self, header: bytes, payload: bytes) -> bool:
        """Protect and send one RTP packet outside the fan-out; False when it was not sent."""
        length = len(header) + len(payload)
        if self.tx is None or self.socket is None or length > MAX_PACKET_BYTES - TRAILER_BYTES:
            return self._refuse(length)
        view = self._scratch.view
        view[: len(header)] = header
        view[len(header) : length] = payload
        size = self.tx.protect(self._scratch, length)
        return self.socket.send(view[:size], self.address) if size > 0 else self._refuse(length)

    def send_rtcp(self, compound: bytes) -> bool:
        """Protect and send one RTCP compound; False when it was not sent."""
        length = len(compound)
        if self.tx is None or self.socket is None or length > MAX_PACKET_BYTES - TRAILER_BYTES:
            return self._refuse(length)
        self._scratch.view[:length] = compound
        size = self.tx.protect_rtcp(self._scratch, length)
        return self.socket.send(self._scratch.view[:size], self.address) if size > 0 else self._refuse(length)

    def _refuse(self, length: int) -> bool:
        """Count what does not even reach the socket, which counts the rest."""
        if self.tx is None or self.socket is None:
            self._counters.drops["no_keys_or_path"] += 1
        elif length > MAX_PACKET_BYTES - TRAILER_BYTES:
            self._counters.drops["payload_too_long"] += 1
        else:
            self._counters.drops["protect_refused"] += 1
        return False

    def close(self, reason: str) -> None:
        """Say goodbye by a DTLS alert and end; a second call does nothing."""
        if self.phase is Phase.CLOSED:
            return
        if self.phase is Phase.CONNECTED and reason != "closed_by_peer":
            self._finish_dtls()
            if self._dtls.close_alert and self.socket is not None:
                self.socket.send(self._dtls.close_alert, self.address)
        self.phase = Phase.CLOSED
        self._counters.totals[f"sessions_closed_{reason}"] += 1
        self.on_closed(reason)
        self._let_go()

    def _let_go(self) -> None:
        """Drop what is large, and what makes circles: memory comes back now and not at a collection."""
        self.tx = self._rx = None
        self._counters.totals["dtls_freed"] += self._dtls.holds_ssl
        self._dtls.drop()
        self.on_connected = self.on_moved = _nothing
        self.on_closed = _ignore
        self.on_rtp = self.on_rtcp = _ignore_media
        self.on_feedback = _keep_nothing

    def _finish_dtls(self) -> None:
        self._counters.totals["dtls_freed"] += self._dtls.holds_ssl
        self._dtls.finish()

    def _become_connected(self, now_s: float) -> None:
        profile = self._dtls.profile
        assert profile is not None
        tx_key, rx_key = self._dtls.keys
        self.tx = SrtpEnd.sending(profile, tx_key, self.sends_as, self.sent_window)
        self._rx = SrtpEnd(profile, rx_key, inbound=True)
        self.phase = Phase.CONNECTED
        self.connected_s = self.last_valid_s = now_s
        self.on_connected()

    def _flush_dtls(self, now_s: float) -> None:
        for datagram in self._dtls.take_datagrams():
            if self.socket is not None:
                self.socket.send(datagram, self.address)
        timeout_s = self._dtls.timeout_s()
        self._dtls_due_s = None if timeout_s is None else now_s + timeout_s


def _nothing() -> None:
    """Nobody listens yet."""


def _ignore(reason: str) -> None:
    """Nobody listens yet."""


def _ignore_media(view: memoryview, now_s: float) -> None:
    """Nobody listens yet."""


def _keep_nothing(datagram: bytes, now_s: float) -> bool:
    """Nobody wants to have it later."""
    del datagram, now_s
    return False
