"""Who may see a show's media, and what the front makes of what the processes say."""

from collections.abc import AsyncIterator, Mapping

import httpx
import msgspec
import pytest
from starlette.applications import Starlette

from commerce.errors import NoSuchShow
from liveshop.serving.inside_client import InsideAnswer
from liveshop.web.api_http import Door
from liveshop.web.media_client import MediaClient
from liveshop.web.media_proxy_http import MediaProcess
from liveshop.web.show_figures import ROUTES, ShowFiguresReader
from streaming.broadcasts import BroadcastState
from streaming.figures_structs import Path, ShowFigures, ViewerFigures, ViewerState
from streaming.grants import HEADER, verify
from streaming.whip_http import media_asgi
from tests.liveshop.web.test_api_http import Who
from tests.liveshop.web.test_media_proxy_http import Client, Directory
from tests.streaming.media_server import GRANT_KEY, LOOPBACK, MediaServer, grant_token, media_server
from tests.streaming.raw_peer import publisher, viewer

ROW = ViewerFigures(
    "3fa91c20", 12.5, ViewerState.LIVE, 1_200_000, 0.01, 31.0, 0, "VP8", Path("udp", "ipv4", "relay"), 3
)
FIGURES = ShowFigures(1, BroadcastState.LIVE, 3.0, None, [], 1, {"live": 1}, 0, [ROW])
COPY = ShowFigures(0, BroadcastState.LIVE, 2.0, None, [], 0, {}, 0, [])
MEDIA = "/api/v1/shows/sh_1/media"


class Staff:
    """One moderator of the show's shop, one host of another."""

    async def role_in(self, person: str, *, shop: str | None = None, show: str | None = None) -> str | None:
        return {("ac_moderator", "sh_1"): "moderator", ("ac_other", "sh_9"): "host"}.get((person, show or ""))

    async def sees_money(self, person: str, *, shop: str | None = None, show: str | None = None) -> bool:
        return await self.role_in(person, shop=shop, show=show) == "host"


async def identify(token: str) -> Who | None:
    if token == "stale":
        return None
    return Who(token, kind="guest" if token.startswith("gu_") else "account", admin=token == "ac_admin")


async def shop_of(show: str) -> str:
    if show == "sh_none":
        raise NoSuchShow(show=show)
    return "sp_1"


def front(directory: Directory, media: MediaClient) -> httpx.AsyncClient:
    """The door on a front, in front of these processes."""
    door = Door(identify, Staff(), lambda: 0)
    reader = ShowFiguresReader(directory, media, shop_of, lambda: grant_token("", "inside"))
    app = Starlette(routes=[door.mount(route, reader, f"/api/v1{route.path}") for route in ROUTES])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop")


def by(person: str) -> dict[str, str]:
    """The headers of a person's request."""
    return {"authorization": f"Bearer {person}"}


@pytest.fixture
def media() -> Client:
    """Process 1 carries the show, process 0 knows nothing of it."""
    client = Client()
    client.answers["unix:/one"] = InsideAnswer(200, {}, msgspec.json.encode(FIGURES))
    client.answers["unix:/zero"] = InsideAnswer(204, {}, b"")
    return client


@pytest.mark.parametrize(
    ("person", "status", "code"),
    [
        (None, 401, "not_signed_in"),
        ("stale", 401, "not_signed_in"),
        ("gu_viewer", 403, "account_needed"),
        ("ac_viewer", 403, "not_allowed"),
        ("ac_other", 403, "not_allowed"),
    ],
)
async def test_others_than_the_shows_staff_are_refused(
    media: Client, person: str | None, status: int, code: str
) -> None:
    """Viewers, guests and the host of another shop; no process is asked."""
    answer = await front(Directory(), media).get(MEDIA, headers={} if person is None else by(person))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert media.asked == []


@pytest.mark.parametrize("person", ["ac_moderator", "ac_admin"])
async def test_moderators_and_administrators_see_it(media: Client, person: str) -> None:
    """Every process is asked for a page, and what those that carry the show say is handed on."""
    answer = await front(Directory(), media).get(f"{MEDIA}?offset=10&limit=5", headers=by(person))
    assert answer.status_code == 200
    assert answer.json() == {"show": "sh_1", "processes": [msgspec.to_builtins(FIGURES)]}
    assert sorted(address for address, *_ in media.asked) == ["unix:/one", "unix:/zero"]
    for _, method, path, headers, _ in media.asked:
        assert (method, path) == ("GET", "/internal/shows/sh_1/figures?offset=10&limit=5")
        assert verify(headers[HEADER], GRANT_KEY, 0).role == "inside"


async def test_a_process_that_knows_no_candidate_types_is_understood(media: Client) -> None:
    """While processes are replaced one by one, an older one leaves the type out of its paths."""
    older = msgspec.to_builtins(FIGURES)
    del older["viewers"][0]["path"]["candidate_type"]
    media.answers["unix:/one"] = InsideAnswer(200, {}, msgspec.json.encode(older))
    answer = await front(Directory(), media).get(MEDIA, headers=by("ac_moderator"))
    (row,) = answer.json()["processes"][0]["viewers"]
    assert row["path"] == {"transport": "udp", "family": "ipv4", "candidate_type": None}


@pytest.mark.parametrize("trouble", [None, InsideAnswer(500, {}, b""), InsideAnswer(204, {}, b"")])
async def test_copies_follow_the_owner_and_one_that_fails_is_left_out(
    media: Client, trouble: InsideAnswer | None
) -> None:
    """The owner's entry is first; what it says does not wait for a copy that cannot."""
    media.answers["unix:/zero"] = trouble or InsideAnswer(200, {}, msgspec.json.encode(COPY))
    answer = await front(Directory(), media).get(MEDIA, headers=by("ac_moderator"))
    expected = [FIGURES] if trouble else [FIGURES, COPY]
    assert (answer.status_code, answer.json()["processes"]) == (200, msgspec.to_builtins(expected))


async def test_a_show_that_nobody_carries_has_no_processes(media: Client) -> None:
    """Not yet published, ended, or just lost by its process: no fault of the request."""
    directory = Directory()
    answer = await front(directory, media).get("/api/v1/shows/sh_2/media", headers=by("ac_admin"))
    assert (answer.status_code, answer.json()["processes"]) == (200, [])
    media.answers["unix:/one"] = InsideAnswer(204, {}, b"")
    assert (await front(directory, media).get(MEDIA, headers=by("ac_admin"))).json()["processes"] == []


@pytest.mark.parametrize("trouble", ["dead", "gone", "broken"])
async def test_a_process_that_does_not_answer_is_said(media: Client, trouble: str) -> None:
    """503 with Retry-After, as at the other doors: it is back within seconds."""
    directory = Directory()
    if trouble == "dead":
        directory.processes = [MediaProcess(1, "unix:/dead")]
    elif trouble == "gone":
        directory.processes = [MediaProcess(0, "unix:/zero")]
    else:
        media.answers["unix:/one"] = InsideAnswer(500, {}, b"")
    answer = await front(directory, media).get(MEDIA, headers=by("ac_moderator"))
    assert (answer.status_code, answer.json()["code"]) == (503, "media_unavailable")
    assert answer.headers["retry-after"] == "1"


async def test_an_owner_that_has_just_come_back_is_found(media: Client) -> None:
    """The list of living processes is read anew before anything is called gone."""
    directory = Directory()
    directory.newer, directory.processes = directory.processes, [MediaProcess(0, "unix:/zero")]
    answer = await front(directory, media).get(MEDIA, headers=by("ac_moderator"))
    assert answer.status_code == 200


async def test_an_unknown_show_is_not_found(media: Client) -> None:
    """Also for an administrator, whom no shop's role stops."""
    answer = await front(Directory(), media).get("/api/v1/shows/sh_none/media", headers=by("ac_admin"))
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_show")


@pytest.mark.parametrize(
    "query", ["limit=-1", "limit=201", "limit=x", "offset=1e3", "offset=1000000", "limit=²"]
)
async def test_a_page_that_makes_no_sense_is_refused(media: Client, query: str) -> None:
    """And no process is asked."""
    answer = await front(Directory(), media).get(f"{MEDIA}?{query}", headers=by("ac_moderator"))
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert media.asked == []


class RealMedia(MediaClient):
    """Asks a media process that runs in this test."""

    def __init__(self, server: MediaServer) -> None:
        super().__init__()
        app = media_asgi(server.inside.relay, LOOPBACK)
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://process")

    async def request(
        self, address: str, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> InsideAnswer:
        answer = await self._http.request(method, path, headers=dict(headers), content=body)
        return InsideAnswer(answer.status_code, answer.headers, answer.content)


@pytest.fixture
async def server() -> AsyncIterator[MediaServer]:
    """A media process."""
    async with media_server() as started:
        yield started


async def test_no_secret_of_a_session_is_in_the_answer(server: MediaServer) -> None:
    """With real sessions: the secrets of their URLs, their ICE passwords, persons and addresses."""
    async with (
        httpx.AsyncClient(base_url=server.url, verify=False) as http,
        publisher(http, "sh_1") as host,
        viewer(http, "sh_1") as player,
    ):
        await host.send_audio(1)
        await player.next_rtp(111)
        directory = Directory()
        directory.processes = [MediaProcess(1, "unix:/one")]
        answer = await front(directory, RealMedia(server)).get(MEDIA, headers=by("ac_moderator"))
        (process,) = answer.json()["processes"]
        assert process["publisher"]["sound_codec"] == "OPUS"
        assert process["viewers_total"] == 1
        assert process["publisher"]["path"] == {
            "transport": "udp", "family": "ipv4", "candidate_type": "prflx",
        }  # fmt: skip
        sessions = list(server.inside.relay.sessions)
        assert len(sessions) == 2
        for session in sessions:
            hidden = [session.secret, session.tag, session.person, *sum(session.fragments, ())]
            assert not [text for text in hidden if text and text in answer.text]
            assert session.name in answer.text
        assert "127.0.0.1" not in answer.text
