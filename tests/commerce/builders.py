"""Small worlds for tests: an owner with a shop, a product with stock, a show."""

from dataclasses import dataclass

from commerce.accounts.structs import Person
from commerce.catalogue.structs import Product, ProductRequest, VariantRequest
from commerce.services import CommerceServices
from commerce.shops.structs import ShopRequest
from commerce.shows.structs import ShowRequest

PASSWORD = "correct horse"


@dataclass(frozen=True, slots=True)
class Stall:
    """A shop, its owner, one product with one variant, and a scheduled show."""

    owner: str
    shop: str
    product: Product
    show: str

    @property
    def variant(self) -> str:
        """The product's only variant."""
        return self.product.variants[0].id


async def new_account(commerce: CommerceServices, email: str = "mei@example.com", name: str = "Mei") -> str:
    """Make an account and answer its id."""
    return await commerce.accounts.create(email, PASSWORD, name, confirmed=True)


async def new_product(commerce: CommerceServices, shop: str, owner: str, quantity: int = 10) -> Product:
    """Make a product with one variant of 1200 minor units."""
    variant = VariantRequest(title="100 g", price_minor=1200, quantity=quantity)
    return await commerce.catalogue.add(shop, owner, ProductRequest(title="Oolong", variants=(variant,)))


async def new_stall(commerce: CommerceServices, email: str = "mei@example.com", quantity: int = 10) -> Stall:
    """Make a stall; the owner's account is made for it."""
    owner = await new_account(commerce, email)
    shop = (await commerce.shops.found(owner, ShopRequest(name="Mei's Tea", currency="USD"))).id
    product = await new_product(commerce, shop, owner, quantity)
    show = await commerce.shows.create(
        shop, ShowRequest(title="Evening tea", starts_at_ms=commerce.now_ms() + 3_600_000)
    )
    await commerce.shows.put_run_of_show(show, (product.id,))
    return Stall(owner, shop, product, show)


async def new_guest(commerce: CommerceServices, name: str = "Lin") -> tuple[Person, str]:
    """Make a guest; answers the person and the refresh cookie."""
    opened = await commerce.sessions.open_guest(name, None, "192.0.2.1")
    assert opened.cookie is not None
    return opened.answer.person, opened.cookie


async def notes(commerce: CommerceServices, shop: str) -> list[tuple[str, dict[str, object]]]:
    """Answer the notes of a shop's ledger in order, as (name, facts)."""
    entries = await commerce.engine.ledger_read(shop, count=1000)
    return [(str(entry.note), entry.body) for entry in entries if entry.kind == "note"]
