"""The doors of imports and exports."""

from commerce.errors import (
    Busy,
    IdempotencyConflict,
    InvalidField,
    KeyMissing,
    NoSuchShop,
    TooManyOperations,
)
from commerce.feeds.drafts import MAX_FILE_BYTES
from commerce.feeds.refusals import FeedEncoding, FeedFormat, FeedTooLong, NoSuchImport
from commerce.feeds.structs import Import, ImportList, ImportProgress
from commerce.routing import Call, Reply, Route
from commerce.services import CommerceServices


async def check_file(services: CommerceServices, call: Call) -> Import:
    """Take a file in and answer its dry run; nothing of the catalogue changes."""
    assert call.identity is not None
    raw: bytes = call.body
    name = call.query.get("name", "")
    return await services.imports.check(
        call.path["shop"], call.identity.person, name, raw, call.operation_key
    )


async def list_imports(services: CommerceServices, call: Call) -> ImportList:
    """List the shop's imports."""
    return await services.imports.list(call.path["shop"])


async def get_import(services: CommerceServices, call: Call) -> Import:
    """Show an import, and how far it is."""
    return await services.imports.get(call.path["shop"], call.path["import"])


async def get_progress(services: CommerceServices, call: Call) -> ImportProgress:
    """Show how far an import is, cheap enough to be asked every second."""
    return await services.imports.progress(call.path["shop"], call.path["import"])


async def start_import(services: CommerceServices, call: Call) -> Import:
    """Let a checked import be carried out; once is as good as twice."""
    return await services.imports.start(call.path["shop"], call.path["import"])


async def export_shopify(services: CommerceServices, call: Call) -> Reply:
    """Download all products as Shopify's CSV."""
    pieces = await services.exports.shopify(call.path["shop"])
    return _download(pieces, "products.csv", "text/csv; charset=utf-8")


async def export_google(services: CommerceServices, call: Call) -> Reply:
    """Download what buyers see as a Google product feed."""
    pieces = await services.exports.google(call.path["shop"])
    return _download(pieces, "products.xml", "application/rss+xml; charset=utf-8")


def _download(pieces: object, name: str, kind: str) -> Reply:
    return Reply(
        pieces, headers=(("content-disposition", f'attachment; filename="{name}"'),), content_type=kind
    )


_IMPORTS = "/shops/{shop}/imports"
_FILE_ERRORS = (NoSuchShop, InvalidField, FeedEncoding, FeedFormat, FeedTooLong)
_REPEAT_ERRORS = (KeyMissing, IdempotencyConflict, TooManyOperations)

ROUTES: tuple[Route, ...] = (
    Route(
        "POST", _IMPORTS, check_file, bytes, Import, (*_FILE_ERRORS, *_REPEAT_ERRORS, Busy), "host", 201,
        "Upload a file of products and see what importing it would do; needs an Idempotency-Key",
        MAX_FILE_BYTES, (("name", "the file's name, for people"),),
    ),
    Route("GET", _IMPORTS, list_imports, None, ImportList, (), "host", summary="List the newest imports"),
    Route(
        "GET", _IMPORTS + "/{import}", get_import, None, Import, (NoSuchImport,), "host",
        summary="Show an import and its progress",
    ),
    Route(
        "GET", _IMPORTS + "/{import}/progress", get_progress, None, ImportProgress, (NoSuchImport,), "host",
        summary="Show how far an import is, without what its dry run found",
    ),
    Route(
        "POST", _IMPORTS + "/{import}/start", start_import, None, Import, (NoSuchImport,), "host",
        summary="Carry a checked import out",
    ),
    Route(
        "GET", "/shops/{shop}/exports/shopify", export_shopify, None, bytes, (NoSuchShop,), "host",
        summary="Download all products as Shopify's CSV",
    ),
    Route(
        "GET", "/shops/{shop}/exports/google", export_google, None, bytes, (NoSuchShop,), "host",
        summary="Download the published products as a Google product feed",
    ),
)  # fmt: skip
