"""The doors of sharing."""

from collections.abc import AsyncIterator

from commerce.errors import Busy, InvalidField, NoSuchShow
from commerce.qr_pdf import qr_svg
from commerce.routing import Call, Reply, Route
from commerce.sale.routes import caller
from commerce.services import CommerceServices
from commerce.sharing.assembly import Sharing
from commerce.sharing.links import link_url
from commerce.sharing.refusals import NoSuchLink, TooManyLinks
from commerce.sharing.structs import MyShare, NamedLink, SharedLink, ShareReport

Services = CommerceServices


def sharing(services: Services) -> Sharing:
    """Return the parts of sharing, with their types."""
    parts: Sharing = services.sharing
    return parts


async def share(services: Services, call: Call) -> MyShare:
    """Answer the caller's link of a show."""
    return await sharing(services).links.mine(call.path["show"], caller(call).person, call.base_url)


async def visit(services: Services, call: Call) -> None:
    """Count a visit by a link."""
    who = caller(call)
    sharing(services).counter.note("visit", call.path["code"], who.person, who.device)


async def qr(services: Services, call: Call) -> Reply:
    """Draw a link as a QR code."""
    card = await sharing(services).links.card(call.path["code"])
    headers = (
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("x-content-type-options", "nosniff"),
    )
    return Reply(qr_svg(link_url(call.base_url, card.code)), content_type="image/svg+xml", headers=headers)


async def report(services: Services, call: Call) -> ShareReport:
    """List a show's links with what they brought."""
    money = await _sees_money(services, call)
    return await sharing(services).links.report(call.path["show"], call.base_url, money=money)


async def put_named(services: Services, call: Call) -> SharedLink:
    """Make a link of the shop's own."""
    body: NamedLink = call.body
    money = await _sees_money(services, call)
    return await sharing(services).links.named(call.path["show"], body.label, call.base_url, money=money)


async def report_file(services: Services, call: Call) -> Reply:
    """Write a show's links as CSV."""
    show = call.path["show"]
    rows: AsyncIterator[bytes] = sharing(services).links.csv(
        show, call.base_url, money=await _sees_money(services, call)
    )
    first = await anext(rows)  # a show that is not there is refused before the answer begins

    async def all_rows() -> AsyncIterator[bytes]:
        yield first
        async for row in rows:
            yield row

    name = (("content-disposition", f'attachment; filename="links-{show}.csv"'),)
    return Reply(all_rows(), content_type="text/csv; charset=utf-8", headers=name)


async def _sees_money(services: Services, call: Call) -> bool:
    who = caller(call)
    return who.admin or bool(await services.staff.sees_money(who.person, show=call.path["show"]))


_SHARES = "/shows/{show}/shares"

ROUTES: tuple[Route, ...] = (
    Route("PUT", "/shows/{show}/share", share, None, MyShare, (NoSuchShow, Busy), "person",
          summary="The caller's own link of a show, one for each person, and what came of it"),
    Route("GET", _SHARES, report, None, ShareReport, (NoSuchShow,), "stats",
          summary="A show's share links with visits, entries, orders and money"),
    Route("PUT", _SHARES, put_named, NamedLink, SharedLink, (NoSuchShow, InvalidField, TooManyLinks, Busy),
          "producer", summary="A link of the shop's own by its name; the same name is the same link",
          max_body_bytes=1024),
    Route("GET", "/shows/{show}/shares.csv", report_file, None, bytes, (NoSuchShow,), "stats",
          summary="A show's share links as CSV", content_type="text/csv"),
    Route("POST", "/shares/{code}/visit", visit, None, None, (), "person", 204,
          "Count a visit by a link: each device once a day, one's own link and unknown codes not"),
    Route("GET", "/shares/{code}/qr.svg", qr, None, bytes, (NoSuchLink,),
          summary="A link as a QR code", content_type="image/svg+xml"),
)  # fmt: skip
