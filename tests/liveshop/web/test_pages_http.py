from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from liveshop.web.pages_http import page_routes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder of pages, and a secret beside it."""
    static = tmp_path / "static"
    for name in ("lobby", "pay"):
        (static / name).mkdir(parents=True)
        (static / name / "index.html").write_text(f"<p>{name}</p>")
    (static / "lib").mkdir()
    (static / "lib" / "a.js").write_text("export {};")
    (tmp_path / "secret").write_text("do not read")
    return static


def client(folder: Path, *, sandbox: bool = False) -> httpx.AsyncClient:
    """Serve the pages of a folder."""
    app = Starlette(routes=page_routes(folder, sandbox=sandbox))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop")


async def test_a_page_has_a_strict_policy(folder: Path) -> None:
    """No inline script, no frame around it, and other sites learn no path."""
    answer = await client(folder).get("/")
    policy = answer.headers["content-security-policy"]
    assert (answer.status_code, answer.text) == (200, "<p>lobby</p>")
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"


async def test_a_file_is_asked_for_again_only_when_it_changed(folder: Path) -> None:
    """The ETag follows the content, so that old and new modules are never mixed."""
    shop = client(folder)
    first = await shop.get("/static/lib/a.js")
    again = await shop.get("/static/lib/a.js", headers={"if-none-match": first.headers["etag"]})
    assert (first.headers["content-type"].split(";")[0], again.status_code) == ("text/javascript", 304)
    (folder / "lib" / "a.js").write_text("export const a = 1;")
    changed = await shop.get("/static/lib/a.js", headers={"if-none-match": first.headers["etag"]})
    assert (changed.status_code, changed.text) == (200, "export const a = 1;")


@pytest.mark.parametrize(
    "path", ["/static/%2e%2e/secret", "/static/lib/%2e%2e/%2e%2e/secret", "/static/lib", "/static/none.js"]
)
async def test_nothing_outside_the_folder_is_served(folder: Path, path: str) -> None:
    """Dots in the path lead nowhere, and folders are not files."""
    answer = await client(folder).get(path)
    assert answer.status_code == 404
    assert "do not read" not in answer.text


async def test_a_code_has_a_page_without_the_sandbox(folder: Path) -> None:
    """Whichever provider has codes to be scanned."""
    (folder / "pay" / "scan").mkdir()
    (folder / "pay" / "scan" / "index.html").write_text("<p>scan</p>")
    answer = await client(folder).get("/pay/scan/pa_1")
    assert (answer.status_code, answer.text) == (200, "<p>scan</p>")


async def test_the_sandbox_page_is_there_only_with_the_sandbox(folder: Path) -> None:
    """A server without the sandbox provider does not know its page."""
    without = await client(folder).get("/pay/sandbox/sx_1")
    with_it = await client(folder, sandbox=True).get("/pay/sandbox/sx_1")
    assert (without.status_code, with_it.status_code) == (404, 200)
