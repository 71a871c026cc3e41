"""Datagrams that belong to nobody, or lie: dropped, counted, never answered; the server serves on."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from streaming.peers import MAX_NACKED_PER_COMPOUND
from streaming.rtp import rtcp
from streaming.rtp.packet import RtpPacket, build_rtp
from streaming.transport.connection import MAX_SSRCS
from tests.streaming.media_server import MediaServer
from tests.streaming.raw_peer import VP8, VP8_KEY, RawPeer, publisher, viewer
from tests.waiting import until


class Stranger(asyncio.DatagramProtocol):
    """A UDP socket that notes what it is sent."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.received.append(data)

    def send(self, data: bytes) -> None:
        self.transport.sendto(data)


@asynccontextmanager
async def stranger(media: MediaServer) -> AsyncIterator[Stranger]:
    """A socket the server knows nothing of."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(Stranger, remote_addr=media.candidates[0])
    try:
        yield protocol
    finally:
        transport.close()


async def still_serves(http: httpx.AsyncClient) -> None:
    """A whole session still works; by then everything sent before has been read."""
    async with publisher(http, "after") as host, viewer(http, "after") as player:
        await host.send_audio(1, b"alive")
        assert (await player.next_rtp(111)).payload == b"alive"


def genuine_check(peer: RawPeer) -> bytes:
    """A check that would be answered."""
    return peer.check()


@pytest.mark.parametrize(
    ("datagram", "reason"),
    [
        (b"\x00", "bad_size"),
        (b"\x00\x01" + bytes(10), "bad_stun"),
        (b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12), "bad_stun"),
        (b"\x00\x01\xff\xff\x21\x12\xa4\x42" + bytes(12), "bad_stun"),
        (b"\x00\x01\x00\x08\x21\x12\xa4\x42" + bytes(12) + b"\x00\x06\xff\xff" + bytes(4), "bad_stun"),
        (b"\x16\xfe\xfd" + bytes(60), "dtls_from_unknown"),
        (b"\x80\x60" + bytes(60), "media_from_unknown"),
        (b"\x80\xc8" + bytes(60), "media_from_unknown"),
        (b"\x40" * 40, "unknown_protocol"),
        (b"\xff" * 1400, "unknown_protocol"),
        (b"\x80" * 9000, "bad_size"),
    ],
)
async def test_what_fits_nothing_is_dropped_and_counted(
    http: httpx.AsyncClient, media: MediaServer, datagram: bytes, reason: str
) -> None:
    """And the sender hears nothing."""
    async with stranger(media) as sender:
        sender.send(datagram)
        await still_serves(http)
        assert media.inside.relay.counters.drops[reason] == 1
        assert sender.received == []


async def test_random_bytes_change_nothing(http: httpx.AsyncClient, media: MediaServer) -> None:
    """Five hundred datagrams of noise, a third of them shaped like STUN."""
    noise = random.Random(7)
    async with stranger(media) as sender:
        for number in range(500):
            data = noise.randbytes(noise.randrange(2, 600))
            sender.send(b"\x00\x01\x00\x20\x21\x12\xa4\x42" + data if number % 3 == 0 else data)
        await still_serves(http)
        assert sender.received == []


async def test_a_check_with_the_wrong_password_is_not_answered(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Nor is one for a fragment nobody has."""
    peer = RawPeer("sendonly", [VP8])
    await peer.post(http, "/whip/s1")
    async with stranger(media) as sender:
        sender.send(peer.check(pwd="not the password at all"))
        peer.remote = ("nobody", *peer.remote[1:])
        sender.send(peer.check())
        await still_serves(http)
        drops = media.inside.relay.counters.drops
        assert (drops["stun_bad_integrity"], drops["stun_unknown_fragment"]) == (1, 1)
        assert sender.received == []


async def test_every_cut_of_a_genuine_check_is_dropped(http: httpx.AsyncClient, media: MediaServer) -> None:
    """A truncated check is no check."""
    peer = RawPeer("sendonly", [VP8])
    await peer.post(http, "/whip/s1")
    whole = genuine_check(peer)
    async with stranger(media) as sender:
        for size in range(2, len(whole)):
            sender.send(whole[:size])
        await still_serves(http)
        assert sender.received == []


async def test_an_answer_is_not_much_longer_than_its_check(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Even for a genuine check the server is no amplifier."""
    peer = RawPeer("sendonly", [VP8])
    await peer.post(http, "/whip/s1")
    check = genuine_check(peer)
    async with stranger(media) as sender:
        sender.send(check)
        await still_serves(http)
        assert [len(answer) <= len(check) for answer in sender.received] == [True]


async def test_media_with_bad_tags_is_dropped(http: httpx.AsyncClient, media: MediaServer) -> None:
    """Plain RTP and noise from a peer's own address do not reach viewers or end its session."""
    async with publisher(http) as host, viewer(http) as player:
        host.ice.send(build_rtp(RtpPacket(False, 111, 1, 0, host.ssrcs["audio"], b"forged", {})) + bytes(16))
        host.ice.send(b"\x80\xc8" + bytes(40))
        await host.send_audio(1, b"genuine")
        assert (await player.next_rtp(111)).payload == b"genuine"
        assert media.inside.relay.counters.drops["bad_srtp"] == 2


async def test_broken_packets_inside_good_srtp_are_dropped(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """A publisher with the right keys can still send nonsense."""
    async with publisher(http) as host, viewer(http) as player:
        await host.dtls._send_rtp(
            b"\xb0\x6f\x00\x01" + bytes(8) + b"\xbe\xde\x00\x00"
        )  # padding of zero bytes
        await host.send(RtpPacket(False, 55, 1, 0, 12345, b"unknown type", {}))
        await host.dtls._send_rtp(b"\x81\xc9\x00\x01" + bytes(4))  # a report block that is not there
        await host.send_audio(2, b"fine")
        assert (await player.next_rtp(111)).payload == b"fine"
        drops = media.inside.relay.counters.drops
        assert (drops["malformed_rtp"], drops["unknown_stream"], drops["malformed_rtcp"]) == (1, 1, 1)


async def test_a_close_alert_that_cannot_be_verified_does_not_end_a_living_session(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Somebody on the path may forge the record; media afterwards proves the peer alive."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_audio(1)
        await player.next_rtp(111)
        host.ice.send(b"\x15\xfe\xfd\x00\x01" + bytes(8) + b"\x00\x10" + bytes(16))
        await host.send_audio(2, b"still here")
        assert (await player.next_rtp(111)).payload == b"still here"
        assert len(media.inside.relay.sessions) == 2


async def test_a_peer_has_so_many_ssrcs_and_no_more(http: httpx.AsyncClient, media: MediaServer) -> None:
    """A stranger to libsrtp costs it memory for ever; those that were there first go on."""
    async with publisher(http) as host, viewer(http) as player:
        await player.send_rtcp(b"")
        drops = media.inside.relay.counters.drops
        for ssrc in range(100, 100 + MAX_SSRCS + 10):
            await player.dtls._send_rtp(rtcp.build_receiver_report(ssrc, []))
        await until(lambda: drops["too_many_ssrcs"] == 11)
        await host.send_video(1, VP8_KEY)
        lost = await player.next_rtp(96)
        await player.send_rtcp(rtcp.build_nack(1, player.sent_ssrc("video"), [lost.sequence]))
        await player.next_rtp(97)
        assert drops["too_many_ssrcs"] == 11


async def test_one_peers_dtls_does_not_fill_the_queue_of_all(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """A burst of records from one address: all but a few flights are dropped, others shake hands."""
    async with publisher(http) as host:
        for _ in range(1000):
            host.ice.send(b"\x17\xfe\xfd\x00\x01" + bytes(8) + b"\x00\x10" + bytes(16))
        await until(lambda: media.inside.relay.counters.drops["handshake_backlog_of_peer_full"])
        assert media.inside.relay.counters.drops["handshake_backlog_full"] == 0
        await still_serves(http)


async def test_a_compound_of_many_nacks_is_bounded_as_a_whole(
    http: httpx.AsyncClient, media: MediaServer
) -> None:
    """Five requests of 200 packets each in one datagram count as one of a thousand."""
    async with publisher(http) as host, viewer(http) as player:
        await host.send_audio(1)
        await player.next_rtp(111)
        wanted = [
            rtcp.build_nack(1, player.sent_ssrc("video"), range(200 * n, 200 * n + 200)) for n in range(5)
        ]
        await player.send_rtcp(b"".join(wanted))
        drops = media.inside.relay.counters.drops
        await until(lambda: drops["nack_too_long"] == 3)
        assert drops["nack_unknown_packet"] == MAX_NACKED_PER_COMPOUND
