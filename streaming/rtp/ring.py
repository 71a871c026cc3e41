"""The newest packets of one stream, shared by all its viewers.

One ring serves every viewer's retransmissions and the replay of the newest group of pictures: viewers
differ only in a number added to sequence and time, so nothing is kept per viewer and packet.
"""

from dataclasses import dataclass

from streaming.rtp.picture_numbers import Places


@dataclass(slots=True, eq=False)
class StoredPacket:
    """A packet on the show's own time line, equal to itself alone: None is found among some without a call.

    `sequence` grows for as long as the show lives, over publishers; `timestamp` is 32 bits on the same
    line. `codec` is the key of the publisher's codec. `level` is the raw byte of the audio level extension,
    or -1; `descriptor` is the dependency descriptor of a scalable stream's packet, on the show's line of
    frame numbers. `arrival_s` is on the server's monotonic clock, and so is `sent_s`, when the fan-out sent
    it under transport-wide numbers; 0 when it had none. `octets` is what the payloads of its stream come to,
    this one's included; 0 for one that came late. `places` is where the payload has its picture's numbers.
    """

    sequence: int
    timestamp: int
    marker: bool
    codec: str
    payload: bytes
    starts_key_frame: bool
    arrival_s: float
    level: int = -1
    sent_s: float = 0.0
    descriptor: bytes = b""
    octets: int = 0
    places: Places | None = None


class PacketRing:
    """A fixed number of slots addressed by sequence number; a newer packet replaces the old one.

    `bytes_total` is what the payloads kept take; `trim` lets go of the oldest.
    """

    __slots__ = ("_gone_below", "_mask", "_oldest", "_slots", "bytes_total", "highest")

    def __init__(self, slots: int) -> None:
        if slots < 1 or slots & (slots - 1):
            raise ValueError("the number of slots is a power of two")
        self._slots: list[StoredPacket | None] = [None] * slots
        self._mask = slots - 1
        self._oldest = self._gone_below = 0
        self.bytes_total = 0
        self.highest = -1

    def put(self, packet: StoredPacket) -> bool:
        """Store a packet; False when it is a repeat, or so old that it may be one of a packet let go."""
        if packet.sequence < self._gone_below:
            return False
        index = packet.sequence & self._mask
        there = self._slots[index]
        if there is not None and there.sequence >= packet.sequence:
            return False
        if there is not None:
            self.bytes_total -= len(there.payload)
        self._slots[index] = packet
        self.bytes_total += len(packet.payload)
        self.highest = max(self.highest, packet.sequence)
        return True

    def trim(self, before_s: float, keep_from: int, max_bytes: int) -> None:
        """Let go of what came before `before_s`, and of the oldest while more than `max_bytes` are kept.

        From the number `keep_from` on only the bytes count. What comes late into a hole that was passed over
        stays until its slot is used again.
        """
        self._oldest = max(self._oldest, self.highest - self._mask)
        while self._oldest < self.highest:
            packet = self.get(self._oldest)
            if packet is not None:
                is_old = self._oldest < keep_from and packet.arrival_s < before_s
                if not is_old and self.bytes_total <= max_bytes:
                    return
                self._slots[self._oldest & self._mask] = None
                self.bytes_total -= len(packet.payload)
                self._gone_below = self._oldest + 1
            self._oldest += 1

    def get(self, sequence: int) -> StoredPacket | None:
        """Return the packet with this sequence number, or None when it never came or is gone."""
        packet = self._slots[sequence & self._mask]
        return packet if packet is not None and packet.sequence == sequence else None

    def get_run(self, first: int, count: int) -> list[StoredPacket | None]:
        """Return `count` packets in a row, from the number `first` on; None for each that is not kept."""
        if count > len(self._slots):
            return [self.get(number) for number in range(first, first + count)]
        at = first & self._mask
        found = self._slots[at : at + count]
        if len(found) < count:
            found += self._slots[: count - len(found)]
        return [
            packet if packet is not None and packet.sequence == number else None
            for number, packet in enumerate(found, first)
        ]
