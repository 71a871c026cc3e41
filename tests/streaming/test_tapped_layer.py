"""Which layer taps get when layers come and go: the picture goes on, from a key frame of the better one."""

from collections.abc import Iterator

import pytest

from streaming.rtp.ring import StoredPacket
from streaming.tap import Tap
from tests.streaming.studio import DELTA, FRAME_S, SILENCE_S, Studio


class Recorder(Tap):
    """A tap without a thread: what it is handed, by the width of the layer it comes from."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.numbers: list[tuple[int, bool]] = []

    def packet(self, kind: str, packet: StoredPacket) -> None:
        """Keep its number, and whether it begins a key frame."""
        del kind
        self.numbers.append((packet.sequence, packet.starts_key_frame))

    def restart(self, kind: str, first: int) -> None:
        """Keep where another line begins."""
        del kind
        self.starts.append(first)
        self.numbers.clear()


def play(studio: Studio, *layers: int, seconds: float, deaf: bool = False) -> list[int]:
    """Frames of these layers and the key frames that are asked for; returns how many of each layer were."""
    asked, key = [0] * len(studio.widths), False
    for _ in range(round(seconds / FRAME_S)):
        studio.frame(*layers, key=key)
        due = studio.picture.key_frames_due(studio.now_s)
        for source in due:
            asked[source.layer] += 1
        key = bool(due) and not deaf
    return asked


@pytest.fixture
def studio() -> Iterator[Studio]:
    """A publisher of a small picture and a large one."""
    made = Studio(320, 1280)
    yield made
    made.close()


@pytest.fixture
def recorder(studio: Studio) -> Recorder:
    """One tap of a show that nobody watches."""
    made = Recorder()
    studio.picture.set_taps([made])
    return made


def test_a_better_layer_is_taken_with_its_key_frame(studio: Studio, recorder: Recorder) -> None:
    """Until then the one at hand goes on; the new one begins with the first packet of its key frame."""
    studio.frame(0, key=True)
    play(studio, 0, seconds=2)
    # Its own key frame comes with its very first packet, before anybody knows that it flows.
    studio.frame(1, key=True)
    asked = play(studio, 0, 1, seconds=0.4, deaf=True)
    assert asked[1] == 1
    assert len(recorder.starts) == 1  # the beginning of the show
    assert len(recorder.numbers) > 30
    play(studio, 0, 1, seconds=2)
    assert len(recorder.starts) == 2
    first, *others = recorder.numbers
    assert first == (recorder.starts[1], True)
    assert len(others) > 10
    assert [number for number, _ in others] == list(range(first[0] + 1, first[0] + 1 + len(others)))


def test_a_layer_that_ends_is_left_at_once_and_a_key_frame_asked_for(
    studio: Studio, recorder: Recorder
) -> None:
    """A browser sends none by itself: there would be sound alone from then on."""
    studio.frame(0, 1, key=True)
    play(studio, 0, 1, seconds=4)
    starts = len(recorder.starts)
    asked = play(studio, 0, seconds=SILENCE_S, deaf=True)
    assert (len(recorder.starts), asked) == (starts + 1, [2, 0])
    recorder.numbers.clear()
    play(studio, 0, seconds=1.5)
    assert any(is_key for _, is_key in recorder.numbers)


def test_what_was_left_out_is_a_start_for_a_tap(studio: Studio, recorder: Recorder) -> None:
    """It would wait for the number that stays free after a cut frame, and ask for one more key frame."""
    studio.frame(0, key=True)
    studio.packet(0, DELTA, marker=False)
    starts = len(recorder.starts)
    studio.leave_out(0)
    studio.now_s += FRAME_S
    studio.frame(0, key=True)
    studio.frame(0)
    first = recorder.starts[-1]
    assert len(recorder.starts) == starts + 1
    assert recorder.numbers == [(first, True), (first + 1, False)]


def test_without_taps_nobody_is_asked(studio: Studio) -> None:
    """Key frames cost the host's line."""
    studio.frame(0, key=True)
    assert play(studio, 0, seconds=2, deaf=True) == [0, 0]
    studio.frame(1, key=True)
    assert play(studio, 0, 1, seconds=2, deaf=True) == [0, 0]
    assert play(studio, 0, seconds=SILENCE_S, deaf=True) == [0, 0]
