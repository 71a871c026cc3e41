"""`check` asks STUN and TURN servers whether they answer and take our credentials."""

from liveshop.check.turn_aioice import check_ice_servers
from streaming.turn import IceServers
from tests.turn_server import turn_server


async def test_a_turn_server_with_our_secret_is_fine() -> None:
    """A relay address is taken and given back, over UDP and over TCP; STUN is asked too."""
    async with turn_server() as turn:
        tcp = turn.url.replace("udp", "tcp")
        stun = f"stun:127.0.0.1:{turn.port}"
        found = await check_ice_servers(IceServers((turn.url, tcp, stun), turn.secret))
        assert [(one.mark, one.sentence) for one in found] == [
            ("ok", f"{turn.url} gives a relay address."),
            ("ok", f"{tcp} gives a relay address."),
            ("ok", f"{stun} answers."),
        ]


async def test_another_secret_is_a_fault() -> None:
    """The sentence names the setting."""
    async with turn_server() as turn:
        (found,) = await check_ice_servers(IceServers((turn.url,), "another secret"))
    assert found.mark == "fault"
    assert "refuses credentials made from LIVESHOP_TURN_SECRET: 401" in found.sentence


async def test_a_server_that_is_not_there_is_a_fault() -> None:
    """Refused at once, over TCP."""
    async with turn_server() as turn:
        url = turn.url.replace("udp", "tcp")
    (found,) = await check_ice_servers(IceServers((url,), turn.secret))
    assert found.mark == "fault"
    assert "cannot be reached" in found.sentence


async def test_nothing_set_is_nothing_to_say() -> None:
    """Most installations need no TURN server."""
    assert await check_ice_servers(IceServers()) == []
