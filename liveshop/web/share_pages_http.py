"""`/s/{code}`: the short address of a share link; `/s/{code}/{product}` opens the show at one product.

One answer for everybody, without asking what asks: 200 with the card that messengers and networks draw (Open
Graph, https://ogp.me; Twitter cards), and a refresh that takes a browser on to the show at once. Only a page
that runs is counted as a visit, so robots are none.
"""

from html import escape
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from commerce.catalogue.structs import Picture
from commerce.money import plain
from commerce.sharing.refusals import NoSuchLink
from commerce.sharing.structs import CardProduct, LinkCard
from liveshop.web.pages_http import PAGE_HEADERS

UNKNOWN = "/?link=unknown"
DESCRIPTION_CHARS = 200


class Links(Protocol):
    """Who knows what a link leads to."""

    async def card(self, code: str, product: str = "") -> LinkCard:
        """Return what a link leads to, a product of the show if it sells it; raises NoSuchLink."""


def share_routes(commerce: Any) -> list[Route]:
    """Return the routes of share links."""
    links: Links = commerce.sharing.links

    async def shared(request: Request) -> Response:
        try:
            card = await links.card(request.path_params["code"], request.path_params.get("product", ""))
        except NoSuchLink:
            return RedirectResponse(UNKNOWN, 303, {"cache-control": "no-store"})
        origin = f"{request.url.scheme}://{request.url.netloc}"
        return HTMLResponse(page(card, origin), headers=PAGE_HEADERS)

    return [Route("/s/{code}", shared), Route("/s/{code}/{product}", shared)]


def page(card: LinkCard, origin: str) -> str:
    """Return the card and the way on; `origin` is scheme and host as the reader uses them."""
    way = f"/shows/{card.show}?via={card.code}" + (f"&product={card.product.id}" if card.product else "")
    name = escape(f"{card.product.title if card.product else card.title} · {card.shop}")
    head = "".join(
        f'<meta {kind}="{name}" content="{escape(content)}">' for kind, name, content in _tags(card, origin)
    )
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{name}</title>{head}"
        f'<meta http-equiv="refresh" content="0;url={escape(way)}">'
        "<style>html{color-scheme:light dark;font:16px system-ui,sans-serif}body{margin:20vh 24px;"
        "text-align:center}</style></head>"
        f'<body><p><a href="{escape(way)}">{name}</a></p></body></html>'
    )


def _tags(card: LinkCard, origin: str) -> list[tuple[str, str, str]]:
    product = card.product
    title = product.title if product else card.title
    about = f"{_price(product)} · {card.title}" if product else " ".join(card.description.split())
    about = about if len(about) <= DESCRIPTION_CHARS else about[: DESCRIPTION_CHARS - 1].rstrip() + "…"
    picture = (product.picture if product else None) or card.picture
    return [
        ("name", "robots", "noindex"),
        ("name", "description", about or card.shop),
        ("property", "og:type", "product" if product else "website"),
        ("property", "og:site_name", card.shop),
        ("property", "og:title", title),
        ("property", "og:description", about or card.shop),
        # Its own address and no other: who draws cards reads the card at the address named here.
        ("property", "og:url", f"{origin}/s/{card.code}" + (f"/{product.id}" if product else "")),
        *(_price_tags(product) if product else ()),
        ("name", "twitter:card", "summary" if picture is None else "summary_large_image"),
        ("name", "twitter:title", title),
        ("name", "twitter:description", about or card.shop),
        *(_picture_tags(picture, title, origin) if picture else ()),
    ]


def _picture_tags(picture: Picture, title: str, origin: str) -> list[tuple[str, str, str]]:
    address = f"{origin}{picture.url_1280}"
    return [
        ("property", "og:image", address),
        ("property", "og:image:type", "image/webp"),
        ("property", "og:image:width", str(picture.width)),
        ("property", "og:image:height", str(picture.height)),
        ("property", "og:image:alt", picture.alt or title),
        ("name", "twitter:image", address),
    ]


def _price(product: CardProduct) -> str:
    """Write what a product costs, in no language: "8.00 EUR", "8.00–12.00 EUR"."""
    most = plain(product.most_minor, product.currency)
    if product.least_minor == product.most_minor:
        return most
    return f"{plain(product.least_minor, product.currency).partition(' ')[0]}–{most}"


def _price_tags(product: CardProduct) -> list[tuple[str, str, str]]:
    amount, _, currency = plain(product.least_minor, product.currency).partition(" ")
    return [
        ("property", "product:price:amount", amount),
        ("property", "product:price:currency", currency),
    ]
