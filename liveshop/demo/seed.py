"""The demo's data, made through the same services that hosts use; running it again mends what is missing.

`seed_demo` is called at every start of `liveshop demo`, before anything serves. What people did in between
stays: only what is not there is made, and pools that ran low are filled up.
"""

import asyncio
from dataclasses import dataclass

from commerce.accounts.structs import Person
from commerce.catalogue.structs import Product, ProductRequest, VariantRequest
from commerce.errors import CommerceError
from commerce.money import plain
from commerce.services import CommerceServices
from commerce.shops.structs import ShopRequest
from commerce.shows.structs import Sale, SaleRequest, ShowRequest
from commerce.terms.structs import START
from liveshop.demo.pictures_image import draw_avatar, draw_poster, draw_product
from liveshop.demo.sign_ins_files import sign_in_passwords
from liveshop.demo.wares import PEOPLE, SHIPPING, SHOPS, TAXES, DemoPerson, DemoShop, DemoWare

CURRENCY = "USD"
SCHEDULED_IN_MS = 26 * 3600 * 1000
LOW_UNITS = 5
SALE_UNITS = 20
SALE_LIMIT = 2
SALE_S = 600
SALE_PAUSE_S = 20


@dataclass(frozen=True, slots=True)
class SignIn:
    """One line of what the demo prints: who, and with what."""

    role: str
    name: str
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo consists of. `cards` is (name, price) for the publisher to show."""

    sign_ins: tuple[SignIn, ...]
    shop: str
    shop_name: str
    live_show: str
    scheduled_show: str
    stream_key: str
    cards: tuple[tuple[str, str], ...]


async def seed_demo(services: CommerceServices, data_folder: str) -> Demo:
    """Make what is missing of the demo and answer all of it."""
    emails = tuple(one.email for one in PEOPLE)
    passwords, fresh = await asyncio.to_thread(sign_in_passwords, data_folder, emails)
    people = {
        one.email: await _person(services, one, passwords[one.email], fresh=one.email in fresh)
        for one in PEOPLE
    }
    shows: dict[str, str] = {}
    shops: dict[str, str] = {}
    for shop in SHOPS:
        owner = next(one for one in PEOPLE if one.shop == shop.slug and one.role == "owner")
        shops[shop.slug] = await _shop(services, shop, people[owner.email])
        await _terms(services, shops[shop.slug])
        products = [await _product(services, shops[shop.slug], people[owner.email].id, w) for w in shop.wares]
        shows[shop.slug] = await _show(services, shop, shops[shop.slug], products)
    await _roles(services, people, shops)
    live = next(shop for shop in SHOPS if shop.live)
    later = next(shop for shop in SHOPS if not shop.live)
    key = await services.shows.stream_key(shows[live.slug], services.settings.public_url)
    return Demo(
        sign_ins=tuple(
            SignIn("host" if one.role == "owner" else one.role, one.name, one.email, passwords[one.email])
            for one in PEOPLE
        ),
        shop=shops[live.slug],
        shop_name=live.name,
        live_show=shows[live.slug],
        scheduled_show=shows[later.slug],
        stream_key=key.key,
        cards=tuple((ware.title, _printed(ware.variants[0][1])) for ware in live.wares),
    )


async def start_demo_sale(services: CommerceServices, demo: Demo, turn: int = 0) -> Sale | None:
    """Launch a flash sale in the live show unless one is on; `turn` chooses the product, round and round.

    Answers the sale that is on, or None when none can be: the show has ended, or too few units are left.
    """
    running = [sale for sale in await services.sales.of_show(demo.live_show) if sale.state != "ended"]
    if running:
        return running[0]
    page = await services.screens.show(demo.live_show)
    if page.state != "live" or not page.products:
        return None
    product = page.products[turn % len(page.products)]
    variant = product.variants[0]
    request = SaleRequest(
        variant=variant.id,
        price_minor=variant.price_minor * 6 // 10,
        quantity=SALE_UNITS,
        limit=SALE_LIMIT,
        duration_s=SALE_S,
        starts_in_s=3,
    )
    owner = (await services.shops.staff(demo.shop))[0].person
    try:
        sale = await services.sales.create(demo.live_show, owner, request, services.new_id("key"))
        await services.shows.pin(demo.live_show, product.id)
    except CommerceError:
        return None
    return sale


async def run_demo_sales(services: CommerceServices, demo: Demo) -> None:
    """Keep flash sales coming, one product after another, until cancelled."""
    turn = 0
    while True:
        sale = await start_demo_sale(services, demo, turn)
        turn += 1
        wait_ms = sale.ends_at_ms - services.now_ms() if sale else 0
        await asyncio.sleep(SALE_PAUSE_S + max(0, min(wait_ms, SALE_S * 1000)) / 1000)


async def _person(services: CommerceServices, demo: DemoPerson, password: str, *, fresh: bool) -> Person:
    """Answer the account, made if it is missing; a fresh password replaces one nobody knows any more."""
    person = await services.accounts.find(demo.email)
    if person is None:
        account = await services.accounts.create(demo.email, password, demo.name, confirmed=True)
        person = await services.accounts.person(account)
        assert person is not None
    elif fresh:
        await services.accounts.set_password(person.id, password)
    return person


async def _shop(services: CommerceServices, demo: DemoShop, owner: Person) -> str:
    for there in owner.shops:
        if there.slug == demo.slug:
            return there.id
    request = ShopRequest(
        name=demo.name,
        slug=demo.slug,
        currency=CURRENCY,
        legal_name=demo.legal_name,
        legal_address=demo.legal_address,
        contact_email=owner.email or "",
        accent=demo.accent,
    )
    shop = await services.shops.found(owner.id, request)
    avatar = await asyncio.to_thread(draw_avatar, *demo.avatar)
    picture = await services.pictures.add_loose(shop.id, avatar, f"The mark of {demo.name}")
    return (await services.shops.set_avatar(shop.id, picture.id)).id


async def _terms(services: CommerceServices, shop: str) -> None:
    """Set shipping and taxes, unless somebody did already."""
    if await services.terms.of(shop) == START:
        await services.terms.put_shipping(shop, SHIPPING)
        await services.terms.put_taxes(shop, TAXES)


async def _product(services: CommerceServices, shop: str, owner: str, ware: DemoWare) -> Product:
    products = await services.catalogue.list(shop)
    product = next((one for one in products if one.title == ware.title), None)
    if product is None:
        variants = tuple(
            VariantRequest(title=title, price_minor=price, compare_at_minor=before, quantity=units)
            for title, price, before, units in ware.variants
        )
        request = ProductRequest(ware.title, variants, ware.description, tax_class=ware.tax_class)
        product = await services.catalogue.add(shop, owner, request)
    if not product.pictures:
        drawn = await asyncio.to_thread(draw_product, ware.subject)
        await services.pictures.add_to_product(shop, product.id, drawn, ware.alt)
    await _fill_up(services, shop, owner, product, ware)
    return product


async def _fill_up(
    services: CommerceServices, shop: str, owner: str, product: Product, ware: DemoWare
) -> None:
    """Restock what ran low, so that a demo that was played with can be played with again."""
    units = {title: quantity for title, _, _, quantity in ware.variants}
    for variant in product.variants:
        wanted = units.get(variant.title, 0)
        if variant.stock is not None and variant.stock.available < min(LOW_UNITS, wanted):
            missing = wanted - variant.stock.available
            key = services.new_id("key")
            await services.catalogue.restock(shop, product.id, variant.id, owner, missing, key)


async def _show(services: CommerceServices, demo: DemoShop, shop: str, products: list[Product]) -> str:
    """Answer the shop's live or next show; one that has ended is followed by a new one."""
    wanted = "live" if demo.live else "scheduled"
    for there in (await services.screens.of_shop(shop)).shows:
        if there.state == wanted:
            return there.id
    title, description = demo.show
    starts_at_ms = services.now_ms() + (0 if demo.live else SCHEDULED_IN_MS)
    request = ShowRequest(title=title, description=description, starts_at_ms=starts_at_ms)
    show = await services.shows.create(shop, request)
    poster = await asyncio.to_thread(draw_poster, *demo.poster)
    picture = await services.pictures.add_loose(shop, poster, title)
    await services.shows.set_poster(show, picture.id)
    await services.shows.put_run_of_show(show, tuple(product.id for product in products))
    if demo.live:
        await services.shows.start(show)
        await services.shows.pin(show, products[0].id)
    return show


async def _roles(services: CommerceServices, people: dict[str, Person], shops: dict[str, str]) -> None:
    for one in PEOPLE:
        if one.role == "admin" and not people[one.email].admin:
            await services.accounts.make_admin(people[one.email].id)
        elif one.role == "moderator" and one.shop is not None and not people[one.email].shops:
            await services.shops.put_staff(shops[one.shop], one.email, one.role)


def _printed(price_minor: int) -> str:
    return "$" + plain(price_minor, CURRENCY).removesuffix(f" {CURRENCY}")
