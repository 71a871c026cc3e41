"""The numbers in VP8's and VP9's payloads: where they are, and how they go on for a viewer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.rtp.picture_numbers import Numbers, Places, add, find_places, go_on, read_numbers, renumbered

BODY = b"\x9d picture"


@pytest.mark.parametrize(
    ("codec", "head", "places", "numbers"),
    [
        ("VP8", "90e0 8f10 2a 60", (2, 2, 4), (0x0F10, 0x2A)),  # as Chromium's simulcast: I, L and T
        ("VP8", "90e0 71 2a 60", (2, 1, 3), (0x71, 0x2A)),
        ("VP8", "9080 ffff", (2, 2, 0), (0x7FFF, 0)),  # one layer in time
        ("VP9", "bc 8f10 00 2a", (1, 2, 0), (0x0F10, 0)),  # flexible: references are named
        ("VP9", "ac 8f10 00 2a", (1, 2, 4), (0x0F10, 0x2A)),
        ("VP9", "ac 71 00 2a", (1, 1, 3), (0x71, 0x2A)),
    ],
)
def test_numbers_are_found(
    codec: str, head: str, places: tuple[int, int, int], numbers: tuple[int, int]
) -> None:
    """Of one byte or two, with the base layer's or without."""
    payload = bytes.fromhex(head) + BODY
    found = find_places(codec, payload)
    assert found == Places(*places)
    assert read_numbers(payload, found) == Numbers(*numbers)


@pytest.mark.parametrize(
    ("codec", "head"),
    [
        ("VP8", "10"),
        ("VP8", "9020 60"),
        ("VP8", "9040 2a"),
        ("VP9", "0c"),
        ("AV1", "90e08f102a"),
        ("OPUS", "90e08f"),
    ],
)
def test_what_has_no_number_stays_as_it_is(codec: str, head: str) -> None:
    """A publisher need not number its pictures."""
    assert find_places(codec, bytes.fromhex(head) + BODY) is None


@given(codec=st.sampled_from(["VP8", "VP9"]), payload=st.binary(max_size=8))
def test_places_lie_within_whatever_comes(codec: str, payload: bytes) -> None:
    """Anything may stand in a publisher's packet."""
    places = find_places(codec, payload)
    if places is not None:
        moved = renumbered(payload, places, Numbers(5, 7))
        assert len(moved) == len(payload)
        assert find_places(codec, moved) == places


LONG = Places(2, 2, 4)


@given(last=st.tuples(st.integers(0, 0x7FFF), st.integers(0, 0xFF)), first=st.binary(min_size=3, max_size=3))
def test_numbers_go_on_by_one(last: tuple[int, int], first: bytes) -> None:
    """Wherever both stand, and over their ends; all else stays."""
    payload = b"\x90\xe0" + bytes((first[0] | 0x80,)) + first[1:] + BODY
    moved = renumbered(payload, LONG, go_on(Numbers(*last), read_numbers(payload, LONG)))
    assert read_numbers(moved, LONG) == add(Numbers(*last), Numbers(1, 1))
    assert (moved[:2], moved[5:]) == (payload[:2], payload[5:])


def test_a_short_number_stays_short() -> None:
    """127 is followed by 0; the bit that would say that there is another byte stays clear."""
    payload = bytes.fromhex("90e0 7f 2a 60") + BODY
    moved = renumbered(payload, Places(2, 1, 3), Numbers(1, 0))
    assert moved == bytes.fromhex("90e0 00 2a 60") + BODY
