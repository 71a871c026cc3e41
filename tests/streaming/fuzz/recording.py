"""Datagrams and bodies of a real session: what mutations begin with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from streaming.rtp import rtcp
from streaming.rtp.packet import RtpPacket, build_rtp
from tests.streaming.fuzz.targets import in_one
from tests.streaming.media_server import media_server
from tests.streaming.raw_peer import H264, VP8, VP8_DELTA, VP8_KEY, RawPeer

FROM_VIEWER, IS_RTCP, LATER = 1, 2, 4


@dataclass
class Sent:
    """What one peer has sent: datagrams by protocol, as they went over the wire."""

    stun: list[bytes] = field(default_factory=list)
    dtls: list[bytes] = field(default_factory=list)
    srtp: list[bytes] = field(default_factory=list)

    def note(self, data: bytes) -> None:
        """Sort one datagram in."""
        kinds = {0: self.stun, 1: self.stun}
        kinds.get(data[0], self.srtp if data[0] >= 128 else self.dtls).append(bytes(data))

    def all(self) -> list[bytes]:
        """Return everything."""
        return self.stun + self.dtls + self.srtp


class RecordedPeer(RawPeer):
    """A peer that remembers what it sends; `plain` has the packets before they were sealed."""

    def __init__(self, direction: str) -> None:
        super().__init__(direction, [VP8, H264])
        self.sent = Sent()
        self.plain: list[tuple[int, bytes]] = []

    def use_path(self, number: int) -> None:
        """Send from a local port, and remember."""
        super().use_path(number)
        send = self.ice.send

        def remember(data: bytes) -> None:
            self.sent.note(data)
            send(data)

        self.ice.send = remember

    async def send(self, packet: RtpPacket) -> None:
        """Send and remember one packet."""
        self.plain.append((LATER, build_rtp(packet)))
        await super().send(packet)

    async def send_rtcp(self, data: bytes) -> None:
        """Send and remember one compound."""
        whose = FROM_VIEWER if self.direction == "recvonly" else 0
        self.plain.append((LATER | IS_RTCP | whose, rtcp.build_receiver_report(1, []) + data))
        await super().send_rtcp(data)


@asynccontextmanager
async def recorded_peer(http: httpx.AsyncClient, door: str) -> AsyncIterator[RecordedPeer]:
    """A connected peer of one door, `/whip/{show}` or `/whep/{show}`."""
    peer = RecordedPeer("sendonly" if door.startswith("/whip") else "recvonly")
    response = await peer.post(http, door)
    assert response.status_code == 201, response.text
    try:
        await peer.connect()
        yield peer
    finally:
        await peer.close()


async def record_seeds() -> dict[str, list[bytes]]:
    """Run a short session and return what each target of `targets.TARGETS` may begin with."""
    async with (
        media_server() as server,
        httpx.AsyncClient(base_url=server.url, verify=False) as http,
        recorded_peer(http, "/whip/s1") as host,
        recorded_peer(http, "/whep/s1") as player,
    ):
        await talk(host, player)
    sent = [host.sent, player.sent]
    plain = host.plain + player.plain
    bodies = [text.encode() for peer in (host, player) for text in (peer.offer(), peer.answer)]
    packets = [data for flags, data in plain if not flags & IS_RTCP]
    compounds = [data for flags, data in plain if flags & IS_RTCP]
    credentials = f"a=ice-ufrag:{player.ufrag}\r\na=ice-pwd:{player.pwd}\r\nm=audio 9 X 0\r\na=mid:0\r\n"
    candidate = "a=candidate:1 1 udp 2130706431 192.0.2.7 4242 typ host\r\na=end-of-candidates\r\n"
    datagrams = [data for one in sent for data in one.all()]
    payloads = [(flags, data[12:]) for flags, data in plain if not flags & IS_RTCP]
    return {
        "stun": [data for one in sent for data in one.stun],
        "rtp": packets,
        "rtcp": compounds,
        "offer": bodies,
        "fragment": [(credentials + candidate).encode(), candidate.encode()],
        "stream": [in_one([(0, data)])[1:] for data in datagrams],
        "srtp": [data for one in sent for data in one.srtp],
        "frames": [bytes((codec,)) + in_one(payloads) for codec in range(5)],
        "show": [in_one(plain), in_one(plain[::-1])],
    }


async def talk(host: RecordedPeer, player: RecordedPeer) -> None:
    """Sound and picture, a loss, a wish for a key frame, reports in both directions."""
    for number in range(8):
        await host.send_video(100 + number, VP8_DELTA if number % 4 else VP8_KEY, timestamp=3000 * number)
        await host.send_audio(200 + number, timestamp=960 * number)
    got = await player.next_rtp(96)
    await player.next_rtp(111)
    ssrc = player.sent_ssrc("video")
    block = rtcp.ReportBlock(ssrc, 3, 5, got.sequence, 7, 0, 0)
    await player.send_rtcp(rtcp.build_nack(1, ssrc, [got.sequence, got.sequence + 3]))
    await player.send_rtcp(rtcp.build_picture_loss(1, ssrc) + rtcp.build_receiver_report(1, [block]))
    await player.send_rtcp(rtcp.build_full_intra_request(1, ssrc, 1) + rtcp.build_goodbye([1]))
    clock = rtcp.SenderReport(host.ssrcs["video"], 1 << 62, 3000, 8, 300)
    await host.send_rtcp(rtcp.build_sender_report(clock) + rtcp.build_description([1], b"host"))
    await player.next_rtp(97)
    await asyncio.wait_for(host.send_check(), 5)
