"""Which media process a viewer goes to."""

from dataclasses import dataclass, replace

import pytest

from liveshop.web.spreading import COUNTED_S, READ_AGE_S, Spreading


@dataclass(frozen=True)
class Process:
    """A media process as the registry tells it."""

    index: int
    sessions: int


def chosen(sessions: list[int], *, owner: int, limit: int, viewers: int) -> list[int]:
    """Let viewers come in the same moment; how many each process gets."""
    living = [Process(index, number) for index, number in enumerate(sessions)]
    spreading = Spreading(limit)
    got = [0] * len(living)
    for _ in range(viewers):
        got[spreading.choose(living[owner], living, 100.0).index] += 1
    return got


@pytest.mark.parametrize(
    ("sessions", "owner", "limit", "viewers", "expected"),
    [
        ([0, 0], 1, 10, 10, [0, 10]),
        ([0, 0], 1, 10, 14, [4, 10]),
        ([3, 10], 1, 10, 4, [4, 0]),
        ([9, 10, 8], 1, 10, 5, [2, 1, 2]),
        ([5], 0, 3, 7, [7]),
        ([1, 1], 0, 0, 4, [2, 2]),
        ([0, 900], 0, 10, 30, [30, 0]),
    ],
)
def test_viewers_go_to_the_owner_and_then_to_the_least_loaded(
    sessions: list[int], owner: int, limit: int, viewers: int, expected: list[int]
) -> None:
    """A storm within one moment is spread, too: the front counts those it has sent."""
    assert chosen(sessions, owner=owner, limit=limit, viewers=viewers) == expected


def test_who_was_sent_is_counted_until_the_process_says_so_itself() -> None:
    """When its figure changes, who was sent before is in it; one that stays is believed in the end."""
    owner, other = Process(0, 0), Process(1, 0)
    spreading = Spreading(3)
    assert [spreading.choose(owner, [owner, other], at_s).index for at_s in (1.0, 1.1, 1.2, 1.3)] == [
        0,
        0,
        0,
        1,
    ]
    said = replace(owner, sessions=2)  # one of the three has left again
    assert spreading.choose(said, [said, other], 1.2 + READ_AGE_S + 0.1).index == 0
    assert spreading.choose(said, [said, other], 1.8).index == 1
    assert spreading.choose(said, [said, other], 1.8 + COUNTED_S).index == 0


def test_hosts_go_to_the_least_loaded() -> None:
    """Of several that carry as little, to the first; who was just sent there counts."""
    living = [Process(0, 2), Process(1, 1), Process(2, 1)]
    spreading = Spreading(10)
    got = []
    for _ in range(4):
        got.append(spreading.least(living, 100.0).index)
        spreading.sent(got[-1], 100.0)
    assert got == [1, 2, 0, 1]
