"""Sound that a socket's full buffer refused: tried again before the next sound, for a fifth of a second.

A burst of pictures to a full room can fill the buffer, and what a player misses of the sound it hears before
a repeat could come. So what was refused waits here, protected as it is, for the 20 ms to the next packet, in
order and at most `limit_packets` of it; when more waits, the oldest goes. Pictures that were refused are left
to the players, who ask for what they miss (NACK) or for a key frame: by then there may be room, while to try
again at once would fill the buffer in front of the sound.
"""

from collections import deque

from streaming.counters import Counters
from streaming.transport.connection import Address, Socket
from streaming.transport.media_udp import MediaSocket

# Players hold back that much at most; what is later is not played.
KEPT_S = 0.2


class SoundAgain:
    """What one stream of sound could not hand to the kernel; times are monotonic seconds."""

    __slots__ = ("_counters", "_limit", "_waiting")

    def __init__(self, counters: Counters, limit_packets: int) -> None:
        self._counters = counters
        self._limit = limit_packets
        self._waiting: deque[tuple[MediaSocket, Address, bytes, float]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, socket: Socket | None, address: Address, data: bytes, now_s: float) -> None:
        """Keep one protected packet."""
        if isinstance(socket, MediaSocket):
            self._waiting.append((socket, address, data, now_s))
        if len(self._waiting) > self._limit:
            self._waiting.popleft()
            self._counters.drops["send_buffer_full_audio"] += 1

    def retry(self, now_s: float) -> None:
        """Send what there is room for, the oldest first; what waited too long is lost."""
        while self._waiting:
            socket, address, data, put_s = self._waiting[0]
            if now_s - put_s > KEPT_S:
                self._counters.drops["send_buffer_full_audio"] += 1
            elif (taken := socket.offer(data, address)) is None:
                return
            elif taken:
                self._counters.totals["packets_out"] += 1
                self._counters.totals["sound_sent_again"] += 1
            self._waiting.popleft()
