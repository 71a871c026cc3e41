"""The pages and their files, served as they are: no build step, a strict content policy.

A file's `ETag` is the hash of its content, and every answer must be revalidated, so that an upgraded
server never mixes old and new modules in a browser.
"""

import mimetypes
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from liveshop.web.page_files import PageFiles

PAGES = {
    "/": "lobby",
    "/shows/{show}": "viewer",
    "/host": "host",
    "/host/orders": "host/orders",
    "/host/{rest:path}": "host",
    "/control/{show}": "control",
    "/account": "account",
    "/orders/{order}": "orders",
    "/pay/scan/{payment}": "pay/scan",
    "/setup": "setup",
}
SANDBOX_PAGE = "/pay/sandbox/{payment}"

POLICY = (
    "default-src 'self'; "
    "img-src 'self' blob: data:; "
    "media-src 'self' blob:; "
    "connect-src 'self' ws: wss:; "
    "style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; "
    "base-uri 'none'; "
    "form-action 'self'; "
    "frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "content-security-policy": POLICY,
    # Other sites learn the server's name and no path: WeChat Pay turns buyers away who come from nowhere.
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-content-type-options": "nosniff",
    "permissions-policy": "camera=(self), microphone=(self), display-capture=(self)",
    "cache-control": "no-cache",
}

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("image/webp", ".webp")


def file_response(files: PageFiles, request: Request, relative: str) -> Response:
    """Answer a request for one file: 200, 304 or 404."""
    found = files.read(relative)
    if found is None:
        return Response("There is no such file.", status_code=404, media_type="text/plain")
    content, etag = found
    headers = {**PAGE_HEADERS, "etag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    kind = mimetypes.guess_type(relative)[0] or "application/octet-stream"
    return Response(content, headers=headers, media_type=kind)


def page_routes(folder: Path, *, sandbox: bool) -> list[Route]:
    """Return the routes of all pages and of `/static/...`."""
    files = PageFiles(folder)
    pages = {**PAGES, **({SANDBOX_PAGE: "pay"} if sandbox else {})}
    routes = [_page(files, path, name) for path, name in pages.items()]

    async def static(request: Request) -> Response:
        return file_response(files, request, request.path_params["file"])

    async def favicon(request: Request) -> Response:
        return file_response(files, request, "style/favicon.svg")

    return [*routes, Route("/static/{file:path}", static), Route("/favicon.ico", favicon)]


def _page(files: PageFiles, path: str, name: str) -> Route:
    async def page(request: Request) -> Response:
        return file_response(files, request, f"{name}/index.html")

    return Route(path, page, name=f"page:{name}:{path}")
