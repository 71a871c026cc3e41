"""The hot path: one source packet to every viewer of its kind.

For each viewer: header and extensions are written into a slot of the arena, the payload copied after them,
libsrtp protects the slot in place, and each run of 64 slots leaves with one `sendmmsg`. There is no
queue, task or object per viewer and packet; what a viewer differs by lies ready in a tuple. Viewers behind
TCP are served after all others, by `FramedTracks`.

The house rule on short functions does not bind this file.
"""

from typing import Any

from streaming.counters import Counters
from streaming.framed_tracks import FramedTracks
from streaming.rtp.ring import StoredPacket
from streaming.transport.mmsg_native import SLOTS, Arena, Batch
from streaming.transport.srtp_native import MAX_PACKET_BYTES, TRAILER_BYTES, protect
from streaming.viewer_track import HEADER, ViewerTrack

MAX_HEADER_BYTES = 64
MAX_PAYLOAD_BYTES = MAX_PACKET_BYTES - TRAILER_BYTES - MAX_HEADER_BYTES
Row = tuple[Any, int, Any, Any, Any, int, int, int, int, Any]


class _Group:
    """The live viewers behind one socket."""

    __slots__ = ("batch", "descriptor", "rows", "tracks")

    def __init__(self, arena: Arena, descriptor: int) -> None:
        self.batch = Batch(arena)
        self.descriptor = descriptor
        self.rows: list[Row] = []
        self.tracks: list[ViewerTrack] = []

    def set_row(self, index: int, arena: Arena) -> None:
        """Write what the loop needs of the track at `index`."""
        track = self.tracks[index]
        slot = index % SLOTS
        codec, tx = track.codec, track.connection.tx
        assert codec is not None
        assert tx is not None
        self.batch.set_address(index, track.connection.address)
        row = (
            tx.context, arena.offsets[slot], arena.pointers[slot], self.batch.lengths[index],
            self.batch.vectors[index], track.sequence_shift, track.timestamp_shift, track.section.ssrc,
            codec.payload_type, track.templates,
        )  # fmt: skip
        if index == len(self.rows):
            self.rows.append(row)
        else:
            self.rows[index] = row


class Fanout:
    """All live viewers of one stream. `packets_total` and `octets_total` count what each was sent."""

    __slots__ = ("_arena", "_counters", "_groups", "_places", "framed", "octets_total", "packets_total")

    def __init__(self, arena: Arena, counters: Counters) -> None:
        self._arena = arena
        self._counters = counters
        self._groups: dict[int, _Group] = {}
        self._places: dict[ViewerTrack, tuple[_Group, int]] = {}
        self.framed = FramedTracks(counters)
        self.packets_total = 0
        self.octets_total = 0

    def __len__(self) -> int:
        return len(self._places) + len(self.framed)

    def add(self, track: ViewerTrack) -> None:
        """Begin to send to a track whose shift, codec and keys are set."""
        socket = track.connection.socket
        assert socket is not None
        track.live = True
        if socket.is_stream or track.held:
            self.framed.add(track)
            return
        group = self._groups.get(socket.descriptor)
        if group is None:
            group = self._groups[socket.descriptor] = _Group(self._arena, socket.descriptor)
        index = len(group.tracks)
        group.tracks.append(track)
        self._places[track] = (group, index)
        if group.batch.grow(index + 1):
            for earlier in range(index):
                group.set_row(earlier, self._arena)
        group.set_row(index, self._arena)
        track.packets_base = self.packets_total
        track.octets_base = self.octets_total

    def remove(self, track: ViewerTrack) -> None:
        """Stop sending to a track; the last one takes its place."""
        place = self._places.pop(track, None)
        if place is None:
            if track in self.framed:
                self.framed.remove(track)
                track.live = False
            return
        group, index = place
        last = group.tracks.pop()
        group.rows.pop()
        if last is not track:
            group.tracks[index] = last
            self._places[last] = (group, index)
            group.set_row(index, self._arena)
        track.live = False
        track.extra_packets += self.packets_total - track.packets_base
        track.extra_octets += self.octets_total - track.octets_base

    def refresh(self, track: ViewerTrack) -> None:
        """Note that a track's path or codec changed."""
        if track in self._places or track in self.framed:
            self.remove(track)
            self.add(track)

    def sent_by(self, track: ViewerTrack) -> tuple[int, int]:
        """(packets, octets) this track was sent, for its sender reports."""
        packets, octets = track.extra_packets, track.extra_octets
        if track in self._places:
            packets += self.packets_total - track.packets_base
            octets += self.octets_total - track.octets_base
        return packets, octets

    def send(self, packet: StoredPacket) -> None:
        """Send a packet that is newer than all before it to every live viewer."""
        payload = packet.payload
        size = len(payload)
        if size > MAX_PAYLOAD_BYTES:
            self._counters.drops["payload_too_long"] += 1
            return
        view = self._arena.view
        pack_into = HEADER.pack_into
        sequence, timestamp = packet.sequence, packet.timestamp
        level, orientation = packet.level, packet.orientation
        mix = (level >= 0) + 2 * (orientation >= 0)
        marker = 0x80 if packet.marker else 0
        refused = sent = 0
        for group in self._groups.values():
            total = len(group.rows)
            for start in range(0, total, SLOTS):
                run = group.rows[start : start + SLOTS]
                for context, at, pointer, length, vector, shift, later, ssrc, payload_type, templates in run:
                    template = templates[mix]
                    body = at + template.header_bytes
                    end = body + size
                    pack_into(
                        view, at, template.first, marker | payload_type, (sequence + shift) & 0xFFFF,
                        (timestamp + later) & 0xFFFFFFFF, ssrc,
                    )  # fmt: skip
                    view[at + 12 : body] = template.extensions
                    if template.level_at:
                        view[at + template.level_at] = level
                    if template.orientation_at:
                        view[at + template.orientation_at] = orientation
                    view[body:end] = payload
                    vector.iov_len = end - at
                    if protect(context, pointer, length):
                        vector.iov_len = 0  # an empty datagram: plaintext must not leave
                        refused += 1
                sent += group.batch.send(group.descriptor, start, len(run))
        self.packets_total += 1
        self.octets_total += size
        self._counters.totals["packets_out"] += sent
        if len(self._places) != sent:
            self._counters.drops["send_buffer_full"] += len(self._places) - sent
        if refused:
            self._counters.drops["protect_refused"] += refused
        self._send_framed(packet)

    def _send_framed(self, packet: StoredPacket) -> None:
        if self.framed:
            for track in self.framed.send(packet):
                self.refresh(track)

    def send_late(self, packet: StoredPacket) -> None:
        """Send a packet that came out of order to the viewers who began before it."""
        if len(packet.payload) > MAX_PAYLOAD_BYTES:
            return
        for track in (*self._places, *self.framed):
            if packet.sequence >= track.start and not track.held:
                track.send_one(packet)
