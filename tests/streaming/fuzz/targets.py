"""What is fuzzed: each function takes any bytes and raises only if the code it calls is wrong.

The same functions serve hypothesis (`test_parsers.py`) and the coverage-guided fuzzer (`coverage_guided/`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from streaming.answers import LocalTransport, build_answer
from streaming.broadcasts import Life
from streaming.counters import Counters
from streaming.errors import UnusableOfferError
from streaming.frames.capture_clock import CaptureLine
from streaming.frames.reassembler import ASSEMBLE, Reassembler
from streaming.negotiation import Agreed, agree_with_publisher, agree_with_viewer
from streaming.peers import MAX_SOURCES, Publisher, Session, Viewer
from streaming.picture_backlog import PictureBacklog
from streaming.rtp import rtcp
from streaming.rtp.gaps import MAX_MISSING
from streaming.rtp.keyframes import STARTS_KEY_FRAME
from streaming.rtp.packet import MalformedPacketError, build_rtp, parse_rtp
from streaming.rtp.ring import StoredPacket
from streaming.sdp import MalformedSdpError, parse
from streaming.sdpfrag import parse_fragment
from streaming.show_media import ShowMedia
from streaming.transport.batch_native import Arena, Way
from streaming.transport.connection import Address, Connection
from streaming.transport.dtls_crypto import pack_records
from streaming.transport.framing import Deframer, FrameTooLongError
from streaming.transport.ice_lite import build_answer as build_stun_answer
from streaming.transport.ice_lite import is_genuine, named_fragment, read_check
from streaming.transport.srtp_native import MAX_PACKET_BYTES, PROFILES, Scratch, SrtpEnd
from streaming.viewer_track import ViewerTrack
from tests.streaming.raw_peer import H264, VP8, RawPeer
from tests.streaming.transport_ends import idle_end

LOCAL = LocalTransport("abcd", "0123456789abcdefghijkl", "AB:CD", (("192.0.2.1", 8200), ("127.0.0.1", 8200)))
PASSWORD = b"a password of the server"
PUBLISHERS, VIEWERS = 0, 1
STEP_S = 0.005


def read_stun(data: bytes) -> None:
    """The look into a stranger's datagram, the reader behind it, and the answer."""
    data = data[: MAX_PACKET_BYTES - 1]
    name = named_fragment(bytearray(data) + bytearray(MAX_PACKET_BYTES - len(data)), len(data))
    check = read_check(data)
    if check is None:
        return
    is_genuine(check, PASSWORD)
    assert name is None or name
    for address in (("192.0.2.7", 4242), ("2001:db8::7", 4242), ("fe80::7%eth0", 4242)):
        assert len(build_stun_answer(check, PASSWORD, address)) <= 20 + 24 + 24 + 8


def read_rtp(data: bytes) -> None:
    """A packet read is written and read again."""
    try:
        packet = parse_rtp(data)
    except MalformedPacketError:
        return
    for starts in STARTS_KEY_FRAME.values():
        starts(packet.payload)
    if all(1 <= number <= 14 and 1 <= len(value) <= 16 for number, value in packet.extensions.items()):
        assert parse_rtp(build_rtp(packet)) == packet


def read_rtcp(data: bytes) -> None:
    """What is read is written and read again."""
    try:
        items = rtcp.parse_rtcp(data)
    except MalformedPacketError:
        return
    for item in items:
        if isinstance(item, rtcp.Nack) and item.sequences:
            [again] = rtcp.parse_rtcp(rtcp.build_nack(1, item.media_ssrc, item.sequences))
            assert isinstance(again, rtcp.Nack)
            assert set(again.sequences) == set(item.sequences)
        elif isinstance(item, rtcp.ReceiverReport):
            assert rtcp.parse_rtcp(rtcp.build_receiver_report(item.ssrc, item.blocks)) == [item]
        elif isinstance(item, rtcp.SenderReport):
            [again] = rtcp.parse_rtcp(rtcp.build_sender_report(item))
            assert isinstance(again, rtcp.SenderReport)
            assert (again.ntp, again.timestamp) == (item.ntp, item.timestamp)


def read_offer(data: bytes) -> None:
    """An offer is answered or refused, and our answer is a description itself."""
    text = data.decode("utf-8", "ignore")
    for is_viewer in (False, True):
        try:
            offer = parse(text)
            agreed = (
                agree_with_viewer(offer, {"video": "H264/42e0/1"}, lambda: 7)
                if is_viewer
                else agree_with_publisher(offer)
            )
        except (MalformedSdpError, UnusableOfferError):
            continue
        assert all(codec.rate_hz for section in agreed.sections for codec in section.codecs)
        answer = build_answer(agreed, LOCAL, 1, sending=is_viewer)
        assert len(parse(answer).media) == len(offer.media)
        assert answer.count("a=ice-pwd:") == sum(section.accepted for section in agreed.sections)
        _seat(agreed, Counters(), is_viewer=is_viewer)


def read_fragment(data: bytes) -> None:
    """A trickle fragment is read or refused."""
    try:
        fragment = parse_fragment(data.decode("utf-8", "ignore"))
    except MalformedSdpError:
        return
    assert fragment.candidates_total >= 0


def read_stream(data: bytes) -> None:
    """Frames out of a TCP stream: nothing is invented, whatever the pieces."""
    deframer = Deframer()
    taken = 0
    for at in range(0, len(data), 7):
        deframer.feed(data[at : at + 7])
        try:
            while (packet := deframer.take(MAX_PACKET_BYTES - 1)) is not None:
                taken += 2 + len(packet)
        except FrameTooLongError:
            break
    assert taken <= len(data)
    assert len(b"".join(pack_records(data))) <= len(data)


def read_srtp(data: bytes) -> None:
    """Nothing is opened that was not sealed, and libsrtp writes over no edge."""
    scratch = Scratch()
    for profile in PROFILES:
        end = SrtpEnd(profile, bytes(profile.key_bytes + profile.salt_bytes), inbound=True)
        for open_it in (end.unprotect, end.unprotect_rtcp):
            length = min(len(data), MAX_PACKET_BYTES - 1)
            scratch.view[:length] = data[:length]
            assert open_it(scratch, length) <= length


def read_frames(data: bytes) -> None:
    """Payloads of one codec become frames or losses with a name, and no more waits than may."""
    codec = sorted(ASSEMBLE)[data[0] % len(ASSEMBLE)] if data else "VP8"
    kind = "audio" if codec == "OPUS" else "video"
    losses: list[str] = []
    desk = Reassembler(kind, CaptureLine(90_000), losses.append)
    for sequence, (flags, payload) in enumerate(_pieces(data[1:])):
        number = sequence ^ (flags >> 6)
        starts = STARTS_KEY_FRAME[codec](payload)
        desk.put(StoredPacket(number, number // 3 * 3000, bool(flags & 1), codec, payload, starts, 0.0))
    desk.expire(1000.0)
    desk.finish()
    assert all(losses)


class Nowhere:
    """A socket into which packets vanish, counted."""

    descriptor = -1
    is_stream = False
    is_full = False

    def __init__(self) -> None:
        self.packets = 0

    def send(self, data: bytes | memoryview, address: Address) -> bool:
        """Count a packet."""
        assert len(data) < MAX_PACKET_BYTES
        assert address
        self.packets += 1
        return True


@dataclass
class Stage:
    """A show without sockets: publishers and viewers whose plain packets are handed in."""

    counters: Counters = field(default_factory=Counters)

    def __post_init__(self) -> None:
        self.backlog = PictureBacklog(self.counters, lambda: None, lambda _delay_s: None, clock=lambda: 0.0)
        life = Life()
        life.published(now_s=0.0)
        self.show = ShowMedia(
            "s1", life, _ARENA, self.counters, self.backlog, _ntp_at, _changed, lambda: None, 0.0
        )
        self.publisher = Publisher(_session(PUBLISHERS), self.show, self.counters, 1)
        self.show.set_publisher(self.publisher)
        self.viewers = [
            Viewer(_session(VIEWERS), self.show, self.counters, lambda below: below - 1, _ntp_at)
            for _ in range(2)
        ]
        for viewer in self.viewers:
            self.show.add_viewer(viewer, 0.0)

    def take(self, flags: int, packet: bytes, now_s: float) -> None:
        """Hand in one plain packet: bit 0 of the flags is the direction, bit 1 RTP or RTCP."""
        peer = self.viewers[0] if flags & 1 else self.publisher
        connection = peer.session.connection
        (connection.on_rtcp if flags & 2 else connection.on_rtp)(memoryview(packet), now_s)
        while self.backlog.forward_one():
            continue

    def tick(self, now_s: float) -> None:
        """Let time pass."""
        self.show.tick(now_s)
        for stream in self.show.streams.values():
            stream.step_replays(now_s)

    def check(self) -> None:
        """Nothing was raised, nothing has grown over its bound."""
        assert "own_fault" not in self.counters.drops
        sources = self.publisher._sources
        assert len(sources) <= MAX_SOURCES
        assert all(source.gaps.missing_total <= MAX_MISSING for source in sources.values())


def run_show(data: bytes) -> None:
    """Any plain packets in any order, from both ends: packets, losses, repeats, reports, wishes."""
    stage = Stage()
    now_s = 1.0
    for number, (flags, packet) in enumerate(_pieces(data)):
        now_s += (flags >> 2) * STEP_S
        stage.take(flags, packet, now_s)
        if number % 4 == 0:
            stage.tick(now_s)
    stage.tick(now_s + 1.0)
    stage.check()


def in_one(pieces: Iterator[tuple[int, bytes]] | list[tuple[int, bytes]]) -> bytes:
    """Write pieces as `run_show` and `read_frames` read them: flags, two bytes of length, the bytes."""
    return b"".join(bytes((flags,)) + len(piece).to_bytes(2, "big") + piece for flags, piece in pieces)


def _pieces(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 3 <= len(data):
        end = at + 3 + min(1500, int.from_bytes(data[at + 1 : at + 3], "big"))
        yield data[at], data[at + 3 : end]
        at = end


def _ntp_at(now_s: float) -> int:
    return int(now_s * (1 << 32))


def _changed(show: str, what: str) -> None:
    """Nobody listens."""


_OFFERS = {
    PUBLISHERS: RawPeer("sendonly", [VP8, H264]).offer(),
    VIEWERS: RawPeer("recvonly", [VP8, H264]).offer(),
}


def _session(role: int) -> Session:
    offer = parse(_OFFERS[role])
    ssrcs = count(1000)
    agreed = agree_with_viewer(offer, {}, lambda: next(ssrcs)) if role else agree_with_publisher(offer)
    connection = Connection(_IDLE, Scratch(), Counters(), 0.0)
    connection.tx = SrtpEnd(PROFILES[0], bytes(28), inbound=False)
    connection.socket, connection.address = Nowhere(), ("192.0.2.7", 4242)
    return Session("secret", "s1", "person", "watch" if role else "publish", agreed, connection, "tag")


_IDLE = idle_end()
_ARENA = Arena(Way.ONE)


def _seat(agreed: Agreed, counters: Counters, *, is_viewer: bool) -> None:
    """Make of what was agreed what a session would."""
    connection = Connection(_IDLE, Scratch(), counters, 0.0)
    session = Session("secret", "s1", "person", "watch", agreed, connection, "tag")
    if is_viewer:
        for section in agreed.sections:
            if section.accepted:
                ViewerTrack(connection, section, 1, 1)
    else:
        Publisher(session, Stage.__new__(Stage), counters, 1)  # type: ignore[arg-type] # no packet comes


TARGETS: dict[str, Callable[[bytes], None]] = {
    "stun": read_stun,
    "rtp": read_rtp,
    "rtcp": read_rtcp,
    "offer": read_offer,
    "fragment": read_fragment,
    "stream": read_stream,
    "srtp": read_srtp,
    "frames": read_frames,
    "show": run_show,
}
