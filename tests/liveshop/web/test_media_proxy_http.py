"""The public media doors in front of media processes that only count what reaches them."""

from collections.abc import Mapping
from urllib.parse import unquote

import httpx
import pytest
from starlette.applications import Starlette

from liveshop.serving.inside_client import InsideAnswer, Unreachable
from liveshop.web.calls import AccessDenied
from liveshop.web.media_client import MediaClient
from liveshop.web.media_proxy_http import MediaDoors, MediaProcess

SDP = {"content-type": "application/sdp"}


class Directory:
    """Two living processes; process 1 owns the show. `newer` is what a fresh look finds."""

    def __init__(self) -> None:
        self.newer: list[MediaProcess] | None = None
        self.processes = [MediaProcess(0, "unix:/zero"), MediaProcess(1, "unix:/one")]
        self.owners: dict[str, list[int | None]] = {"sh_1": [1]}

    async def living(self) -> list[MediaProcess]:
        return self.processes

    def look_again(self) -> None:
        self.processes = self.newer if self.newer is not None else self.processes

    async def owner(self, show: str) -> int | None:
        known = self.owners.get(show)
        return None if known is None else known.pop(0) if len(known) > 1 else known[0]


class Client(MediaClient):
    """Writes down what is asked of which process."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str, str, Mapping[str, str], bytes]] = []
        self.answers: dict[str, InsideAnswer] = {}

    async def request(
        self, address: str, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> InsideAnswer:
        self.asked.append((address, method, path, headers, body))
        if address == "unix:/dead":
            raise Unreachable("nobody there")
        return self.answers.get(address, InsideAnswer(201, {"location": path + "/1.secret_secret"}, b"v=0"))


@pytest.fixture
def directory() -> Directory:
    return Directory()


@pytest.fixture
def media() -> Client:
    return Client()


@pytest.fixture
def doors(directory: Directory, media: Client) -> httpx.AsyncClient:
    async def grant(show: str, token: str | None, address: str, takeover: bool) -> str:
        if token == "slow":
            raise TimeoutError
        if token != "right":
            raise AccessDenied(401, "wrong_stream_key", "The stream key is wrong.")
        return f"{show}|{address}|{takeover}"

    app = Starlette(routes=MediaDoors(directory, media, grant, grant).routes())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop")


async def test_a_post_reaches_the_owner_with_a_grant(doors: httpx.AsyncClient, media: Client) -> None:
    """The key itself goes no further than the front."""
    headers = {**SDP, "authorization": "Bearer right"}
    answer = await doors.post("/whip/sh_1?takeover=1", headers=headers, content=b"v=0")
    ((address, method, path, sent, body),) = media.asked
    assert (answer.status_code, answer.headers["location"]) == (201, "/whip/sh_1/1.secret_secret")
    assert (address, method, path, body) == ("unix:/one", "POST", "/whip/sh_1", b"v=0")
    assert sent["liveshop-grant"] == "sh_1|127.0.0.1|True"
    assert "authorization" not in sent


async def test_a_wrong_key_reaches_nobody(doors: httpx.AsyncClient, media: Client) -> None:
    """The refusal has its code and can be read by pages of other origins."""
    answer = await doors.post("/whip/sh_1", headers={**SDP, "authorization": "Bearer wrong"}, content=b"v=0")
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_stream_key")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert media.asked == []


async def test_a_database_that_does_not_answer_is_tried_again_later(
    doors: httpx.AsyncClient, media: Client
) -> None:
    """It is no fault of the player's, which comes back by itself."""
    answer = await doors.post("/whep/sh_1", headers={**SDP, "authorization": "Bearer slow"}, content=b"v=0")
    assert (answer.status_code, answer.json()["code"]) == (503, "media_unavailable")
    assert answer.headers["retry-after"]
    assert media.asked == []


async def test_a_session_url_names_its_process(doors: httpx.AsyncClient, media: Client) -> None:
    """Any front routes any verb, without a key."""
    await doors.delete("/whip/sh_1/0.secret_secret")
    assert [asked[:3] for asked in media.asked] == [("unix:/zero", "DELETE", "/whip/sh_1/0.secret_secret")]


@pytest.mark.parametrize("session", ["7.secret_secret", "x.secret_secret", "0", "0.a"])
async def test_a_session_of_nobody_is_unknown(doors: httpx.AsyncClient, media: Client, session: str) -> None:
    """Nothing malformed is handed on."""
    answer = await doors.patch(f"/whep/sh_1/{session}", content=b"a=ice-ufrag:x")
    assert (answer.status_code, media.asked) == (404, [])


async def test_a_body_over_the_limit_is_refused(doors: httpx.AsyncClient, media: Client) -> None:
    """No offer has 200 kB."""
    headers = {**SDP, "authorization": "Bearer right"}
    answer = await doors.post("/whip/sh_1", headers=headers, content=b" " * 200_000)
    assert (answer.status_code, media.asked) == (413, [])


async def test_a_dead_process_is_told_as_come_again(
    doors: httpx.AsyncClient, directory: Directory, media: Client
) -> None:
    """While a media process restarts, clients are asked to try again soon."""
    directory.processes = [MediaProcess(1, "unix:/dead")]
    headers = {**SDP, "authorization": "Bearer right"}
    answer = await doors.post("/whep/sh_1", headers=headers, content=b"v=0")
    assert (answer.status_code, answer.headers["retry-after"], len(media.asked)) == (503, "1", 1)


async def test_a_moved_show_is_followed_once(
    doors: httpx.AsyncClient, directory: Directory, media: Client
) -> None:
    """The lease moved between the question and the request: the new owner is asked, once."""
    directory.owners["sh_1"] = [0, 1]
    media.answers["unix:/zero"] = InsideAnswer(421, {}, b"")
    headers = {**SDP, "authorization": "Bearer right"}
    first = await doors.post("/whep/sh_1", headers=headers, content=b"v=0")
    assert (first.status_code, [asked[0] for asked in media.asked]) == (201, ["unix:/zero", "unix:/one"])


@pytest.mark.parametrize("known", [[], [MediaProcess(0, "unix:/zero")]])
async def test_an_owner_that_has_just_come_back_is_found(
    doors: httpx.AsyncClient, directory: Directory, media: Client, known: list[MediaProcess]
) -> None:
    """The remembered list may be a quarter of a second old; players come within that."""
    directory.newer, directory.processes = directory.processes, known
    headers = {**SDP, "authorization": "Bearer right"}
    answer = await doors.post("/whep/sh_1", headers=headers, content=b"v=0")
    assert (answer.status_code, [asked[0] for asked in media.asked]) == (201, ["unix:/one"])


async def test_a_show_of_a_dead_owner_is_told_as_come_again(
    doors: httpx.AsyncClient, directory: Directory, media: Client
) -> None:
    """Its lease still keeps siblings away; a player that heard 421 would give up for good."""
    directory.processes = [MediaProcess(0, "unix:/zero")]
    media.answers["unix:/zero"] = InsideAnswer(421, {}, b"")
    headers = {**SDP, "authorization": "Bearer right"}
    answer = await doors.post("/whep/sh_1", headers=headers, content=b"v=0")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_preflights_need_no_key(doors: httpx.AsyncClient, media: Client) -> None:
    """OPTIONS is answered by media itself."""
    await doors.options(
        "/whip/sh_2", headers={"origin": "https://x", "access-control-request-method": "POST"}
    )
    ((address, method, _path, sent, _body),) = media.asked
    assert (address, method) == ("unix:/zero", "OPTIONS")
    assert sent["access-control-request-method"] == "POST"


async def test_each_ice_server_keeps_its_own_line(doors: httpx.AsyncClient, media: Client) -> None:
    """OBS reads one server from a `Link` header."""
    links = ('<turn:t.test>; rel="ice-server"', '<stun:s.test>; rel="ice-server"')
    media.answers["unix:/one"] = InsideAnswer(
        201, {"location": "/x", "link": ", ".join(links)}, b"v=0", links
    )
    answer = await doors.post("/whip/sh_1", headers={**SDP, "authorization": "Bearer right"}, content=b"v=0")
    assert tuple(answer.headers.get_list("link")) == links


@pytest.mark.parametrize(
    ("headers", "granted"),
    [
        ({"authorization": "Bearer right"}, True),
        ({"authorization": "Bearer wrong"}, False),
        ({}, False),
        ({"authorization": "Bearer right", "access-control-request-method": "POST"}, False),
    ],
)
async def test_options_carries_a_grant_only_with_the_right_key(
    doors: httpx.AsyncClient, media: Client, headers: dict[str, str], granted: bool
) -> None:
    """And is passed on without one otherwise: preflights and curious players get their 204."""
    await doors.options("/whip/sh_1", headers=headers)
    ((_, method, _, sent, _),) = media.asked
    assert (method, "liveshop-grant" in sent) == ("OPTIONS", granted)


RIGHT = {**SDP, "authorization": "Bearer right"}


async def test_viewers_beyond_what_the_owner_shall_carry_go_elsewhere(
    doors: httpx.AsyncClient, directory: Directory, media: Client
) -> None:
    """And only viewers: a host, and what is no post, still go to the owner."""
    directory.processes = [MediaProcess(0, "unix:/zero", 3), MediaProcess(1, "unix:/one", 250)]
    await doors.post("/whep/sh_1", headers=RIGHT, content=b"v=0")
    await doors.post("/whip/sh_1", headers=RIGHT, content=b"v=0")
    await doors.options("/whep/sh_1")
    assert [asked[0] for asked in media.asked] == ["unix:/zero", "unix:/one", "unix:/one"]


@pytest.mark.parametrize("trouble", ["dead", "failing"])
async def test_where_a_copy_fails_the_owner_is_asked(
    doors: httpx.AsyncClient, directory: Directory, media: Client, trouble: str
) -> None:
    """The viewer hears nothing of it."""
    address = "unix:/dead" if trouble == "dead" else "unix:/zero"
    media.answers["unix:/zero"] = InsideAnswer(503, {}, b"")
    directory.processes = [MediaProcess(0, address, 0), MediaProcess(1, "unix:/one", 250)]
    answer = await doors.post("/whep/sh_1", headers=RIGHT, content=b"v=0")
    assert (answer.status_code, [asked[0] for asked in media.asked]) == (201, [address, "unix:/one"])


async def test_a_show_without_an_owner_is_not_spread(
    doors: httpx.AsyncClient, directory: Directory, media: Client
) -> None:
    """Nobody has published it, or its owner is dead: the first living process finds out."""
    directory.processes = [MediaProcess(0, "unix:/zero", 900), MediaProcess(1, "unix:/one", 0)]
    await doors.post("/whep/sh_2", headers=RIGHT, content=b"v=0")
    assert [asked[0] for asked in media.asked] == ["unix:/zero"]


@pytest.mark.parametrize(
    ("sessions", "expected"),
    [([900, 0, 1], ["one", "one", "two", "one"]), ([0, 0, 0], ["zero", "one", "two", "zero"])],
)
async def test_hosts_begin_their_shows_where_least_is_carried(
    doors: httpx.AsyncClient, directory: Directory, media: Client, sessions: list[int], expected: list[str]
) -> None:
    """Also when they come in one moment: who was just sent somewhere counts there."""
    names = ("zero", "one", "two")
    directory.processes = [
        MediaProcess(index, f"unix:/{name}", number)
        for index, (name, number) in enumerate(zip(names, sessions, strict=True))
    ]
    for number in range(4):
        await doors.post(f"/whip/new_{number}", headers=RIGHT, content=b"v=0")
    assert [asked[0] for asked in media.asked] == [f"unix:/{name}" for name in expected]


async def test_of_two_hosts_at_once_one_is_led_to_the_others_process(
    doors: httpx.AsyncClient, directory: Directory, media: Client
) -> None:
    """The lease has one owner: who was sent elsewhere is refused there, and asked on."""
    directory.processes = [MediaProcess(0, "unix:/zero", 0), MediaProcess(1, "unix:/one", 5)]
    media.answers["unix:/zero"] = InsideAnswer(421, {}, b"")
    directory.owners["new"] = [None, 1]
    answer = await doors.post("/whip/new", headers=RIGHT, content=b"v=0")
    assert (answer.status_code, [asked[0] for asked in media.asked]) == (201, ["unix:/zero", "unix:/one"])


@pytest.mark.parametrize("show", ["a%0Ab", "a%20b%3Fc%23d", "%2e%2e", "%F0%9F%8E%81", "%25"])
async def test_odd_paths_arrive_as_they_were_meant(
    doors: httpx.AsyncClient, media: Client, show: str
) -> None:
    """What a path's characters stand for is not read twice: no second line, no query, no step upwards."""
    answer = await doors.get(f"/whep/{show}")
    assert answer.status_code == 201
    (asked,) = media.asked
    assert unquote(asked[2]) == unquote(f"/whep/{show}")
    assert not set(asked[2]) & set("\n ?#")
