"""A WebRTC peer of a few lines: full ICE enough for one path, aiortc's DTLS, packets in and out as bytes.

It stands in for a browser where a test must send and see exact packets. DTLS and SRTP are aiortc's, so the
server is checked against another implementation than its own.
"""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from aioice import stun
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from aiortc.rtcdtlstransport import State

from streaming.rtp import rtcp
from streaming.rtp.packet import RtpPacket, build_rtp, parse_rtp
from streaming.transport.framing import Deframer, frame
from streaming.transport.srtp_native import MAX_PACKET_BYTES

LIMIT_S = 5.0
MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid"
LEVEL_URI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
TRANSPORT_URI = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
ORIENTATION_URI = "urn:3gpp:video-orientation"
VP8_KEY = b"\x10\x00" + bytes(30)
VP8_DELTA = b"\x10\x01" + bytes(30)
H264_KEY = b"\x65" + bytes(30)
H264_DELTA = b"\x41" + bytes(30)


@dataclass(frozen=True)
class Video:
    """A video payload type to offer."""

    payload_type: int
    name: str = "VP8"
    parameters: str = ""
    retransmission: int | None = None
    feedback: tuple[str, ...] = ("nack", "nack pli", "transport-cc")


VP8 = Video(96, retransmission=97)
H264 = Video(102, "H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f", 103)


def _nowhere(data: bytes) -> None:
    """There is no path yet."""


class _Ice:
    """What aiortc's DTLS needs of an ICE transport."""

    role = "controlling"

    def __init__(self) -> None:
        self.incoming: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.send: Callable[[bytes], None] = _nowhere

    async def _recv(self) -> bytes:
        data = await self.incoming.get()
        if data is None:
            raise ConnectionError
        return data

    async def _send(self, data: bytes) -> None:
        self.send(data)


class _Socket(asyncio.DatagramProtocol):
    def __init__(self, peer: "RawPeer") -> None:
        self._peer = peer

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._peer.received(data)

    def error_received(self, exc: Exception) -> None:
        """The server's port is closed: the test sees it by what does not come."""


class _Stream(asyncio.Protocol):
    """An ICE-TCP connection: RFC 4571 frames in both directions."""

    def __init__(self, peer: "RawPeer") -> None:
        self._peer = peer
        self._deframer = Deframer()
        self.transport: Any = None
        self.ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._deframer.feed(data)
        while (packet := self._deframer.take(MAX_PACKET_BYTES)) is not None:
            self._peer.received(packet)

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set()


class RawPeer:
    """One end of a session. Use `publisher()` or `viewer()` to make a connected one."""

    def __init__(
        self, direction: str, videos: Sequence[Video], *, setup: str = "actpass", audio: bool = True
    ) -> None:
        self.direction = direction
        self.videos = list(videos)
        self.setup = setup
        self.audio = audio
        self.ufrag, self.pwd = secrets.token_hex(4), secrets.token_hex(12)
        self.ssrcs = {"audio": secrets.randbits(31) + 1, "video": secrets.randbits(31) + 1}
        self.retransmission_ssrc = secrets.randbits(31) + 1
        self.ice = _Ice()
        self.certificate = RTCCertificate.generateCertificate()
        ice: Any = self.ice  # what aiortc uses of it is there
        self.dtls: Any = RTCDtlsTransport(ice, [self.certificate])
        self.packets: list[RtpPacket] = []
        self._arrived = asyncio.Event()
        self.rtcp: asyncio.Queue[rtcp.RtcpItem] = asyncio.Queue()
        self.raw_rtcp: list[bytes] = []
        self.answered_checks: asyncio.Queue[bytes] = asyncio.Queue()
        self.answer = ""
        self.location = ""
        self.tag = ""
        self.remote = ("", "", ("", 0))
        # Lines that the offer's last section tells of this end.
        self.candidates: list[str] = []
        self._transports: list[asyncio.DatagramTransport] = []
        self.stream: _Stream | None = None

    # --- signalling

    def offer(self) -> str:
        """The SDP of this peer."""
        fingerprint = self.certificate.getFingerprints()[0].value
        mids = ["0", "1"] if self.audio else ["1"]
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {' '.join(mids)}"]
        transport = [f"a=ice-ufrag:{self.ufrag}", f"a=ice-pwd:{self.pwd}",
                     f"a=fingerprint:sha-256 {fingerprint}", f"a=setup:{self.setup}", f"a={self.direction}",
                     "a=rtcp-mux", f"a=extmap:1 {MID_URI}",
                     f"a=extmap:3 {TRANSPORT_URI}"]  # fmt: skip
        if self.audio:
            lines += ["m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=mid:0", *transport,
                      f"a=extmap:2 {LEVEL_URI}", "a=rtpmap:111 opus/48000/2",
                      "a=fmtp:111 minptime=10;useinbandfec=1"]  # fmt: skip
            lines += self._ssrc_lines("audio")
        formats = " ".join(f"{v.payload_type} {v.retransmission or ''}".strip() for v in self.videos)
        lines += [f"m=video 9 UDP/TLS/RTP/SAVPF {formats}", "c=IN IP4 0.0.0.0", "a=mid:1", *transport,
                  f"a=extmap:4 {ORIENTATION_URI}"]  # fmt: skip
        for video in self.videos:
            lines += [f"a=rtpmap:{video.payload_type} {video.name}/90000"]
            lines += [f"a=fmtp:{video.payload_type} {video.parameters}"] if video.parameters else []
            lines += [f"a=rtcp-fb:{video.payload_type} {what}" for what in video.feedback]
            if video.retransmission:
                lines += [f"a=rtpmap:{video.retransmission} rtx/90000"]
                lines += [f"a=fmtp:{video.retransmission} apt={video.payload_type}"]
        return "\r\n".join([*lines, *self._ssrc_lines("video"), *self.candidates]) + "\r\n"

    def _ssrc_lines(self, kind: str) -> list[str]:
        if self.direction == "recvonly":
            return []
        ssrc = self.ssrcs[kind]
        lines = [f"a=ssrc:{ssrc} cname:raw"]
        if kind == "video" and any(video.retransmission for video in self.videos):
            lines.append(f"a=ssrc:{self.retransmission_ssrc} cname:raw")
            lines.append(f"a=ssrc-group:FID {ssrc} {self.retransmission_ssrc}")
        return lines

    async def post(self, http: httpx.AsyncClient, url: str) -> httpx.Response:
        """Send the offer; on 201 remember what the answer says."""
        response = await http.post(url, content=self.offer(), headers={"Content-Type": "application/sdp"})
        if response.status_code == 201:
            self.answer, self.location, self.tag = (
                response.text,
                response.headers["location"],
                response.headers["etag"],
            )
            candidate = re.search(r"a=candidate:\S+ 1 udp \d+ (\S+) (\d+)", self.answer)
            assert candidate is not None
            self.remote = (
                self.answer_value("ice-ufrag"),
                self.answer_value("ice-pwd"),
                (candidate[1], int(candidate[2])),
            )
        return response

    def answer_value(self, name: str) -> str:
        """The first value of an attribute in the answer."""
        found = re.search(rf"^a={name}:(\S+)", self.answer, re.MULTILINE)
        assert found is not None, f"no a={name} in the answer"
        return found[1]

    def sent_ssrc(self, kind: str) -> int:
        """The SSRC the server announced for a kind (a viewer's peer)."""
        section = self.answer.split(f"m={kind}")[1].split("\r\nm=")[0]
        found = re.search(r"^a=ssrc:(\d+)", section, re.MULTILINE)
        assert found is not None
        return int(found[1])

    # --- transport

    def received(self, data: bytes) -> None:
        """Take one packet of the server, whichever way it came."""
        if data and data[0] < 4:
            self.answered_checks.put_nowait(data)
        elif data:
            self.ice.incoming.put_nowait(data)

    async def open_stream(self) -> _Stream:
        """Use ICE-TCP to the answer's first TCP candidate from now on."""
        found = re.search(r"a=candidate:\S+ 1 tcp \d+ (\S+) (\d+) typ host tcptype passive", self.answer)
        assert found is not None, "no TCP candidate in the answer"
        loop = asyncio.get_running_loop()
        transport, stream = await loop.create_connection(lambda: _Stream(self), found[1], int(found[2]))
        self.stream = stream
        self.ice.send = lambda data: transport.write(frame(data))
        return stream

    async def open_path(self) -> None:
        """Use a new local port from now on."""
        loop = asyncio.get_running_loop()
        host = self.remote[2][0]
        local = "::" if ":" in host else "127.0.0.1" if host.startswith("127.") else "0.0.0.0"
        transport, _ = await loop.create_datagram_endpoint(lambda: _Socket(self), local_addr=(local, 0))
        self._transports.append(transport)
        self.use_path(len(self._transports) - 1)

    def use_path(self, number: int) -> None:
        """Send from an earlier local port again."""
        transport = self._transports[number]
        self.ice.send = lambda data: transport.sendto(data, self.remote[2])

    def candidate_line(self, number: int, kind: str) -> str:
        """What an offer would say of a local port that was opened, to a server on this machine."""
        port = self._transports[number].get_extra_info("sockname")[1]
        return f"a=candidate:{number} 1 UDP 2122260223 127.0.0.1 {port} typ {kind} generation 0"

    def check(self, *, nominate: bool = True, pwd: str | None = None) -> bytes:
        """A connectivity check for the server's present credentials."""
        message = stun.Message(
            stun.Method.BINDING,
            stun.Class.REQUEST,
            attributes={"USERNAME": f"{self.remote[0]}:{self.ufrag}", "PRIORITY": 1, "ICE-CONTROLLING": 1},
        )
        if nominate:
            message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity((pwd or self.remote[1]).encode())
        return bytes(message)

    async def send_check(self, *, nominate: bool = True) -> bytes:
        """Send a check and wait for its answer."""
        self.ice.send(self.check(nominate=nominate))
        return await asyncio.wait_for(self.answered_checks.get(), LIMIT_S)

    async def connect(self) -> None:
        """Check, shake hands, and read from then on."""
        if not self._transports and self.stream is None:
            await self.open_path()
        await self.send_check()
        self.dtls._set_role("server" if self.answer_value("setup") == "active" else "client")
        self.dtls._handle_rtp_data = self._on_rtp
        self.dtls._handle_rtcp_data = self._on_rtcp
        section = re.search(r"a=fingerprint:(\S+) (\S+)", self.answer)
        assert section is not None
        parameters = RTCDtlsParameters([RTCDtlsFingerprint(section[1], section[2])])
        await asyncio.wait_for(self.dtls.start(parameters), LIMIT_S)
        assert self.dtls._state is State.CONNECTED

    @property
    def closed_by_server(self) -> bool:
        """Whether a DTLS close alert has come."""
        return bool(self.dtls._state is State.CLOSED)

    async def wait_closed(self) -> None:
        """Return when the server has said goodbye."""
        closed = asyncio.Event()
        self.dtls.on("statechange", closed.set)
        if not self.closed_by_server:
            await asyncio.wait_for(closed.wait(), LIMIT_S)
        assert self.closed_by_server

    async def close(self) -> None:
        """Say goodbye and end."""
        await self.dtls.stop()
        self.ice.incoming.put_nowait(None)
        for transport in self._transports:
            transport.close()
        if self.stream is not None:
            self.stream.transport.abort()

    # --- media

    async def _on_rtp(self, data: bytes, arrival_time_ms: int) -> None:
        self.packets.append(parse_rtp(data))
        self._arrived.set()

    async def _on_rtcp(self, data: bytes) -> None:
        self.raw_rtcp.append(data)
        for item in rtcp.parse_rtcp(data):
            self.rtcp.put_nowait(item)

    def forget_received(self) -> None:
        """Open what was opened before once more: aiortc's receiving end refuses repeats, a new one does not.

        The sending end stays: it must go on with its numbers.
        """
        sending = self.dtls._tx_srtp
        self.dtls._setup_srtp()
        self.dtls._tx_srtp = sending

    async def send(self, packet: RtpPacket) -> None:
        """Send one RTP packet."""
        await self.dtls._send_rtp(build_rtp(packet))

    async def send_video(
        self,
        sequence: int,
        payload: bytes,
        *,
        timestamp: int = 0,
        payload_type: int | None = None,
        marker: bool = True,
    ) -> None:
        """Send one packet of the video stream."""
        number = self.videos[0].payload_type if payload_type is None else payload_type
        timestamp &= 0xFFFFFFFF
        await self.send(RtpPacket(marker, number, sequence, timestamp, self.ssrcs["video"], payload, {}))

    async def send_audio(
        self, sequence: int, payload: bytes = b"sound", *, timestamp: int = 0, level: int = 40
    ) -> None:
        """Send one packet of the audio stream."""
        extensions = {2: bytes((level,))}
        await self.send(RtpPacket(False, 111, sequence, timestamp, self.ssrcs["audio"], payload, extensions))

    async def send_rtcp(self, data: bytes) -> None:
        """Send one RTCP compound."""
        await self.dtls._send_rtp(rtcp.build_receiver_report(1, []) + data)

    async def next_rtp(self, payload_type: int | None = None, *, limit_s: float = LIMIT_S) -> RtpPacket:
        """The next RTP packet, of this payload type if given; others stay for later calls."""
        async with asyncio.timeout(limit_s):
            while True:
                for index, packet in enumerate(self.packets):
                    if payload_type is None or packet.payload_type == payload_type:
                        return self.packets.pop(index)
                self._arrived.clear()
                await self._arrived.wait()

    async def next_rtcp(self, kind: type[Any], *, limit_s: float = LIMIT_S) -> Any:
        """The next RTCP item of this class; others are passed over."""
        async with asyncio.timeout(limit_s):
            while True:
                item = await self.rtcp.get()
                if isinstance(item, kind):
                    return item


@asynccontextmanager
async def connected(
    peer: RawPeer, http: httpx.AsyncClient, path: str, *, tcp: bool = False
) -> AsyncIterator[None]:
    """Have a peer's offer taken, and keep it connected until the block is left."""
    response = await peer.post(http, path)
    assert response.status_code == 201, response.text
    try:
        if tcp:
            await peer.open_stream()
        await peer.connect()
        yield
    finally:
        await peer.close()


@asynccontextmanager
async def publisher(
    http: httpx.AsyncClient,
    show: str = "s1",
    *videos: Video,
    query: str = "",
    setup: str = "actpass",
    tcp: bool = False,
) -> AsyncIterator[RawPeer]:
    """A connected publisher."""
    peer = RawPeer("sendonly", videos or (VP8,), setup=setup)
    async with connected(peer, http, f"/whip/{show}{query}", tcp=tcp):
        yield peer


@asynccontextmanager
async def viewer(
    http: httpx.AsyncClient, show: str = "s1", *videos: Video, tcp: bool = False
) -> AsyncIterator[RawPeer]:
    """A connected viewer."""
    peer = RawPeer("recvonly", videos or (VP8, H264))
    async with connected(peer, http, f"/whep/{show}", tcp=tcp):
        yield peer
