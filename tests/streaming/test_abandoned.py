"""Sessions that are opened and abandoned at every stage give back what they took.

Time is handed in; `make abuse` waits for the real limits with a thousand of them.
"""

from dataclasses import replace
from time import monotonic

import httpx
import pytest

from streaming.peers import Publisher, Session, Viewer
from streaming.relay import Relay
from streaming.settings import Limits
from streaming.source import Source
from streaming.transport import connection
from streaming.transport.connection import Connection
from streaming.transport.dtls_crypto import DtlsEnd
from streaming.transport.path_tcp import TcpPath
from streaming.transport.srtp_native import SrtpEnd
from streaming.viewer_track import ViewerTrack
from tests.streaming.abandoning import STAGES, open_and_abandon, speaking
from tests.streaming.leaks import LeakError, living, must_return_to
from tests.streaming.media_server import LOOPBACK, media_server
from tests.streaming.raw_peer import publisher, viewer
from tests.waiting import until

pytestmark = pytest.mark.together

NUMBER = 16 * len(STAGES)
KINDS = (Connection, Session, DtlsEnd, SrtpEnd, ViewerTrack, Viewer, Publisher, Source, TcpPath)
LONG_S = 1000
CONNECTED = ("connected", "on the air, or watching", "restarting ICE")
OPEN_HANDED = replace(
    LOOPBACK,
    limits=Limits(
        offers_per_minute=9 * NUMBER, tcp_unproven=NUMBER, tcp_unproven_per_address=NUMBER, tcp_proof_s=LONG_S
    ),
)


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """No limit of time is reached by itself, however slow the machine."""
    monkeypatch.setattr(connection, "HANDSHAKE_LIMIT_S", LONG_S)
    monkeypatch.setattr(connection, "SILENCE_LIMIT_S", LONG_S)


def let_time_pass(relay: Relay, spared: set[str]) -> None:
    """Tell every connection but those of the spared secrets that all limits of time are over."""
    later_s = monotonic() + LONG_S + 1
    for secret, session in list(relay.sessions.by_secret.items()):
        if secret not in spared:
            session.connection.tick(later_s)
    relay.tcp.tick(later_s)
    relay.tcp._tick_due_s = 0.0


def tables(relay: Relay) -> dict[str, float]:
    """How full everything is that has an entry for each session."""
    admission, demux = relay.sessions.admission, relay.demux
    streams = [one for show in relay._shows.values() for one in (show.sound, *show.picture.layers)]
    full = {name: value for name, value in relay.gauges().items() if not name.endswith("_per_s")}
    return full | {
        "places": len(admission._places),
        "by address": sum(admission._by_address.values()) + len(admission._by_address),
        "viewers by show": sum(admission._viewers.values()) + len(admission._viewers),
        "dtls of peers": len(demux._waiting),
        "known viewers": len(relay.sessions.viewers),
        "seats": sum(len(show.picture._seats) for show in relay._shows.values()),
        "rows": sum(len(stream.fanout._places) for stream in streams),
        "groups": sum(len(stream.fanout._groups) for stream in streams),
        "tracks": sum(len(stream._tracks) + stream.replaying_total for stream in streams),
        "turns": sum(len(show._report_turns) for show in relay._shows.values()),
        "learned": sum(len(one.by_address) for one in relay.udp.sockets),
    }


async def test_what_is_abandoned_at_any_stage_is_given_back(patience: None) -> None:
    """Tables and objects are as before; who stayed still sees and hears."""
    async with (
        media_server(OPEN_HANDED) as server,
        httpx.AsyncClient(base_url=server.url, verify=False) as http,
        publisher(http) as host,
        viewer(http) as player,
    ):
        relay = server.inside.relay
        await host.send_audio(1)
        await player.next_rtp(111)
        before, objects = tables(relay), living(KINDS)
        spared = set(relay.sessions.by_secret)
        async with speaking(host) as numbers:
            shows = await open_and_abandon(http, NUMBER)
        assert len(relay.sessions) == NUMBER + 2
        let_time_pass(relay, spared)
        for show in shows:
            await relay.end_show(show)
        await until(lambda: tables(relay) == before)
        await must_return_to(objects, KINDS)
        player.packets.clear()
        await host.send_audio(next(numbers), b"and goes on")
        while (await player.next_rtp(111)).payload != b"and goes on":
            pass
        totals = relay.counters.totals
        each = NUMBER // len(STAGES)
        assert totals["sessions_closed_handshake_timeout"] >= each * (len(STAGES) - len(CONNECTED) - 1)
        assert totals["sessions_closed_silent"] == each * len(CONNECTED)
        assert totals["ice_restarts"] == each


async def test_a_session_that_is_kept_is_found() -> None:
    """The check above sees one connection that somebody holds on to."""
    async with (
        media_server() as server,
        httpx.AsyncClient(base_url=server.url, verify=False) as http,
        publisher(http),
    ):
        objects = living(KINDS)
        kept: list[Connection] = []
        async with viewer(http):
            kept.extend(session.connection for session in server.inside.relay.sessions)
        await until(lambda: len(server.inside.relay.sessions) == 1)
        with pytest.raises(LeakError, match="Connection"):
            await must_return_to(objects, KINDS, limit_s=0.5)
        kept.clear()
        await must_return_to(objects, KINDS)
