"""The doors of shows and flash sales."""

import msgspec

from commerce.catalogue.pictures_limits import MAX_UPLOAD_BYTES
from commerce.errors import (
    BadPicture,
    BadPrice,
    BadQuantity,
    BadTimes,
    Busy,
    IdempotencyConflict,
    InvalidField,
    KeyMissing,
    NoSuchProduct,
    NoSuchShop,
    NoSuchShow,
    NoSuchVariant,
    NotEnoughStock,
    PictureTooLarge,
    PictureType,
    SaleRunning,
    TooManyOperations,
    WrongState,
)
from commerce.routing import Call, Route
from commerce.sale.refusals import NoSuchSale
from commerce.services import CommerceServices
from commerce.shows.structs import (
    Pin,
    RunOfShow,
    Sale,
    SaleList,
    SaleRequest,
    Show,
    ShowChange,
    ShowList,
    ShowRequest,
    StreamKey,
    Summary,
)


async def lobby(services: CommerceServices, call: Call) -> ShowList:
    """List shows: live and then upcoming ones, or those of one `?state=`."""
    return await services.screens.lobby(call.query.get("state"))


async def shop_shows(services: CommerceServices, call: Call) -> ShowList:
    """List all shows of a shop."""
    return await services.screens.of_shop(call.path["shop"])


async def create_show(services: CommerceServices, call: Call) -> Show:
    """Plan a show."""
    request: ShowRequest = call.body
    return await services.screens.show(await services.shows.create(call.path["shop"], request))


async def get_show(services: CommerceServices, call: Call) -> Show:
    """Show a show."""
    return await services.screens.show(call.path["show"])


async def change_show(services: CommerceServices, call: Call) -> Show:
    """Change a show."""
    change: ShowChange = call.body
    await services.shows.change(call.path["show"], change)
    return await services.screens.show(call.path["show"])


async def put_poster(services: CommerceServices, call: Call) -> Show:
    """Upload a poster: the body is the file itself; `?alt=` describes it."""
    show = await services.screens.show(call.path["show"])
    picture = await services.pictures.add_loose(show.shop.id, call.body, call.query.get("alt", ""))
    await services.shows.set_poster(show.id, picture.id)
    return await services.screens.show(show.id)


async def put_run_of_show(services: CommerceServices, call: Call) -> Show:
    """Say which products are shown, in order."""
    run: RunOfShow = call.body
    await services.shows.put_run_of_show(call.path["show"], run.products)
    return await services.screens.show(call.path["show"])


async def put_pin(services: CommerceServices, call: Call) -> Show:
    """Pin a product, or none."""
    pin: Pin = call.body
    await services.shows.pin(call.path["show"], pin.product)
    return await services.screens.show(call.path["show"])


async def start_show(services: CommerceServices, call: Call) -> Show:
    """Go live."""
    await services.shows.start(call.path["show"])
    return await services.screens.show(call.path["show"])


async def end_show(services: CommerceServices, call: Call) -> Show:
    """End the show for good; its page still sells."""
    await services.shows.end(call.path["show"])
    return await services.screens.show(call.path["show"])


async def get_stream_key(services: CommerceServices, call: Call) -> StreamKey:
    """Show the stream key."""
    return await services.shows.stream_key(call.path["show"], call.base_url)


async def rotate_stream_key(services: CommerceServices, call: Call) -> StreamKey:
    """Make a new stream key; the old one lets nobody in from now on."""
    return await services.shows.rotate_stream_key(call.path["show"], call.base_url)


async def get_summary(services: CommerceServices, call: Call) -> Summary:
    """Show what the show brought."""
    assert call.identity is not None
    summary = await services.screens.summary(call.path["show"])
    who, show = call.identity, call.path["show"]
    if who.admin or await services.staff.sees_money(who.person, show=show):
        return summary
    return msgspec.structs.replace(summary, revenue_minor=None)


async def list_sales(services: CommerceServices, call: Call) -> SaleList:
    """List a show's flash sales, newest first."""
    return SaleList(await services.sales.of_show(call.path["show"]))


async def create_sale(services: CommerceServices, call: Call) -> Sale:
    """Launch a flash sale."""
    assert call.identity is not None
    request: SaleRequest = call.body
    return await services.sales.create(call.path["show"], call.identity.person, request, call.operation_key)


async def end_sale(services: CommerceServices, call: Call) -> Sale:
    """End a flash sale now."""
    return await services.sales.end(call.path["show"], call.path["sale"])


_SHOW = "/shows/{show}"
_SALE_ERRORS = (
    NotEnoughStock, SaleRunning, WrongState, NoSuchShow, NoSuchVariant, BadPrice, BadQuantity, BadTimes,
    KeyMissing, IdempotencyConflict, TooManyOperations, Busy,
)  # fmt: skip

ROUTES: tuple[Route, ...] = (
    Route("GET", "/shows", lobby, None, ShowList, (InvalidField,), summary="List shows",
          query=(("state", "only shows that are scheduled, live or ended"),)),
    Route(
        "POST", "/shops/{shop}/shows", create_show, ShowRequest, Show, (NoSuchShop, InvalidField, BadTimes),
        "host", 201, "Plan a show",
    ),
    Route(
        "GET", "/shops/{shop}/shows", shop_shows, None, ShowList, (NoSuchShop,), "host",
        summary="List a shop's shows",
    ),
    Route("GET", _SHOW, get_show, None, Show, (NoSuchShow,), summary="Show a show"),
    Route(
        "PATCH", _SHOW, change_show, ShowChange, Show, (NoSuchShow, InvalidField, BadTimes, WrongState),
        "host", summary="Change a show",
    ),
    Route(
        "PUT", _SHOW + "/poster", put_poster, bytes, Show,
        (NoSuchShow, PictureType, PictureTooLarge, BadPicture, InvalidField), "host",
        summary="Upload a poster", max_body_bytes=MAX_UPLOAD_BYTES,
        query=(("alt", "what the picture shows"),),
    ),
    Route(
        "PUT", _SHOW + "/run-of-show", put_run_of_show, RunOfShow, Show,
        (NoSuchShow, NoSuchProduct, InvalidField), "producer", summary="Say which products are shown",
    ),
    Route(
        "PUT", _SHOW + "/pin", put_pin, Pin, Show, (NoSuchShow, NoSuchProduct, InvalidField), "producer",
        summary="Pin a product",
    ),
    Route(
        "POST", _SHOW + "/start", start_show, None, Show, (NoSuchShow, WrongState), "producer",
        summary="Go live",
    ),
    Route("POST", _SHOW + "/end", end_show, None, Show, (NoSuchShow,), "producer", summary="End a show"),
    Route(
        "GET", _SHOW + "/stream-key", get_stream_key, None, StreamKey, (NoSuchShow,), "producer",
        summary="Show the stream key",
    ),
    Route(
        "POST", _SHOW + "/stream-key", rotate_stream_key, None, StreamKey, (NoSuchShow,), "host",
        summary="Make a new stream key",
    ),
    Route(
        "GET", _SHOW + "/summary", get_summary, None, Summary, (NoSuchShow,), "stats",
        summary="Show what a show brought",
    ),
    Route("GET", _SHOW + "/sales", list_sales, None, SaleList, (NoSuchShow,), summary="List flash sales"),
    Route(
        "POST", _SHOW + "/sales", create_sale, SaleRequest, Sale, _SALE_ERRORS, "producer", 201,
        "Launch a flash sale",
    ),
    Route(
        "POST", _SHOW + "/sales/{sale}/end", end_sale, None, Sale, (NoSuchSale,), "producer",
        summary="End a flash sale",
    ),
)  # fmt: skip
