"""What a browser's viewer tells the server: arrivals, losses, and how much of the stream is gone.

Twenty times a second a transport-wide feedback, and the numbers that miss, once a second a receiver report,
each in a datagram of its own (RFC 5506): Chromium's rhythm at 1.2 Mb/s, and its way. One packet in a hundred
counts as lost, whether or not it came.
"""

import ctypes
import secrets
import socket
import struct
from random import Random

from benchmarks.relay.descriptions import SOUND_TYPE, TRANSPORT_ID, video_ssrcs
from benchmarks.relay.peer import MediaPeer
from streaming.rtp import rtcp
from streaming.rtp.transport_feedback import ArrivalLog

Ancillary = list[tuple[int, int, bytes]]

FEEDBACK_S = 0.050
FEEDBACKS_PER_REPORT = 20
LOST_SHARE = 0.01
# Fixed header, the extensions' head, and the two elements that the server writes.
HEAD_BYTES = 32
SO_TIMESTAMPNS, SO_ATTACH_FILTER, UDP_GRO = 35, 26, 104
ANCILLARY_BYTES = 128
MOST_BYTES = 1 << 16
# Classic BPF (code, jump if true, jump if false, value): nothing of the sound, which has no numbers.
NOT_OF_TYPE = (
    (0x30, 0, 0, 9),
    (0x54, 0, 0, 0x7F),
    (0x15, 0, 1, SOUND_TYPE),
    (6, 0, 0, 0),
    (6, 0, 0, MOST_BYTES),
)
_buffer = bytearray(MOST_BYTES)
_view = memoryview(_buffer)


class Reports:
    """One viewer's books. A packet's head is looked at, nothing is opened."""

    def __init__(self, peer: MediaPeer) -> None:
        self._peer = peer
        self._ssrc = secrets.randbits(31) + 1
        self._video, *_ = video_ssrcs(peer.answer)
        self._video_name = self._video.to_bytes(4, "big")
        self._arrivals = ArrivalLog()
        self._random = Random(self._ssrc)
        self._missed: list[int] = []
        self._highest = self._lost_total = self._turns = 0
        peer.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    def take_many(self) -> None:
        """Let the kernel hand over what came together in one piece, and no sound: `read` costs less so."""
        self._peer.socket.setsockopt(socket.IPPROTO_UDP, UDP_GRO, 1)
        steps = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in NOT_OF_TYPE))
        program = struct.pack("HP", len(NOT_OF_TYPE), ctypes.addressof(steps))
        self._peer.socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)

    def read(self) -> None:
        """Take what waits at the socket, with the kernel's receive times."""
        receive = self._peer.socket.recvmsg_into
        while True:
            try:
                length, ancillary, _, _ = receive([_buffer], ANCILLARY_BYTES)
            except OSError:
                return
            came_s, step = arrival_s(ancillary), segment_bytes(ancillary) or length
            for at in range(0, length, step):
                self.note(_view[at : at + HEAD_BYTES], came_s)

    def note(self, head: memoryview, arrived_s: float) -> None:
        """Take a packet by its first 32 bytes."""
        number = transport_number(head)
        if number is None:
            return
        is_first = head[8:12] == self._video_name
        if is_first:
            self._highest = head[2] << 8 | head[3]
        if self._random.random() >= LOST_SHARE:
            self._arrivals.arrived(number, arrived_s)
        elif is_first:
            self._missed.append(self._highest)

    def send(self) -> None:
        """Send what is due; call it every `FEEDBACK_S`."""
        self._turns += 1
        report_is_due = self._turns % FEEDBACKS_PER_REPORT == 0
        feedback = self._arrivals.take_feedback(self._ssrc, self._video)
        if feedback:
            self._peer.send_rtcp(feedback)
        if self._missed:
            self._peer.send_rtcp(rtcp.build_nack(self._ssrc, self._video, self._missed))
            self._lost_total += len(self._missed)
            self._missed.clear()
        if report_is_due:
            lost = int(LOST_SHARE * 256)
            block = rtcp.ReportBlock(self._video, lost, self._lost_total, self._highest, 0, 0, 0)
            self._peer.send_rtcp(rtcp.build_receiver_report(self._ssrc, [block]))


def transport_number(head: bytes | memoryview) -> int | None:
    """Find a packet's transport-wide number among its extensions; None for RTCP, sound and the rest."""
    if head[0] != 0x90 or 192 <= head[1] <= 223:
        return None
    at = 16
    while at < HEAD_BYTES - 2 and head[at]:
        if head[at] >> 4 == TRANSPORT_ID:
            return head[at + 1] << 8 | head[at + 2]
        at += (head[at] & 0x0F) + 2
    return None


def arrival_s(ancillary: Ancillary) -> float:
    """Return the kernel's receive time of a datagram, in seconds of the wall clock."""
    stamp = next(
        data for level, kind, data in ancillary if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS)
    )
    return int.from_bytes(stamp[:8], "little") + int.from_bytes(stamp[8:16], "little") / 1e9


def segment_bytes(ancillary: Ancillary) -> int:
    """Return how long each of the datagrams is that came in one piece; 0 for a single one."""
    for level, kind, data in ancillary:
        if (level, kind) == (socket.IPPROTO_UDP, UDP_GRO):
            return int.from_bytes(data[:4], "little")
    return 0
