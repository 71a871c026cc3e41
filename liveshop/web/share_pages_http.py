"""`/s/{code}`: the short address of a share link.

One answer for everybody, without asking what asks: 200 with the card that messengers and networks draw (Open
Graph, https://ogp.me; Twitter cards), and a refresh that takes a browser on to the show at once. Only a page
that runs is counted as a visit, so robots are none.
"""

from html import escape
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from commerce.sharing.refusals import NoSuchLink
from commerce.sharing.structs import LinkCard
from liveshop.web.pages_http import PAGE_HEADERS

UNKNOWN = "/?link=unknown"
DESCRIPTION_CHARS = 200


class Links(Protocol):
    """Who knows what a link leads to."""

    async def card(self, code: str) -> LinkCard:
        """Return what a link leads to; raises NoSuchLink."""


def share_routes(commerce: Any) -> list[Route]:
    """Return the routes of share links."""
    links: Links = commerce.sharing.links

    async def shared(request: Request) -> Response:
        try:
            card = await links.card(request.path_params["code"])
        except NoSuchLink:
            return RedirectResponse(UNKNOWN, 303, {"cache-control": "no-store"})
        origin = f"{request.url.scheme}://{request.url.netloc}"
        return HTMLResponse(page(card, origin), headers=PAGE_HEADERS)

    return [Route("/s/{code}", shared)]


def page(card: LinkCard, origin: str) -> str:
    """Return the card and the way on; `origin` is scheme and host as the reader uses them."""
    way = f"/shows/{card.show}?via={card.code}"
    head = "".join(
        f'<meta {kind}="{name}" content="{escape(content)}">' for kind, name, content in _tags(card, origin)
    )
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(card.title)} · {escape(card.shop)}</title>{head}"
        f'<meta http-equiv="refresh" content="0;url={escape(way)}">'
        "<style>html{color-scheme:light dark;font:16px system-ui,sans-serif}body{margin:20vh 24px;"
        "text-align:center}</style></head>"
        f'<body><p><a href="{escape(way)}">{escape(card.title)} · {escape(card.shop)}</a></p></body></html>'
    )


def _tags(card: LinkCard, origin: str) -> list[tuple[str, str, str]]:
    about = " ".join(card.description.split())
    about = about if len(about) <= DESCRIPTION_CHARS else about[: DESCRIPTION_CHARS - 1].rstrip() + "…"
    tags = [
        ("name", "robots", "noindex"),
        ("name", "description", about or card.shop),
        ("property", "og:type", "website"),
        ("property", "og:site_name", card.shop),
        ("property", "og:title", card.title),
        ("property", "og:description", about or card.shop),
        # Its own address and no other: who draws cards reads the card at the address named here.
        ("property", "og:url", f"{origin}/s/{card.code}"),
        ("name", "twitter:card", "summary" if card.picture is None else "summary_large_image"),
        ("name", "twitter:title", card.title),
        ("name", "twitter:description", about or card.shop),
    ]
    if card.picture is not None:
        picture = f"{origin}{card.picture.url_1280}"
        tags += [
            ("property", "og:image", picture),
            ("property", "og:image:type", "image/webp"),
            ("property", "og:image:width", str(card.picture.width)),
            ("property", "og:image:height", str(card.picture.height)),
            ("property", "og:image:alt", card.picture.alt or card.title),
            ("name", "twitter:image", picture),
        ]
    return tags
