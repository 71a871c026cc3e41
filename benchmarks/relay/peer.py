"""One end of a media session without a browser: an ICE check, DTLS as client or server, SRTP keys.

Nothing is decoded. After the handshake a viewer's socket is not read, unless the viewer reports what came
(`reports`): the kernel drops what does not fit, and the load generator does not compete with the server it
measures.
"""

import asyncio
import re
import secrets
import socket
from dataclasses import dataclass

from aioice import stun

from streaming.transport.dtls_crypto import DtlsEnd, DtlsIdentity, DtlsState
from streaming.transport.ice_lite import build_answer, read_check
from streaming.transport.srtp_native import Scratch, SrtpEnd

CHECK_AGAIN_S = 0.2
CONNECT_LIMIT_S = 30.0


@dataclass(frozen=True)
class Remote:
    """What the other side's description says."""

    ufrag: str
    pwd: str
    address: tuple[str, int]
    we_are_client: bool

    @classmethod
    def of(cls, sdp: str) -> "Remote":
        """Read a description. Raises `ValueError` when it lacks something."""
        found = {}
        for name in ("ice-ufrag", "ice-pwd", "setup"):
            match = re.search(rf"^a={name}:(\S+)", sdp, re.MULTILINE)
            if match is None:
                raise ValueError(f"no a={name}")
            found[name] = match[1]
        candidate = re.search(r"^a=candidate:\S+ 1 udp \d+ (\S+) (\d+)", sdp, re.MULTILINE | re.IGNORECASE)
        if candidate is None:
            raise ValueError("no UDP candidate")
        address = candidate[1], int(candidate[2])
        return cls(found["ice-ufrag"], found["ice-pwd"], address, found["setup"] != "active")


class MediaPeer:
    """A connected end after `connect`. `ufrag` and `pwd` go into our own description."""

    def __init__(self, identity: DtlsIdentity) -> None:
        self.identity = identity
        self.ufrag, self.pwd = secrets.token_hex(4), secrets.token_hex(12)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.tx: SrtpEnd | None = None
        self.rx: SrtpEnd | None = None
        self._scratch = Scratch()
        # The other side's description, once it is known.
        self.answer = ""
        self._remote: Remote | None = None
        self._dtls: DtlsEnd | None = None
        self._done: asyncio.Future[None] | None = None

    async def connect(self, answer: str) -> None:
        """Check the path, shake hands, take the keys.

        `answer` is the other side's description, answer or offer. Raises `ValueError` when it lacks
        something, `TimeoutError`.
        """
        loop = asyncio.get_running_loop()
        self.answer = answer
        self._remote = remote = Remote.of(answer)
        self._dtls = DtlsEnd(self.identity, [], client=remote.we_are_client)
        self._done = loop.create_future()
        self.socket.connect(remote.address)
        loop.add_reader(self.socket, self._on_readable)
        try:
            async with asyncio.timeout(CONNECT_LIMIT_S):
                while not self._done.done():
                    if self._dtls.state is DtlsState.NEW:
                        self.check()
                    else:
                        self._dtls.on_timer()
                        self._flush()
                    await asyncio.wait({self._done}, timeout=CHECK_AGAIN_S)
            self._done.result()
        finally:
            loop.remove_reader(self.socket)

    def check(self) -> None:
        """Send a connectivity check; also what keeps an idle session alive."""
        assert self._remote is not None
        attributes = {"USERNAME": f"{self._remote.ufrag}:{self.ufrag}", "PRIORITY": 1, "ICE-CONTROLLING": 1}
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes=attributes)
        message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity(self._remote.pwd.encode())
        self._send(bytes(message))

    def send_rtp(self, packet: bytes) -> None:
        """Protect and send one RTP packet."""
        assert self.tx is not None
        self._scratch.view[: len(packet)] = packet
        size = self.tx.protect(self._scratch, len(packet))
        self._send(self._scratch.view[:size])

    def send_rtcp(self, compound: bytes) -> None:
        """Protect and send one RTCP compound."""
        assert self.tx is not None
        self._scratch.view[: len(compound)] = compound
        size = self.tx.protect_rtcp(self._scratch, len(compound))
        self._send(self._scratch.view[:size])

    def close(self) -> None:
        """Leave without a word."""
        self.socket.close()

    def _send(self, data: bytes | memoryview) -> None:
        try:
            self.socket.send(data)
        except OSError:
            return

    def _on_readable(self) -> None:
        assert self._dtls is not None
        while True:
            try:
                data = self.socket.recv(2048)
            except OSError:
                return
            check = read_check(data)
            if check is not None:
                # Janus checks our end before it goes on.
                self._send(build_answer(check, self.pwd.encode(), self.socket.getpeername()))
            elif data and data[0] < 4:
                self._dtls.start()
                self._flush()
            elif data and 20 <= data[0] <= 63 and self._dtls.state is not DtlsState.CONNECTED:
                self._dtls.receive(data)
                self._flush()
                self._note_state()

    def _flush(self) -> None:
        assert self._dtls is not None
        for datagram in self._dtls.take_datagrams():
            self._send(datagram)

    def _note_state(self) -> None:
        assert self._dtls is not None
        assert self._done is not None
        if self._done.done():
            return
        if self._dtls.state is DtlsState.FAILED:
            self._done.set_exception(ConnectionError("the DTLS handshake failed"))
        elif self._dtls.state is DtlsState.CONNECTED:
            assert self._dtls.profile is not None
            tx_key, rx_key = self._dtls.keys
            self.tx = SrtpEnd(self._dtls.profile, tx_key, inbound=False)
            self.rx = SrtpEnd(self._dtls.profile, rx_key, inbound=True)
            self._done.set_result(None)
