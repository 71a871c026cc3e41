"""Products, prices with versions, and stock through the engine."""

import pytest

from commerce.catalogue.structs import ProductChange, ProductRequest, VariantChange, VariantRequest
from commerce.errors import (
    BadPrice,
    BadQuantity,
    CommerceError,
    IdempotencyConflict,
    InvalidField,
    KeyMissing,
    NoSuchProduct,
    NoSuchShop,
    NoSuchVariant,
    NotEnoughStock,
    ProductInUse,
)
from commerce.events import Kind
from commerce.sale.refusals import PriceChanged
from commerce.sale.types import Line
from commerce.services import CommerceServices
from tests.commerce.builders import new_product, new_stall, notes


def one(price_minor: int = 1200, quantity: int = 1, title: str = "100 g") -> VariantRequest:
    """Make a variant to ask for."""
    return VariantRequest(title=title, price_minor=price_minor, quantity=quantity)


async def test_a_new_product_can_be_bought_at_once(commerce: CommerceServices) -> None:
    """Price and stock are in Redis when the answer is there."""
    stall = await new_stall(commerce)
    (variant,) = stall.product.variants
    assert (variant.price_minor, variant.price_version, variant.pool) == (1200, 1, f"po_{variant.id}")
    assert variant.stock is not None
    assert (variant.stock.available, variant.stock.held, variant.stock.sold, variant.stock.total) == (
        10,
        0,
        0,
        10,
    )
    line = Line(variant=variant.id, quantity=1, price_version=1)
    held = await commerce.engine.reserve(
        stall.shop, person=stall.owner, key="press-one", reservation=commerce.new_id("rs"), lines=[line]
    )
    assert held.total_minor == 1200


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (ProductRequest(title="", variants=(one(),)), InvalidField),
        (ProductRequest(title="x" * 121, variants=(one(),)), InvalidField),
        (ProductRequest(title="Tea", variants=()), InvalidField),
        (ProductRequest(title="Tea", variants=(one(),) * 41), InvalidField),
        (ProductRequest(title="Tea", variants=(one(price_minor=-1),)), BadPrice),
        (ProductRequest(title="Tea", variants=(one(price_minor=10**13),)), BadPrice),
        (ProductRequest(title="Tea", variants=(one(quantity=-1),)), BadQuantity),
        (ProductRequest(title="Tea", variants=(one(), one(quantity=1_000_001))), BadQuantity),
    ],
)
async def test_a_product_that_cannot_be_right_is_refused_whole(
    commerce: CommerceServices, request_: ProductRequest, error: type[CommerceError]
) -> None:
    """No part of it is written, whichever part was wrong."""
    stall = await new_stall(commerce)
    with pytest.raises(error):
        await commerce.catalogue.add(stall.shop, stall.owner, request_)
    assert [product.id for product in await commerce.catalogue.list(stall.shop)] == [stall.product.id]
    assert await commerce.outbox.waiting() == 0


async def test_a_new_price_gets_the_next_version_everywhere(commerce: CommerceServices) -> None:
    """Redis refuses the old version from then on, the history keeps both, the rooms hear of it."""
    stall = await new_stall(commerce)
    changed = await commerce.catalogue.change_variant(
        stall.shop, stall.product.id, stall.variant, stall.owner, VariantChange(price_minor=900)
    )
    assert (changed.variants[0].price_minor, changed.variants[0].price_version) == (900, 2)
    line = Line(variant=stall.variant, quantity=1, price_version=1)
    with pytest.raises(PriceChanged) as caught:
        await commerce.engine.reserve(
            stall.shop, person=stall.owner, key="press-one", reservation=commerce.new_id("rs"), lines=[line]
        )
    assert (caught.value.facts["price_minor"], caught.value.facts["price_version"]) == (900, 2)
    history = await commerce.catalogue.price_history(stall.variant)
    assert [(version, price) for version, price, _ in history] == [(2, 900), (1, 1200)]
    kinds = [entry.kind for entry in await commerce.engine.ledger_read(stall.shop)]
    assert kinds.count(Kind.PRICE) == 2


async def test_the_same_price_again_makes_no_version(commerce: CommerceServices) -> None:
    """A change that changes nothing leaves no line in the history."""
    stall = await new_stall(commerce)
    same = VariantChange(price_minor=1200, title="100 g")
    changed = await commerce.catalogue.change_variant(
        stall.shop, stall.product.id, stall.variant, stall.owner, same
    )
    assert changed == await commerce.catalogue.get(stall.shop, stall.product.id)
    assert len(await commerce.catalogue.price_history(stall.variant)) == 1


async def test_an_old_price_to_compare_with_can_be_removed(commerce: CommerceServices) -> None:
    """`null` removes it, leaving it out keeps it; a wrong one changes nothing."""
    stall = await new_stall(commerce)

    async def change(wanted: VariantChange) -> int | None:
        product = await commerce.catalogue.change_variant(
            stall.shop, stall.product.id, stall.variant, stall.owner, wanted
        )
        return product.variants[0].compare_at_minor

    assert await change(VariantChange(compare_at_minor=1500)) == 1500
    assert await change(VariantChange(sku="OO-100")) == 1500
    with pytest.raises(BadPrice):
        await change(VariantChange(compare_at_minor=-1))
    assert await change(VariantChange(title="100 g bag")) == 1500
    assert await change(VariantChange(compare_at_minor=None)) is None


async def test_restocking_with_one_key_counts_once(commerce: CommerceServices) -> None:
    """A repeat answers the same; another quantity under the key is a conflict; stock shows both."""
    stall = await new_stall(commerce)

    async def restock(quantity: int, key: str | None) -> int:
        answer = await commerce.catalogue.restock(
            stall.shop, stall.product.id, stall.variant, stall.owner, quantity, key
        )
        return answer.stock.available

    assert await restock(5, "delivery-1") == 15
    assert await restock(5, "delivery-1") == 15
    with pytest.raises(IdempotencyConflict):
        await restock(6, "delivery-1")
    for wrong in (0, -1, 1_000_001):
        with pytest.raises(BadQuantity):
            await restock(wrong, "delivery-2")
    for key in (None, "short", "with space in it"):
        with pytest.raises(KeyMissing):
            await restock(1, key)
    stock = (await commerce.catalogue.get(stall.shop, stall.product.id)).variants[0].stock
    assert stock is not None
    assert (stock.available, stock.total) == (15, 15)


async def test_only_units_that_are_there_can_be_withdrawn(commerce: CommerceServices) -> None:
    """More than available is refused and leaves the pool as it is."""
    stall = await new_stall(commerce)
    names = (stall.shop, stall.product.id, stall.variant, stall.owner)
    assert (await commerce.catalogue.withdraw(*names, 4, "broken-cups")).stock.available == 6
    with pytest.raises(NotEnoughStock) as caught:
        await commerce.catalogue.withdraw(*names, 7, "broken-more")
    assert caught.value.facts["available"] == 6
    stock = (await commerce.catalogue.get(stall.shop, stall.product.id)).variants[0].stock
    assert stock is not None
    assert (stock.available, stock.total) == (6, 10)


async def test_another_shops_product_is_no_product_here(commerce: CommerceServices) -> None:
    """Every door that names a shop refuses what belongs to another one."""
    stall, other = await new_stall(commerce), await new_stall(commerce, "ren@example.com")
    catalogue, change = commerce.catalogue, ProductChange(title="Mine now")
    for refused in (
        catalogue.get(other.shop, stall.product.id),
        catalogue.change(other.shop, stall.product.id, change),
        catalogue.delete(other.shop, stall.product.id),
        catalogue.add_variant(other.shop, stall.product.id, other.owner, one()),
    ):
        with pytest.raises(NoSuchProduct):
            await refused
    with pytest.raises(NoSuchVariant):
        await catalogue.restock(other.shop, stall.product.id, stall.variant, other.owner, 1, "key-of-ren")
    with pytest.raises(NoSuchVariant):
        await catalogue.change_variant(
            other.shop, other.product.id, stall.variant, other.owner, VariantChange(price_minor=1)
        )
    with pytest.raises(NoSuchShop):
        await catalogue.list("sp_nowhere")
    assert await catalogue.get(stall.shop, stall.product.id) == stall.product
    assert await catalogue.by_variants(other.shop, (stall.variant,)) == {}


async def test_a_product_of_a_show_that_is_not_over_cannot_be_deleted(commerce: CommerceServices) -> None:
    """After the show it can, and orders still find it by its variant."""
    stall = await new_stall(commerce)
    with pytest.raises(ProductInUse) as caught:
        await commerce.catalogue.delete(stall.shop, stall.product.id)
    assert caught.value.facts["shows"] == [stall.show]
    assert await commerce.catalogue.get(stall.shop, stall.product.id) == stall.product
    await commerce.shows.end(stall.show)
    await commerce.catalogue.delete(stall.shop, stall.product.id)
    assert await commerce.catalogue.list(stall.shop) == ()
    found = await commerce.catalogue.by_variants(stall.shop, (stall.variant,))
    assert found[stall.variant].title == "Oolong"
    assert not found[stall.variant].published


async def test_only_published_products_are_listed_in_public(commerce: CommerceServices) -> None:
    """Hosts see all, in the order in which they were made."""
    stall = await new_stall(commerce)
    hidden = await new_product(commerce, stall.shop, stall.owner)
    await commerce.catalogue.change(stall.shop, hidden.id, ProductChange(published=False))
    public = await commerce.catalogue.list(stall.shop, published_only=True)
    assert [product.id for product in public] == [stall.product.id]
    assert {product.id for product in await commerce.catalogue.list(stall.shop)} == {
        stall.product.id,
        hidden.id,
    }


async def test_rooms_hear_what_a_product_says_now(commerce: CommerceServices) -> None:
    """The note carries the whole product, so that a screen needs to ask nobody."""
    stall = await new_stall(commerce)
    await commerce.catalogue.change(stall.shop, stall.product.id, ProductChange(title="Spring oolong"))
    kind, body = (await notes(commerce, stall.shop))[-1]
    product = body["product"]
    assert isinstance(product, dict)
    assert (kind, product["id"], product["title"]) == ("product", stall.product.id, "Spring oolong")
