"""The demo show's sound: a soft bell on every second over a quiet chord, as one loop of samples.

Pure. The loop is a whole number of seconds long and begins on a second, so a sample's place in it follows
from the clock alone, also after a reconnect.
"""

from array import array
from math import exp, pi, sin

SAMPLES_PER_S = 48_000
LOOP_S = 8
BELL_HZ = 1_000.0
BELL_S = 0.25
BELL_LEVEL = 0.32
CHORD_LEVEL = 0.012
# Four chords of two seconds, in hertz: C, a minor, F, G. Quiet enough that the bell stands out alone. Even
# numbers, so that half a second holds whole waves and only that much has to be computed.
CHORDS_HZ = ((130, 196, 330), (110, 220, 330), (174, 220, 262), (98, 196, 294))
_FULL_SCALE = 32_767


def loop_samples() -> "array[int]":
    """Make the loop: `LOOP_S` seconds of 16-bit mono samples at 48 kHz."""
    chord_s = LOOP_S / len(CHORDS_HZ)
    bell = _bell()
    samples = array("h")
    for chord in CHORDS_HZ:
        samples.extend(_chord(chord, round(chord_s * SAMPLES_PER_S)))
    for second in range(LOOP_S):
        start = second * SAMPLES_PER_S
        for offset, value in enumerate(bell):
            samples[start + offset] += value
    return samples


def stereo_bytes(mono: "array[int]") -> bytes:
    """Put the same samples on both channels, interleaved, little-endian as FFmpeg's s16 on this machine."""
    both = array("h", bytes(len(mono) * 4))
    both[0::2] = mono
    both[1::2] = mono
    return both.tobytes()


def _bell() -> list[int]:
    """One stroke: two partials, 3 ms of attack against the click, then an exponential decay."""
    values = []
    for number in range(round(BELL_S * SAMPLES_PER_S)):
        at_s = number / SAMPLES_PER_S
        envelope = min(1.0, at_s / 0.003) * exp(-at_s / 0.05)
        tone = 0.8 * sin(2 * pi * BELL_HZ * at_s) + 0.2 * sin(2 * pi * 2 * BELL_HZ * at_s)
        values.append(round(_FULL_SCALE * BELL_LEVEL * envelope * tone))
    return values


def _chord(tones_hz: tuple[int, ...], count: int) -> list[int]:
    """One chord that swells and fades, so that the next one begins in silence."""
    half_s = SAMPLES_PER_S // 2
    level = _FULL_SCALE * CHORD_LEVEL
    steps = [2 * pi * tone_hz / SAMPLES_PER_S for tone_hz in tones_hz]
    waves = [level * sum(sin(step * number) for step in steps) for number in range(half_s)]
    return [round(sin(pi * number / count) * waves[number % half_s]) for number in range(count)]
