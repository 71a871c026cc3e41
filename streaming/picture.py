"""The picture of one show: one layer or several, and which of them each viewer gets.

A publisher that sends simulcast (RFC 8853) sends one stream a layer; a scalable stream (SVC) is taken apart
by `streaming.spatial_layers`. Each layer is a `Stream` of its own; every viewer sits in one of them. To
change is to ask the target for a key frame and to come over with it (see `streaming.narrow_lines` for those
who get none):

    in a layer --choice--> in the old one until the new one's key frame --> in the new layer
                   '--urgent: without a picture until then--------------'

Numbers go on without a gap, but for one after a frame that was cut, and times are moved by the difference
the layers' sender reports tell (`bandwidth.switch`). As long as there is one layer there is nothing to choose
but between it and sound alone: packets carry no transport-wide numbers, viewers send no feedback, who reports
no heavy loss costs nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from streaming.bandwidth.layer_choice import Choice
from streaming.bandwidth.layer_meter import Layer, LayerMeter
from streaming.codecs import Codec
from streaming.counters import Counters
from streaming.landing import land_times
from streaming.left_out import LeftOut
from streaming.narrow_lines import NarrowLines
from streaming.rtp.dependency_descriptor import FrameLine
from streaming.rtp.packet import RtpPacket
from streaming.rtp.ring import StoredPacket
from streaming.rtp.rtcp import Nack
from streaming.seats import Seat
from streaming.settings import Limits
from streaming.source import Source
from streaming.stream import Stream
from streaming.tap import Tap
from streaming.tapped_layer import TappedLayer
from streaming.transport.batch_native import Arena
from streaming.viewer_numbers import OVERHEAD_BYTES
from streaming.viewer_track import ViewerTrack

DECIDE_S = 0.2
FULL_STREAM_AS_LOSS = 0.15


@dataclass(slots=True)
class _LayerState:
    """What is known of one layer."""

    stream: Stream
    meter: LayerMeter = field(default_factory=LayerMeter)


class Picture:
    """All layers of one show's picture. Offers what a `Stream` offers; times are monotonic seconds."""

    kind = "video"

    def __init__(
        self,
        arena: Arena,
        counters: Counters,
        sound_bits_per_s: Callable[[], float],
        limits: Limits | None = None,
    ) -> None:
        self._arena = arena
        self._counters = counters
        self._limits = limits or Limits()
        self._narrow = NarrowLines(counters, self._limits.udp_slow_s)
        self._narrow_due_s = 0.0
        self._sound_bits_per_s = sound_bits_per_s
        self._layers = [self._new_layer()]
        self._seats: dict[ViewerTrack, Seat] = {}
        self._order: list[int] = [0]
        self._tapped = TappedLayer(self._layers[0].stream)
        self._frames = FrameLine()
        self._left_out = LeftOut()
        # What the layers carry, in order, and when that was read.
        self._figures_now: list[Layer] = []
        self._sound_now = 0.0
        self._needs_descriptors = False
        self._figures_s: float | None = None

    @property
    def layers(self) -> list[Stream]:
        """The layers, in the publisher's order; a show without simulcast has one."""
        return [layer.stream for layer in self._layers]

    def metered(self, now_s: float) -> list[tuple[Stream, Layer]]:
        """Return the layers that have a publisher, in its order, with what each carries."""
        return [(one.stream, one.meter.read(now_s)) for one in self._layers if one.stream.source]

    @property
    def is_layered(self) -> bool:
        """Whether there is something to choose."""
        return len(self._order) > 1

    @property
    def live_codec(self) -> str | None:
        """The codec now published."""
        return next(
            (one.live_codec for one in self.layers if one.source and one.live_codec), self._home.live_codec
        )

    @property
    def source(self) -> Source | None:
        """The publisher's stream of the lowest layer that has one."""
        return next((one.source for one in self.layers if one.source), None)

    @property
    def tapped_source(self) -> Source | None:
        """The publisher's stream of the layer that taps get; each layer has RTP times of its own."""
        return self._tapped.stream.source

    @property
    def replaying(self) -> bool:
        """Whether `step_replays` has work."""
        return any(one.replaying_total > 0 for one in self.layers)

    @property
    def is_busy(self) -> bool:
        """Whether something is under way that needs a tick every 20 ms: a choice, or a wait for a picture."""
        return len(self._layers) > 1 or any(
            one.requests.wanted or one.waiting_total or one.replaying_total or len(one.fanout.framed)
            for one in self.layers
        )

    def seat(self, track: ViewerTrack) -> Seat | None:
        """Return a viewer's place."""
        return self._seats.get(track)

    def layer_of(self, track: ViewerTrack) -> Stream:
        """Return the layer whose packets a viewer gets, or got last."""
        seat = self._seats.get(track)
        return self._home if seat is None or seat.at is None else seat.at

    def set_taps(self, taps: list[Tap]) -> None:
        """Let consumers have the best layer there is."""
        self._tapped.set_taps(taps)

    # --- the publisher's side

    def push(self, source: Source, extended: int, packet: RtpPacket, codec: Codec, now_s: float) -> None:
        """Take one packet of the publisher and forward it to the viewers of its layer, or layers."""
        if self._left_out and not self._goes_on(source, extended, packet, codec, now_s):
            self._counters.drops["awaiting_key_frame"] += 1
            return
        if source.spatial is None:
            self._take(source, extended, packet, codec, now_s)
            return
        for part in source.spatial.take(extended, packet, now_s):
            line = source.line(part.layer)
            self._take(line, part.number, part.packet, source.codecs[part.packet.payload_type], now_s)
            if part.size is not None:
                self._layers[part.layer].stream.picture_size = part.size

    def _goes_on(self, source: Source, extended: int, packet: RtpPacket, codec: Codec, now_s: float) -> bool:
        """Whether a stream goes on with this packet; after something was left out only with a key frame."""
        if source not in self._left_out:
            self._left_out.supersede(source)
            return True
        if not self._left_out.ends_with(source, extended, packet, codec):
            self.leave_out(source, extended, packet, codec, now_s)
            return False
        if source.spatial is not None:
            source.spatial.skip_to(extended)
        for layer in self._layers if source.spatial is not None else [self._layer_of(source)]:
            layer.stream.skip()
        return True

    def _layer_of(self, source: Source) -> _LayerState:
        while len(self._layers) <= source.layer:
            self._layers.append(self._new_layer())
        return self._layers[source.layer]

    def _take(self, source: Source, extended: int, packet: RtpPacket, codec: Codec, now_s: float) -> None:
        layer = self._layer_of(source)
        before = layer.stream.highest
        descriptor = self._frames.place(source.descriptor(packet))
        layer.stream.push(source, extended, packet, codec, now_s, descriptor)
        if layer.stream.highest != before:  # repeats do not count, such as a browser's probes of its line
            layer.meter.note(now_s, len(packet.payload) + OVERHEAD_BYTES)

    def flush(self) -> None:
        """Send what waits for more packets."""
        for stream in self.layers:
            stream.fanout.flush()

    def leave_out(self, source: Source, extended: int, packet: RtpPacket, codec: Codec, now_s: float) -> None:
        """Note that this packet, which came at `now_s`, was dropped: its stream goes on with a key frame.

        No viewer is taken out meanwhile, none asks for what it does not get, and no layer ends for it.
        """
        layer = self._layer_of(source)
        layer.stream.viewer_wants_key_frame()
        is_newest = self._left_out.note(source, extended, packet, codec)
        if source.spatial is not None and source.spatial.has_begun:
            for one in self._layers:  # whose it was, is not known
                one.meter.hold(now_s)
        elif is_newest:
            layer.meter.note(now_s, len(packet.payload) + OVERHEAD_BYTES)

    def began_anew(self, source: Source) -> None:
        """Note that a stream goes on with other numbers."""
        self._left_out.forget(source)

    def drop_source(self) -> None:
        """Note that the publisher is gone; the next one may have other layers."""
        for layer in self._layers:
            layer.stream.drop_source()
            layer.meter = LayerMeter()
        self._left_out.clear()
        self._frames.restart()
        self._narrow.hear_nothing()
        self._set_order([0])
        for seat in self._seats.values():
            seat.going = None
            if seat.at is not self._home:
                self._sit(seat, self._home, 0.0)

    def key_frames_due(self, now_s: float) -> list[Source]:
        """Return the streams to ask the publisher for a key frame of; each counts as asked.

        A layer that flows no more is not asked for: browsers answer with key frames of all the others.
        """
        due = []
        for index in self._order:
            stream = self._layers[index].stream
            source = self._left_out.waiting_in(index) or stream.source
            if source is not None and stream.requests.due(now_s):
                due.append(source)
        return due

    def viewer_wants_key_frame(self) -> None:
        """Note that somebody needs a key frame, of every layer."""
        for stream in self.layers:
            stream.viewer_wants_key_frame()

    def viewer_lost_picture(self, track: ViewerTrack, now_s: float) -> None:
        """Take a viewer's picture loss indication, of the layer it gets; who is held gets none."""
        if track.held and track.is_full:
            self._counters.drops["key_frame_not_for_held"] += 1
            return
        self.layer_of(track).viewer_lost_picture(track, now_s)

    # --- viewers

    def add_viewer(self, track: ViewerTrack, now_s: float) -> None:
        """Note that a viewer's keys are ready."""
        first = self._layers[self._order[0]].stream
        seat = self._seats[track] = Seat(track, first, decide_due_s=now_s + DECIDE_S)
        track.connection.on_feedback = seat.keep_sealed
        self._note_numbers(seat)
        if self.is_layered:
            first = seat.at = self._choose(seat, now_s) or first
        first.add_viewer(track, now_s)

    def remove_viewer(self, track: ViewerTrack) -> None:
        """Note that a viewer left."""
        seat = self._seats.pop(track, None)
        self._narrow.forget(track)
        if seat is not None and seat.at is not None:
            seat.at.remove_viewer(track)

    def refresh(self, track: ViewerTrack) -> None:
        """Note that a viewer's path changed; what goes over a stream carries no numbers to report on."""
        seat = self._seats.get(track)
        if seat is not None:
            self._note_numbers(seat)
            if track.is_stream:
                seat.end_numbers()
        self.layer_of(track).fanout.refresh(track)

    def sent_by(self, track: ViewerTrack) -> tuple[int, int]:
        """(packets, octets) a viewer was sent, for its sender reports."""
        return self.layer_of(track).fanout.sent_by(track)

    def answer_nack(self, track: ViewerTrack, nack: Nack, now_s: float) -> None:
        """Repeat what a viewer misses, of whichever layer it was."""
        self.layer_of(track).answer_nack(track, nack, now_s)

    def take_feedback(self, track: ViewerTrack, body: bytes, now_s: float) -> None:
        """Take a viewer's transport-wide feedback. It is read before the next decision, which it is for."""
        seat = self._seats.get(track)
        if seat is None or not self.is_layered:
            return
        seat.keep_feedback(body, now_s, self._counters)

    def take_estimate(self, track: ViewerTrack, bits_per_s: float, now_s: float) -> None:
        """Take a viewer's own estimate (REMB)."""
        seat = self._seats.get(track)
        if seat is not None and self._is_led(track):
            seat.bandwidth.on_receiver_estimate(now_s, bits_per_s, self._sent_bits_per_s(seat, now_s))

    def take_loss(self, track: ViewerTrack, lost_share: float, now_s: float) -> None:
        """Take what a viewer's receiver report says of its picture."""
        seat = self._seats.get(track)
        if seat is None or self.source is None:
            return
        if not self.is_layered:
            self._narrow.note_loss(track, lost_share, now_s)
        if self._is_led(track) and not (seat.bandwidth.has_feedback and seat.bandwidth.layer is not None):
            seat.bandwidth.on_loss(now_s, lost_share, self._sent_bits_per_s(seat, now_s))

    def take_sound_loss(self, track: ViewerTrack, lost_share: float, now_s: float) -> None:
        """Take what a picture's viewer reports of its sound, which is all it gets when the line is narrow."""
        seat = self._seats.get(track)
        if seat is not None and track.is_narrow:
            self._narrow.note_sound_loss(track, lost_share, now_s)
            seat.bandwidth.on_loss(now_s, lost_share, self._sent_bits_per_s(seat, now_s))

    def _is_led(self, track: ViewerTrack) -> bool:
        """Whether there is something to choose for a viewer."""
        return self.is_layered or track in self._narrow

    # --- time

    def tick(self, now_s: float) -> None:
        """Call every 20 ms or so while it `is_busy`, at least every 60 ms."""
        for stream in self.layers:
            if stream.waiting_total or stream.fanout.framed.wants_key_frame:
                stream.viewer_wants_key_frame()
            stream.help_waiting(now_s)
        if len(self._layers) > 1:
            self._follow_layers(now_s)
        if now_s >= self._narrow_due_s:
            self._narrow_due_s = now_s + DECIDE_S
            self._narrow.tick(now_s)
        for seat in self._busy(now_s):  # a list: hosts are heard meanwhile
            if seat.going is not None:
                seat.going.viewer_wants_key_frame()
            if now_s >= seat.decide_due_s:
                # Turns stay apart, however late one is: all at once they would hold up the sound.
                seat.decide_due_s += DECIDE_S * (1 + (now_s - seat.decide_due_s) // DECIDE_S)
                self._arena.between_runs()
                self._decide(seat, now_s)
            seat.send_probe_slice(now_s)

    def _led(self) -> list[Seat]:
        """Return the viewers for whom there is something to choose."""
        if self.is_layered:
            return list(self._seats.values())
        return [self._seats[track] for track in self._narrow.watched()]

    def _busy(self, now_s: float) -> list[Seat]:
        """Return those of them for whom there is something to do: a look at hundreds must cost little."""
        return [
            seat
            for seat in self._led()
            if seat.decide_due_s <= now_s or seat.going is not None or seat.probe is not None
        ]

    def step_replays(self, until_s: float) -> None:
        """Send the next slice to a viewer of each layer that is catching up, to more while there is time."""
        for stream in self.layers:
            if stream.replaying_total:
                stream.step_replays(until_s)

    # --- which layers there are

    @property
    def _home(self) -> Stream:
        return self._layers[0].stream

    def _new_layer(self) -> _LayerState:
        stream = Stream("video", self._arena, self._counters, self._limits)
        stream.on_key_frame = self._come_over
        return _LayerState(stream)

    def _follow_layers(self, now_s: float) -> None:
        """Keep the layers that flow in order, the smallest picture first."""
        flowing = [i for i, one in enumerate(self._layers) if one.meter.read(now_s).bits_per_s > 0]
        order = sorted(flowing, key=self._area)
        if order and order != self._order:
            self._set_order(order)
            self._leave_dead_layers(now_s)
            self._renumber_choices()

    def _area(self, index: int) -> tuple[int, int]:
        """Sort layers by size; those that tell none stay in the publisher's order."""
        width, height = self._layers[index].stream.picture_size or (0, 0)
        return width * height, index

    def _renumber_choices(self) -> None:
        places = {id(self._layers[index].stream): place for place, index in enumerate(self._order)}
        for seat in self._seats.values():
            seat.bandwidth.renumber(places.get(id(seat.going or seat.at)))

    def _set_order(self, order: list[int]) -> None:
        if len(order) == 1 < len(self._order):
            for seat in self._seats.values():
                seat.end_numbers()
        self._order, self._figures_s = order, None
        for seat in self._seats.values():
            self._note_numbers(seat)
        flowing = [self._layers[index] for index in order]
        for layer in self._layers:
            layer.stream.fanout.flush()
            layer.stream.fanout.is_numbered = len(order) > 1
            if layer not in flowing:
                layer.stream.requests.forget()
        self._tapped.follow([layer.stream for layer in flowing])

    def _note_numbers(self, seat: Seat) -> None:
        """Note whether a viewer's packets carry transport-wide numbers now."""
        seat.wants_feedback = self.is_layered and not seat.track.is_stream

    def _leave_dead_layers(self, now_s: float) -> None:
        alive = [self._layers[index].stream for index in self._order]
        for seat in self._seats.values():
            if seat.going is not None and seat.going not in alive:
                seat.going = None
            # Where one layer is left, nobody waits between layers for another.
            lost = seat.at not in alive and seat.going is None
            if lost or (len(alive) == 1 and seat.at is not alive[0]):
                self._sit(seat, alive[0], now_s)
            elif seat.at is not None and seat.at not in alive:
                self._sit(seat, None, now_s, going=seat.going)

    # --- who gets which

    def _figures(self, seat: Seat, now_s: float) -> list[Layer]:
        """Return what the layers carry that a viewer can decode: those up to the first it cannot."""
        if self._figures_s != now_s:
            self._figures_s = now_s
            self._figures_now = [self._layers[index].meter.read(now_s) for index in self._order]
            self._sound_now = self._sound_bits_per_s()
            self._needs_descriptors = any(one.needs_descriptors for one in self.layers)
        if self._needs_descriptors and not seat.track.reads_descriptors:
            for place, index in enumerate(self._order):
                if place and self._layers[index].stream.needs_descriptors:
                    return self._figures_now[:place]
        return self._figures_now

    def _sent_bits_per_s(self, seat: Seat, now_s: float) -> float:
        sees = seat.at is not None and not seat.track.held
        layer = next((one for one in self._layers if sees and one.stream is seat.at), None)
        return self._sound_bits_per_s() + (layer.meter.read(now_s).bits_per_s if layer else 0.0)

    def _choose(self, seat: Seat, now_s: float) -> Stream | None:
        figures = self._figures(seat, now_s)
        choice = seat.bandwidth.decide(now_s, now_s, figures, self._sound_now).choice
        return None if choice.layer is None else self._layers[self._order[choice.layer]].stream

    def _decide(self, seat: Seat, now_s: float) -> None:
        if not seat.read_feedbacks(self._counters):
            return
        if seat.track.is_stream and seat.track.is_full:  # a slow TCP stream loses nothing, it falls behind
            seat.bandwidth.on_loss(now_s, FULL_STREAM_AS_LOSS, self._sent_bits_per_s(seat, now_s))
        newest = None if seat.at is None else seat.at.newest
        sent_s = newest[1] if newest is not None and not seat.track.held else float("-inf")
        if seat.track.held and not seat.track.is_full:  # let go, and its key frame is still to come
            seat.bandwidth.postpone(now_s)
        figures = self._figures(seat, now_s)
        decision = seat.bandwidth.decide(now_s, sent_s, figures, self._sound_now)
        self._follow(seat, decision.choice, now_s)
        if decision.probe is not None:
            seat.begin_probe(decision.probe)

    def _follow(self, seat: Seat, choice: Choice, now_s: float) -> None:
        if choice.layer is not None and seat.track.is_narrow:
            self._narrow.let_go(seat.track, now_s)
        elif choice.layer is None and self._narrow.hold(seat.track, now_s) and seat.at is not None:
            seat.at.fanout.refresh(seat.track)
        # Where not even the lowest layer fits it stays in that, held.
        index = min(choice.layer or 0, len(self._order) - 1)
        target = self._layers[self._order[index]].stream
        if target is seat.at:
            seat.going = None
            return
        if target is not seat.going:
            seat.going, seat.asked_again = target, False
            self._counters.totals["layer_switches_wanted"] += 1
        if choice.urgent and seat.at is not None:
            self._sit(seat, None, now_s, going=target)

    def _sit(self, seat: Seat, stream: Stream | None, now_s: float, *, going: Stream | None = None) -> None:
        """Take a viewer out of its layer at once; in another one its picture begins with a key frame."""
        if seat.at is not None:
            seat.at.release(seat.track)
        seat.at, seat.going = stream, going
        if stream is not None:
            stream.take_over(seat.track, now_s)

    def _come_over(self, target: Stream, first: StoredPacket, now_s: float) -> None:
        """Take those who waited for this layer's key frame."""
        self._tapped.take_key_frame(target, first)
        if not self.is_layered:
            return
        for seat in self._seats.values():
            if seat.going is not target:
                continue
            if not land_times(seat, self.layers, target, first):
                continue
            self._sit(seat, target, now_s)
            self._counters.totals["layer_switches"] += 1
