"""The hot path: one burst of source packets to every viewer of its kind.

Packets of equal size that arrive together (a frame's, from an encoder) make a burst of up to eight. Headers
are written for all viewers at once, column by column; for a run of viewers at a time they are copied into
the arena with the payloads; libsrtp protects every slot in place; the run leaves with one `sendmmsg`, each
viewer's burst as one message that the kernel cuts up. There is no queue, task or object per viewer and
packet, and but for the call of libsrtp no Python either. Viewers behind TCP, and those whose picture is
held, are served after all others, by `FramedTracks`.

Pictures give way: between two runs the hosts' queues are looked at, and sound that has come goes out first.
So sound waits for one run (a millisecond at most), however long the burst and however many the viewers.

CPU per packet of the whole process, beside Janus in the same run: see `benchmarks/results/relay.json`.

The house rule on short functions does not bind this file.
"""

from time import monotonic
from typing import Any

import numpy as np

from streaming.burst import Array, Burst, Columns, PictureColumns, Sheet
from streaming.counters import Counters
from streaming.faults import Faults
from streaming.framed_tracks import FramedTracks
from streaming.header_templates import KINDS, Kind, Template, kind_of
from streaming.rtp.picture_numbers import UNCHANGED
from streaming.rtp.ring import StoredPacket
from streaming.sound_again import SoundAgain
from streaming.transport.batch_native import (
    MAX_BURST,
    NAME_BYTES,
    Arena,
    Plan,
    Run,
    Way,
    build_socket_address,
)
from streaming.transport.srtp_native import MAX_PACKET_BYTES, TRAILER_BYTES, protect
from streaming.viewer_track import ViewerTrack

# 12 fixed ones, the extensions' head, a name of 16, four bytes of short values and a descriptor, each with a
# head of two bytes, and what fills it up.
MAX_HEADER_BYTES = 12 + 4 + 16 + 4 + 255 + 5 * 2 + 3
# Kinds of header one group keeps: descriptors of a few lengths come again and again.
MAX_KINDS = 32
# Headers one group keeps, by kind and length of the burst: some 100 bytes a viewer each.
MAX_SHEETS = 16
MAX_PAYLOAD_BYTES = MAX_PACKET_BYTES - TRAILER_BYTES - MAX_HEADER_BYTES
# With 16 ms key frames came late where 70% of a core is taken (docs/decisions/0031).
BURST_LIMIT_S = 0.032
# What a packet takes before this process has measured it; each burst then counts for a sixteenth.
ABOUT_S_PER_PACKET, MEASURED_OVER = 2.5e-6, 16
FIRST_ROWS = 64
# Of one value a row; as long as the last of them are all the others.
COLUMNS = ("_marks", "_later", "_number_shift", "_names", "_name_bytes", "_shift")


class _Group:
    """The live viewers behind one socket whose packets have the same layout, as columns."""

    __slots__ = ("_arena", "_heads", "_later", "_marks", "_name_bytes", "_names", "_number_shift",
                 "_pictures", "_plans", "_sheets", "_shift", "contexts", "descriptor", "layouts",
                 "tag_bytes", "tracks")  # fmt: skip

    def __init__(self, arena: Arena, track: ViewerTrack) -> None:
        socket, tx = track.connection.socket, track.connection.tx
        assert socket is not None
        assert tx is not None
        self.descriptor = socket.descriptor
        self.layouts: dict[Kind, Template] = {kind: track.template(kind) for kind in KINDS}
        self.tag_bytes = tx.profile.tag_bytes
        self.tracks: list[ViewerTrack] = []
        self.contexts: list[Any] = []
        self._arena = arena
        self._plans: dict[int, Plan] = {}
        self._sheets: dict[tuple[int, Kind], Sheet] = {}
        self._heads: dict[Kind, Array] = {
            kind: np.zeros((FIRST_ROWS, one.header_bytes), np.uint8) for kind, one in self.layouts.items()
        }
        self._marks = np.zeros(FIRST_ROWS, np.uint8)
        self._shift = np.zeros(FIRST_ROWS, np.uint32)
        self._later = np.zeros(FIRST_ROWS, np.uint32)
        self._number_shift = np.zeros(FIRST_ROWS, np.uint32)
        self._pictures = PictureColumns(FIRST_ROWS)
        self._names = np.zeros((FIRST_ROWS, NAME_BYTES), np.uint8)
        self._name_bytes = np.zeros(FIRST_ROWS, np.uint32)

    def append(self, track: ViewerTrack) -> int:
        """Add a viewer; returns its row. Where that cannot be written it is not there."""
        row = len(self.tracks)
        if row == len(self._shift):
            for kind, head in self._heads.items():
                self._heads[kind] = np.concatenate((head, np.zeros_like(head)))
            for name in COLUMNS:
                column = getattr(self, name)
                setattr(self, name, np.concatenate((column, np.zeros_like(column))))
            self._pictures.grow()
        self.tracks.append(track)
        self.contexts.append(None)
        try:
            self._write_row(row)
        except Exception:
            self.take(row)
            raise
        return row

    def take(self, row: int) -> ViewerTrack | None:
        """Remove a row; returns the last track if that has moved into its place.

        It is moved as it is written: nothing can go wrong with a viewer who has no part in this.
        """
        last, context = self.tracks.pop(), self.contexts.pop()
        end = len(self.tracks)
        self._forget_plans()
        if row < end:
            self.tracks[row], self.contexts[row] = last, context
            for column in (*self._heads.values(), *(getattr(self, name) for name in COLUMNS)):
                column[row] = column[end]
            self._pictures.set_row(row, self._pictures.row(end))
        self._pictures.set_row(end, UNCHANGED)
        return last if row < end else None

    def _write_row(self, row: int) -> None:
        track = self.tracks[row]
        codec, tx = track.codec, track.connection.tx
        assert codec is not None
        assert tx is not None
        for kind in self._heads:
            self._write_head(row, kind)
        self._marks[row] = codec.payload_type
        self._shift[row] = track.sequence_shift & 0xFFFF
        self._later[row] = track.timestamp_shift
        self._pictures.set_row(row, track.picture_shift)
        self.renumber(row)
        name = build_socket_address(track.connection.address)
        self._names[row, : len(name)] = np.frombuffer(name, np.uint8)
        self._name_bytes[row] = len(name)
        self.contexts[row] = tx.context
        self._forget_plans()

    def _write_head(self, row: int, kind: Kind) -> None:
        track = self.tracks[row]
        template = track.template(kind)
        fixed = bytes((template.first, 0)) + bytes(6) + track.section.ssrc.to_bytes(4, "big")
        self._heads[kind][row] = np.frombuffer(fixed + template.extensions, np.uint8)

    def _layout(self, kind: Kind) -> Template:
        """Return what all rows share for a kind of packet; those with descriptors are made when one comes."""
        layout = self.layouts.get(kind)
        if layout is None:
            if len(self.layouts) >= MAX_KINDS:
                self._forget_kinds()
            layout = self.layouts[kind] = self.tracks[0].template(kind)
            self._heads[kind] = np.zeros((len(self._shift), layout.header_bytes), np.uint8)
            for row in range(len(self.tracks)):
                self._write_head(row, kind)
        return layout

    def _forget_kinds(self) -> None:
        for kind in [one for one in self.layouts if one not in KINDS]:
            del self.layouts[kind], self._heads[kind]

    def renumber(self, row: int) -> None:
        """Note that the row's transport-wide numbers have moved on."""
        track = self.tracks[row]
        self._number_shift[row] = (track.sequence_shift + track.number_shift) & 0xFFFF

    def send(
        self, burst: Burst, kind: Kind, again: SoundAgain | None, *, gives_way: bool
    ) -> tuple[int, int, int, int]:
        """Send a burst to every row; what there is no room for `again` keeps.

        Returns how many packets went out, how many libsrtp refused, how many were left out beside those, and
        how many there was no room for.
        """
        arena, packets = self._arena, burst.packets
        plan = self._plans.get(packets)
        if plan is None:
            plan = Plan(arena, packets, self._names, self._name_bytes, self.contexts)
            self._plans[packets] = plan
        sheet = self._sheets.get((packets, kind)) or self._new_sheet(packets, kind)
        sheet.write(burst)
        headers, body = sheet.headers, sheet.headers.shape[2]
        end, ends = body + burst.payloads.shape[-1], body + burst.sizes
        sent = refused = beside = full = 0
        for run in plan.runs:
            if gives_way:
                arena.between_runs()
            arena.set_segment(end + self.tag_bytes)
            run.cells[:, :, :body] = headers[run.first : run.end]
            run.cells[:, :, body:end] = burst.payloads
            self._pictures.write(run.cells[:, :, body:end], burst, run.first, run.end)
            run.sizes[:] = ends
            statuses = list(map(protect, run.contexts, run.pointers, run.lengths))
            if any(statuses):
                run_sent, run_refused, run_beside, run_full = self._send_around(plan, run, statuses, again)
                refused, beside = refused + run_refused, beside + run_beside
            else:
                run_sent, run_full = self._send_rows(plan, run.first, run.end, 0, again)
            sent, full = sent + run_sent, full + run_full
        return sent, refused, beside, full

    def _new_sheet(self, packets: int, kind: Kind) -> Sheet:
        if len(self._sheets) >= MAX_SHEETS:
            self._sheets.clear()
        layout, rows = self._layout(kind), slice(len(self.tracks))
        columns = (self._marks, self._shift, self._later, self._number_shift)
        views = Columns(*(column[rows, None] for column in columns))
        sheet = Sheet(self._heads[kind][rows], layout, kind[1], packets, views)
        self._sheets[packets, kind] = sheet
        return sheet

    def _forget_plans(self) -> None:
        self._plans.clear()
        self._sheets.clear()

    def _send_around(
        self, plan: Plan, run: Run, statuses: list[int], again: SoundAgain | None
    ) -> tuple[int, int, int, int]:
        """Leave out the rows of which libsrtp refused a packet: plaintext must not leave."""
        sent = refused = beside = full = 0
        for row in range(run.first, run.end):
            slot = (row - run.first) * plan.burst
            bad = sum(status != 0 for status in statuses[slot : slot + plan.burst])
            if bad:
                refused += bad
                beside += plan.burst - bad
            else:
                row_sent, row_full = self._send_rows(plan, row, row + 1, slot, again)
                sent, full = sent + row_sent, full + row_full
        return sent, refused, beside, full

    def _send_rows(
        self, plan: Plan, first: int, end: int, slot: int, again: SoundAgain | None
    ) -> tuple[int, int]:
        """Send rows whose packets lie ready, those of row `first` from `slot` on: how many went, and not."""
        if self._arena.way is not Way.ONE:
            sent, full = plan.send(self.descriptor, first, end)
            if full and again is not None:
                self._keep(again, plan.burst, first, slot, slot + (end - first) * plan.burst - full, full)
            return sent, full
        sent = 0
        for place in range((end - first) * plan.burst):
            connection = self.tracks[first + place // plan.burst].connection
            assert connection.socket is not None
            sent += connection.socket.send(self._arena.packet(slot + place), connection.address)
        return sent, 0

    def _keep(self, again: SoundAgain, burst: int, first: int, slot: int, start: int, total: int) -> None:
        """Keep what lies in `total` slots from `start` on; row `first` begins at `slot`."""
        now_s = monotonic()
        for one in range(start, start + total):
            connection = self.tracks[first + (one - slot) // burst].connection
            again.put(connection.socket, connection.address, bytes(self._arena.packet(one)), now_s)


class Fanout:
    """All live viewers of one stream. `packets_total` and `octets_total` count what each was sent.

    Packets wait in a burst until the next does not fit it; whoever hands them in calls `flush` when no more
    is at hand. Everything that changes who is sent what flushes before. With `gives_way` (pictures) the
    arena's `between_runs` is called before each run; it must not touch this fan-out. `again` keeps what a
    full buffer refuses (sound); without it that is lost.
    """

    __slots__ = ("_again", "_arena", "_burst", "_burst_limit", "_counters", "_faults", "_gives_way",
                 "_groups", "_kind", "_octets_total", "_packets_total", "_places", "_s_per_packet", "framed",
                 "is_numbered")  # fmt: skip

    def __init__(
        self, arena: Arena, counters: Counters, again: SoundAgain | None = None, *, gives_way: bool = False
    ) -> None:
        self._arena = arena
        self._again = again
        self._gives_way = gives_way
        self._counters = counters
        self._faults = Faults(counters)
        self._groups: dict[tuple[Any, ...], _Group] = {}
        self._places: dict[ViewerTrack, tuple[tuple[Any, ...], int]] = {}
        self._burst: list[StoredPacket] = []
        self._burst_limit = 1
        self._s_per_packet = ABOUT_S_PER_PACKET
        self._kind: Kind = KINDS[0]
        self.framed = FramedTracks(counters)
        # Whether packets carry transport-wide numbers, so that viewers report their arrival.
        self.is_numbered = False
        self._packets_total = 0
        self._octets_total = 0

    def __len__(self) -> int:
        return len(self._places) + len(self.framed)

    @property
    def octets_total(self) -> int:
        """What a viewer who was there all the time was sent."""
        return self._octets_total

    def add(self, track: ViewerTrack) -> None:
        """Begin to send to a track whose shift, codec and keys are set.

        Who cannot be written among the others, by a fault of ours, is sent to one by one.
        """
        self.flush()
        socket = track.connection.socket
        assert socket is not None
        track.live = True
        on_its_own = socket.is_stream or track.held or track.is_narrow
        if on_its_own or not self._faults.shield("a fan-out", self._add_to_group, track):
            self.framed.add(track)

    def _add_to_group(self, track: ViewerTrack) -> None:
        socket, tx = track.connection.socket, track.connection.tx
        assert socket is not None
        assert tx is not None
        key = (socket.descriptor, tx.profile.tag_bytes, *track.layouts)
        group = self._groups.get(key) or _Group(self._arena, track)
        self._places[track] = (key, group.append(track))
        self._groups[key] = group
        self._set_burst_limit()
        track.packets_base = self._packets_total
        track.octets_base = self._octets_total

    def remove(self, track: ViewerTrack) -> None:
        """Stop sending to a track; the last one takes its place."""
        self.flush()
        place = self._places.pop(track, None)
        if place is None:
            if track in self.framed:
                self.framed.remove(track)
                track.live = False
            return
        key, row = place
        group = self._groups[key]
        moved = group.take(row)
        if moved is not None:
            self._places[moved] = (key, row)
        if not group.tracks:
            del self._groups[key]
        self._set_burst_limit()
        track.live = False
        track.extra_packets += self._packets_total - track.packets_base
        track.extra_octets += self._octets_total - track.octets_base

    def refresh(self, track: ViewerTrack) -> None:
        """Note that a track's path or codec changed."""
        if track in self._places or track in self.framed:
            self.remove(track)
            self.add(track)

    def renumber(self, track: ViewerTrack) -> None:
        """Note that a track was sent something beside the stream that took a transport-wide number."""
        place = self._places.get(track)
        if place is not None:
            key, row = place
            self._groups[key].renumber(row)

    def sent_by(self, track: ViewerTrack) -> tuple[int, int]:
        """(packets, octets) this track was sent, for its sender reports."""
        self.flush()
        packets, octets = track.extra_packets, track.extra_octets
        if track in self._places:
            packets += self._packets_total - track.packets_base
            octets += self._octets_total - track.octets_base
        return packets, octets

    def passed_to(self, track: ViewerTrack) -> int:
        """Return how many packets this track was sent since it was added last."""
        return self._packets_total - track.packets_base if track in self._places else 0

    def send(self, packet: StoredPacket) -> None:
        """Send a packet that is newer than all before it to every live viewer, at the latest with `flush`."""
        size = len(packet.payload)
        if size > MAX_PAYLOAD_BYTES:
            self._counters.drops["payload_too_long"] += 1
            return
        kind = kind_of(packet, is_numbered=self.is_numbered)
        if self._burst and not self._fits(packet, kind):
            self.flush()
        self._burst.append(packet)
        self._kind = kind
        # The kernel wants segments of one size; only the last may be shorter.
        if len(self._burst) >= self._burst_limit or size < len(self._burst[0].payload):
            self.flush()

    def _fits(self, packet: StoredPacket, kind: Kind) -> bool:
        """Whether a packet can be written together with those that wait."""
        first = self._burst[0]
        is_alike = kind == self._kind and packet.places == first.places
        return is_alike and len(packet.payload) <= len(first.payload)

    def flush(self) -> None:
        """Send the burst that waits."""
        burst = self._burst
        if not burst:
            return
        self._burst = []
        now_s = monotonic()
        if self.is_numbered:
            for packet in burst:
                packet.sent_s = now_s
        if self._again:
            self._again.retry(now_s)
        sent, refused, beside, full = self._send_groups(burst) if self._groups else (0, 0, 0, 0)
        self._packets_total += len(burst)
        self._octets_total += sum(len(packet.payload) for packet in burst)
        self._counters.totals["packets_out"] += sent
        unsent = len(self._places) * len(burst) - sent
        if sent:
            self._measure((monotonic() - now_s) / sent)
        if unsent:
            self._count_unsent(unsent, refused, beside, full)
        if self.framed:
            self._send_framed(burst)
        else:
            for packet in burst:
                self.framed.pass_over(packet)

    def _count_unsent(self, unsent: int, refused: int, beside: int, full: int) -> None:
        """Count each packet that was not sent once. Sent one by one, the socket has counted what it lost.

        What `again` keeps is not lost yet.
        """
        if refused:
            self._counters.drops["protect_refused"] += refused
        if beside:
            self._counters.drops["beside_a_refused_one"] += beside
        if full and self._again is None:
            self._counters.drops["send_buffer_full_video"] += full
        lost = unsent - refused - beside - full
        if lost and self._arena.way is not Way.ONE:
            self._counters.drops["no_route"] += lost

    def _send_groups(self, burst: list[StoredPacket]) -> tuple[int, int, int, int]:
        sent = refused = beside = full = 0
        columns = Burst(burst)
        for group in self._groups.values():
            one = group.send(columns, self._kind, self._again, gives_way=self._gives_way)
            sent, refused, beside, full = sent + one[0], refused + one[1], beside + one[2], full + one[3]
        return sent, refused, beside, full

    def _send_framed(self, burst: list[StoredPacket]) -> None:
        # The groups have had this burst: who goes back to them does so behind it.
        returning: dict[ViewerTrack, None] = {}
        for packet in burst:
            returning |= dict.fromkeys(self.framed.send(packet))
        for track in returning:
            if not track.held:
                track.history.number_from(burst[-1].sequence + 1)
                self.refresh(track)

    def send_late(self, packet: StoredPacket) -> None:
        """Send a packet that came out of order to the viewers who began before it."""
        self.flush()
        if len(packet.payload) > MAX_PAYLOAD_BYTES:
            self._counters.drops["payload_too_long"] += 1
            return
        for track in (*self._places, *self.framed):
            if packet.sequence >= track.start and not track.held:
                track.send_one(packet)

    def _measure(self, s_per_packet: float) -> None:
        self._s_per_packet += (s_per_packet - self._s_per_packet) / MEASURED_OVER
        self._set_burst_limit()

    def _set_burst_limit(self) -> None:
        """Bound what a burst holds the loop up by: 32 ms, however many viewers and however slow the machine.

        Fewer packets to a burst cost more each, so at some sizes of a room the limit moves to and fro by one.
        """
        fitting = int(BURST_LIMIT_S / (self._s_per_packet * max(1, len(self._places))))
        self._burst_limit = max(1, min(MAX_BURST, fitting)) if self._arena.way is Way.SEGMENTED else 1
