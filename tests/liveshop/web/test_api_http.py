"""The mounted table, on a tiny table of our own: nothing of it is specific to one package."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest
from starlette.applications import Starlette

from commerce.database_sql import DatabaseAway
from liveshop.web.api_http import Door
from liveshop.web.openapi import document


class Order(msgspec.Struct, forbid_unknown_fields=True):
    quantity: int


class Total(msgspec.Struct):
    total: int


class TooMany(Exception):
    status = 409
    code = "too_many"

    def __init__(self) -> None:
        super().__init__("There are only 3.")
        self.facts = {"available": 3}
        self.retry_after_s = 2


@dataclass(frozen=True)
class Row:
    method: str
    path: str
    handler: Any
    request: Any = None
    answer: Any = None
    errors: tuple[type[Exception], ...] = ()
    role: str = "anyone"
    status: int = 200
    summary: str = ""
    max_body_bytes: int = 100
    query: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/octet-stream"


@dataclass(frozen=True)
class Reply:
    body: Any
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str | None = None


@dataclass(frozen=True)
class Who:
    person: str
    kind: str = "account"
    admin: bool = False


class Staff:
    async def role_in(self, person: str, *, shop: str | None = None, show: str | None = None) -> str | None:
        return {("ac_host", "sp_1"): "host"}.get((person, shop or ""))

    async def sees_money(self, person: str, *, shop: str | None = None, show: str | None = None) -> bool:
        return await self.role_in(person, shop=shop, show=show) == "host"


async def identify(token: str) -> Who | None:
    return None if token == "stale" else Who(token, kind="guest" if token.startswith("gu_") else "account")


async def add(services: int, call: Any) -> Total:
    if call.body.quantity > 3:
        raise TooMany
    return Total(services + call.body.quantity)


async def nothing(_services: int, _call: Any) -> None:
    return None


async def burst(_services: int, _call: Any) -> None:
    raise RuntimeError("a fault of ours")


async def ask_nobody(_services: int, _call: Any) -> None:
    raise DatabaseAway("ConnectionError: the far end is gone")


@dataclass(frozen=True)
class Pieces:
    body: AsyncIterator[bytes]
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = (("content-disposition", 'attachment; filename="a.csv"'),)
    content_type: str | None = "text/csv"


async def download(_services: int, _call: Any) -> Pieces:
    async def pieces() -> AsyncIterator[bytes]:
        for number in range(3):
            yield f"{number}\n".encode()

    return Pieces(pieces())


ROWS = (
    Row("POST", "/add", add, Order, Total, (TooMany,), status=201),
    Row("PUT", "/shops/{shop}/sign", nothing, role="host"),
    Row("GET", "/mine", nothing, role="person"),
    Row("GET", "/burst", burst),
    Row("POST", "/away", ask_nobody, status=204),
    Row("GET", "/download", download, answer=bytes),
)


@pytest.fixture
def client() -> httpx.AsyncClient:
    door = Door(identify, Staff(), lambda: 1_000)
    app = Starlette(routes=[door.mount(row, 40, "/api" + row.path) for row in ROWS])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop")


async def test_body_is_decoded_and_answer_encoded(client: httpx.AsyncClient) -> None:
    """A good request gets the declared status and body."""
    answer = await client.post("/api/add", json={"quantity": 2})
    assert (answer.status_code, answer.json()) == (201, {"total": 42})


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"quantity": 1.5}', b'{"quantity": 1, "more": 1}', b"{}", b"\xff"]
)
async def test_malformed_body_is_a_bad_request(client: httpx.AsyncClient, body: bytes) -> None:
    """Anything but the declared shape is 400 with a code, never a 500."""
    answer = await client.post("/api/add", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_body_over_the_limit_is_refused(client: httpx.AsyncClient) -> None:
    """The limit holds with and without a declared length."""

    async def pieces() -> Any:
        for _ in range(20):
            yield b" " * 10

    declared = await client.post("/api/add", content=b" " * 101)
    streamed = await client.post("/api/add", content=pieces())
    assert [declared.status_code, streamed.status_code] == [413, 413]


async def test_package_error_becomes_a_problem_with_facts(client: httpx.AsyncClient) -> None:
    """Code, sentence, facts and Retry-After all arrive."""
    answer = await client.post("/api/add", json={"quantity": 4})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["available"]) == (409, "too_many", 3)
    assert answer.headers["retry-after"] == "2"


async def test_a_file_is_sent_piece_by_piece(client: httpx.AsyncClient) -> None:
    """With its name and kind, and without a length that nobody knows yet."""
    answer = await client.get("/api/download")
    assert (answer.status_code, answer.text) == (200, "0\n1\n2\n")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="a.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert "content-length" not in answer.headers


async def test_fault_of_ours_says_nothing_of_the_inside(client: httpx.AsyncClient) -> None:
    """An unexpected exception is a plain 500."""
    answer = await client.get("/api/burst")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "fault of ours" not in answer.text


async def test_a_database_that_is_away_may_be_asked_again(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The client hears when to come again and nothing of the inside; the log says which request and why."""
    answer = await client.post("/api/away")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "1"
    assert "far end" not in answer.text
    assert [one.getMessage() for one in caplog.records] == [
        "POST /away: the database does not answer: ConnectionError: the far end is gone"
    ]


@pytest.mark.parametrize(
    ("token", "path", "status"),
    [
        (None, "/api/mine", 401),
        ("stale", "/api/mine", 401),
        ("gu_1", "/api/mine", 204),
        ("gu_1", "/api/shops/sp_1/sign", 403),
        ("ac_other", "/api/shops/sp_1/sign", 403),
        ("ac_host", "/api/shops/sp_2/sign", 403),
        ("ac_host", "/api/shops/sp_1/sign", 204),
    ],
)
async def test_role_is_checked_before_the_handler(
    client: httpx.AsyncClient, token: str | None, path: str, status: int
) -> None:
    """Guests, strangers and staff of other shops get no further than the door."""
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    method = "GET" if path.endswith("mine") else "PUT"
    answer = await client.request(method, path, headers=headers)
    assert answer.status_code == status


def test_openapi_names_every_row_and_code() -> None:
    """The document is made of the same table."""
    made = document(ROWS, "1.0")
    post = made["paths"]["/add"]["post"]
    assert post["responses"]["409"]["description"] == "too_many"
    assert set(post["responses"]) == {"201", "400", "409", "413", "415", "503"}
    assert made["paths"]["/shops/{shop}/sign"]["put"]["responses"].keys() == {"204", "401", "403", "503"}
    assert "Total" in made["components"]["schemas"]
