"""Finding a person's connections among everybody's."""

from realtime.connections.connection import Connection
from realtime.connections.people import People
from realtime.connections.session import Session
from realtime.ports import Person
from realtime.room.room import Room
from realtime.settings import RoomSettings
from realtime.shapes import Role
from realtime.sockets.close_codes import CloseCode
from realtime.sockets.frames import SharedFrame
from tests.realtime.stage import SHOW, Counts

SETTINGS = RoomSettings()


class Line:
    """A way out that goes nowhere."""

    buffered_bytes = 0

    def write(self, _frame: SharedFrame) -> None:
        """Forget it."""

    def write_if_idle(self, _frame: SharedFrame) -> bool:
        """Forget it."""
        return True

    def close(self, _code: CloseCode) -> None:
        """Forget it."""

    def abort(self) -> None:
        """Forget it."""


class Watched(Connection):
    """A connection that counts when somebody looks at whose it is."""

    looked_at = 0

    def __getattribute__(self, name: str) -> object:
        if name == "session":
            Watched.looked_at += 1
        return super().__getattribute__(name)


class Here:
    """An open room as a connection knows it."""

    def __init__(self) -> None:
        self.room = Room(SHOW, SETTINGS, Counts(), lambda: 0, lambda _: None)


def came(
    people: People,
    here: Here,
    person: str,
    device: str = "de_1",
    address_key: str = "",
    *,
    role: Role = "viewer",
) -> Connection:
    """Let somebody in."""
    connection = Watched(SHOW, Session(SETTINGS, 0), Line(), lambda: 0)
    people.add(connection)
    connection.room = here  # type: ignore[assignment]  # all that is asked of it here is its room
    connection.address_key = address_key
    connection.session.admitted(Person(person, "guest", "X", device, 10**15), role, 0)
    people.admitted(connection)
    return connection


def test_a_ban_looks_at_nobody_else_s_connections() -> None:
    """However many there are; all of the person's in this room close, and none in another."""
    people, here, other = People(Counts()), Here(), Here()
    everybody = [came(people, here, f"gu_{number}") for number in range(200)]
    windows = [came(people, here, "gu_bad"), came(people, here, "gu_bad")]
    elsewhere = came(people, other, "gu_bad")
    Watched.looked_at = 0
    people.ban(here.room, "gu_bad")
    assert Watched.looked_at < 10
    assert [window.closed_with for window in windows] == [CloseCode.BANNED] * 2
    assert not any(connection.closed_with for connection in (*everybody, elsewhere))


def test_a_sign_out_closes_the_device_and_who_left_is_not_found() -> None:
    """Nothing is kept of people who are gone."""
    people, here = People(Counts()), Here()
    phone, laptop = came(people, here, "ac_mei", "de_phone"), came(people, here, "ac_mei", "de_laptop")
    people.revoke("de_phone", "ac_mei")
    assert (phone.closed_with, laptop.closed_with) == (CloseCode.SIGNED_OUT, None)
    people.discard(phone)
    people.discard(laptop)
    people.revoke("", "ac_mei")
    assert laptop.closed_with is None
    assert (people.connections, people._admitted.at("ac_mei"), people.at("de_phone")) == (set(), (), ())
