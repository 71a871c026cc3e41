"""A Chromium that reaches the server only through a TURN server: coturn, with the credentials we hand out."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from streaming.figures import path_of
from streaming.turn import IceServers
from tests.fixtures_browser import Chromium, chromium_path, running_chromium
from tests.streaming.browser.conftest import MediaPage
from tests.streaming.browser.test_codecs import assert_seen_and_heard
from tests.streaming.media_server import LOOPBACK, media_server
from tests.turn_server import turn_server
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.together]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """Run a Chromium that takes the TURN server's certificate for a good one."""
    with running_chromium(chromium_path(), "--ignore-certificate-errors") as started:
        yield started


@pytest.mark.parametrize("way", ["url", "secure_url"])
async def test_pictures_and_sound_come_through_a_turn_server(
    media_page: MediaPage, show: str, way: str
) -> None:
    """The servers come with the answer's Link headers, in time for the one gathering there is.

    Over TLS it gets through where a network lets nothing but TCP port 443 out.
    """
    async with (
        turn_server() as turn,
        media_server(replace(LOOPBACK, ice=IceServers((getattr(turn, way),), turn.secret))) as server,
    ):
        host, viewer = await media_page(server), await media_page(server)
        for visit in (host, viewer):
            await visit.page.evaluate("window.onlyRelay = true")
        assert await host.page.evaluate("show => publish(show, { codec: 'video/VP8' })", show) == "live"
        await viewer.page.evaluate("show => watch(show)", show)
        await assert_seen_and_heard(viewer, "video/VP8")
        for visit in (host, viewer):
            assert await visit.page.evaluate("chosenPath().then(path => path.candidateType)") == "relay"
        sessions = list(server.inside.relay.sessions)
        assert len(sessions) == 2
        await until(lambda: {getattr(path_of(one), "candidate_type", None) for one in sessions} == {"relay"})


async def test_credentials_of_another_secret_open_nothing(media_page: MediaPage, show: str) -> None:
    """The TURN server does check: with a wrong secret nobody gets through it."""
    async with (
        turn_server() as turn,
        media_server(replace(LOOPBACK, ice=IceServers((turn.url,), "another secret"))) as server,
    ):
        host = await media_page(server)
        await host.page.evaluate("window.onlyRelay = true")
        assert await host.page.evaluate("show => relayCandidates(show)", show) == 0
        await host.page.close()  # its farewell would find no server
