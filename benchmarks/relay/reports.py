"""What a browser's viewer tells the server: arrivals, losses, and how much of the stream is gone.

Twenty times a second a transport-wide feedback and the numbers that miss, once a second a receiver report:
Chromium's rhythm at 1.2 Mb/s. One packet in a hundred counts as lost, whether or not it came.
"""

import secrets
import socket
from random import Random

from benchmarks.relay.descriptions import TRANSPORT_ID, video_ssrcs
from benchmarks.relay.peer import MediaPeer
from streaming.rtp import rtcp
from streaming.rtp.transport_feedback import ArrivalLog

FEEDBACK_S = 0.050
FEEDBACKS_PER_REPORT = 20
LOST_SHARE = 0.01
# Fixed header, the extensions' head, and the two elements that the server writes.
HEAD_BYTES = 32
SO_TIMESTAMPNS = 35
ANCILLARY_BYTES = 64


class Reports:
    """One viewer's books. A packet's head is looked at, nothing is opened."""

    def __init__(self, peer: MediaPeer) -> None:
        self._peer = peer
        self._ssrc = secrets.randbits(31) + 1
        self._video, *_ = video_ssrcs(peer.answer)
        self._arrivals = ArrivalLog()
        self._random = Random(self._ssrc)
        self._missed: list[int] = []
        self._highest = self._lost_total = self._turns = 0
        self._head = bytearray(HEAD_BYTES)
        peer.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    def read(self) -> None:
        """Take what waits at the socket, with the kernel's receive times."""
        receive, head = self._peer.socket.recvmsg_into, self._head
        while True:
            try:
                _, ancillary, _, _ = receive([head], ANCILLARY_BYTES)
            except OSError:
                return
            self.note(head, arrival_s(ancillary))

    def note(self, head: bytes | bytearray | memoryview, arrived_s: float) -> None:
        """Take a packet by its first 32 bytes."""
        number = transport_number(head)
        if number is None:
            return
        if self._random.random() >= LOST_SHARE:
            self._arrivals.arrived(number, arrived_s)
        elif int.from_bytes(head[8:12], "big") == self._video:
            self._missed.append(head[2] << 8 | head[3])
        if int.from_bytes(head[8:12], "big") == self._video:
            self._highest = head[2] << 8 | head[3]

    def send(self) -> None:
        """Send what is due; call it every `FEEDBACK_S`."""
        self._turns += 1
        report_is_due = self._turns % FEEDBACKS_PER_REPORT == 0
        feedback = self._arrivals.take_feedback(self._ssrc, self._video) or b""
        if self._missed:
            feedback += rtcp.build_nack(self._ssrc, self._video, self._missed)
            self._lost_total += len(self._missed)
            self._missed.clear()
        if feedback or report_is_due:
            self._peer.send_rtcp(rtcp.build_receiver_report(self._ssrc, self._blocks()) + feedback)

    def _blocks(self) -> list[rtcp.ReportBlock]:
        if self._turns % FEEDBACKS_PER_REPORT:
            return []
        lost = int(LOST_SHARE * 256)
        return [rtcp.ReportBlock(self._video, lost, self._lost_total, self._highest, 0, 0, 0)]


def transport_number(head: bytes | bytearray | memoryview) -> int | None:
    """Find a packet's transport-wide number among its extensions; None for RTCP, sound and the rest."""
    if head[0] != 0x90 or 192 <= head[1] <= 223:
        return None
    at = 16
    while at < HEAD_BYTES - 2 and head[at]:
        if head[at] >> 4 == TRANSPORT_ID:
            return head[at + 1] << 8 | head[at + 2]
        at += (head[at] & 0x0F) + 2
    return None


def arrival_s(ancillary: list[tuple[int, int, bytes]]) -> float:
    """Return the kernel's receive time of a datagram, in seconds of the wall clock."""
    stamp = ancillary[0][2]
    return int.from_bytes(stamp[:8], "little") + int.from_bytes(stamp[8:16], "little") / 1e9
