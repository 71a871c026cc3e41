"""A ban of a device or an address finds its own connections among thousands."""

import asyncio

from realtime.connections.connection import Connection
from realtime.connections.people import People
from realtime.moderation.neighbours import CLOSED_SLICE_TOTAL, close_at
from realtime.sockets.close_codes import CloseCode
from tests.realtime.connections.test_people import Here, Watched, came
from tests.realtime.stage import Counts


def _closed(connections: list[Connection]) -> list[CloseCode | None]:
    return [one.closed_with for one in connections]


async def test_a_ban_looks_only_at_those_it_concerns() -> None:
    """Those at the device and the address, of whom staff and people of other rooms stay."""
    people, here, other = People(Counts()), Here(), Here()
    everybody = [
        came(people, here, f"gu_{number}", f"de_{number}", f"ak_{number}") for number in range(2_000)
    ]
    at_device = [came(people, here, f"gu_d{number}", "de_bad", f"ak_d{number}") for number in range(3)]
    at_address = [came(people, here, f"gu_a{number}", f"de_a{number}", "ak_bad") for number in range(20)]
    elsewhere = came(people, other, "gu_other", "de_bad", "ak_bad")
    staff = came(people, here, "ac_mod", "de_mod", "ak_bad", role="moderator")
    gone = came(people, here, "gu_gone", "de_bad", "ak_bad")
    people.discard(gone)
    Watched.looked_at = 0
    await close_at(people, here.room, ["de_bad", "ak_bad"])
    assert Watched.looked_at <= 3 * (len(at_device) + len(at_address) + 2)
    assert set(_closed(at_device + at_address)) == {CloseCode.BANNED}
    assert set(_closed([*everybody, elsewhere, staff, gone])) == {None}


async def test_a_whole_school_is_closed_in_slices() -> None:
    """Others get their turn in between."""
    people, here = People(Counts()), Here()
    school = [
        came(people, here, f"gu_{number}", f"de_{number}", "ak_school")
        for number in range(3 * CLOSED_SLICE_TOTAL)
    ]
    closing = asyncio.create_task(close_at(people, here.room, ["ak_school"]))
    await asyncio.sleep(0)
    assert 0 < _closed(school).count(CloseCode.BANNED) <= CLOSED_SLICE_TOTAL
    await closing
    assert set(_closed(school)) == {CloseCode.BANNED}
