"""SRTP ends: what one protects the other opens, from whichever number it begins; and where they lie."""

import os
import subprocess
import sys
from itertools import pairwise

import pytest

from streaming.transport.srtp_native import PROFILES, Profile, Scratch, SrtpEnd, ffi

SSRC, OTHER_SSRC = 0x01020304, 0x05060708
ENDS = 200
# An end takes 4.4 KiB of its heap; pages of its own would be ten and more.
FAR_BYTES = 3 * 4096


def packet(scratch: Scratch, ssrc: int, sequence: int, payload: bytes) -> int:
    """Write an RTP packet; its length."""
    data = b"\x80\x64" + sequence.to_bytes(2, "big") + bytes(4) + ssrc.to_bytes(4, "big") + payload
    scratch.view[: len(data)] = data
    return len(data)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.openssl_name.decode())
@pytest.mark.parametrize("first", [0, 1, 0x7FFF, 0x8000, 0xFFFF])
def test_a_prepared_stream_begins_at_any_number(profile: Profile, first: int) -> None:
    """What prepared it leaves nothing behind: the peer opens all, over the wrap and for other SSRCs too."""
    key = os.urandom(profile.key_bytes + profile.salt_bytes)
    tx, rx = SrtpEnd.sending(profile, key, (SSRC,)), SrtpEnd(profile, key, inbound=True)
    fresh = SrtpEnd(profile, key, inbound=False)
    ours, theirs = Scratch(), Scratch()
    for ssrc in (SSRC, OTHER_SSRC):
        for step in range(3):
            sequence, payload = (first + step) & 0xFFFF, b"payload %d" % step
            size = tx.protect(ours, packet(ours, ssrc, sequence, payload))
            assert fresh.protect(theirs, packet(theirs, ssrc, sequence, payload)) == size > 0
            assert ours.view[:size] == theirs.view[:size]
            plain = rx.unprotect(ours, size)
            assert bytes(ours.view[12:plain]) == payload


def median_distance(*, beside: bool) -> int:
    """Make ends among 60 KB blocks of other things; bytes from one to the next."""
    litter, ends = [], []
    for _ in range(ENDS):
        key = os.urandom(PROFILES[0].key_bytes + PROFILES[0].salt_bytes)
        litter.append(ffi.new("char[]", 60_000))
        plain = not beside
        ends.append(
            SrtpEnd(PROFILES[0], key, inbound=False) if plain else SrtpEnd.sending(PROFILES[0], key, (SSRC,))
        )
    places = sorted(int(ffi.cast("uintptr_t", end.context)) for end in ends)
    return sorted(later - earlier for earlier, later in pairwise(places))[ENDS // 2]


def test_sending_ends_lie_beside_each_other() -> None:
    """However much else is allocated between them; made among it, they lie far apart.

    In a process of its own: in this one, what other tests freed has room for anything.
    """
    measure = "from tests.streaming.transport.test_srtp import median_distance as m; "
    command = [sys.executable, "-c", measure + "print(m(beside=True), m(beside=False))"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    beside, among = map(int, answer.stdout.split())
    assert beside < FAR_BYTES < among
