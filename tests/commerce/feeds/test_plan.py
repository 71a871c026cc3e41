"""What a draft would do beside what is on the shelf."""

from typing import Any

import pytest
from msgspec import UNSET

from commerce.catalogue.structs import Product, ProductChange, Stock, Variant, VariantChange
from commerce.feeds.drafts import PictureDraft, ProductDraft, VariantDraft
from commerce.feeds.plan import ONLY_ONE, Doing, Plan, match_variants, plan
from commerce.feeds.shelf import Shelf, handle_for, id_in_handle


def variant(number: int, title: str, sku: str = "", **more: Any) -> Variant:
    """Make a variant of the shelf: 12.00, 5 available."""
    values = {"price_minor": 1200, "compare_at_minor": None, "stock": Stock(5, 1, 2, 8), **more}
    return Variant(id=f"va_{number}", title=title, sku=sku, price_version=1, pool=f"po_va_{number}", **values)


def product(*variants: Variant, number: int = 1) -> Product:
    """Make a product of the shelf."""
    return Product(f"pr_{number}", "sp_1", "Mug", "Of clay.", True, None, (), variants, "USD")


def draft(*variants: VariantDraft, **values: Any) -> ProductDraft:
    """Make a draft of the mug."""
    told = {"line": 2, "handle": "mug", "title": "Mug", "rows": len(variants), **values}
    return ProductDraft(variants=variants, **told)


def planned(one: ProductDraft, there: Product | None, names: dict[str, str] | None = None) -> Plan:
    """Plan without any picture known."""
    return plan(one, there, names or {}, frozenset())


RED, BLUE = variant(1, "Red", "M-R"), variant(2, "Blue", "M-B")
SHELF = product(RED, BLUE)


def test_what_the_file_does_not_name_stays() -> None:
    """Missing columns and missing variants change nothing."""
    made = planned(draft(VariantDraft(3, title="Red")), SHELF)
    assert (made.doing, made.change, made.variants) == (Doing.KEEP, None, ())


@pytest.mark.parametrize(
    ("told", "change"),
    [
        ({"price_minor": 1300}, VariantChange(price_minor=1300)),
        ({"compare_at_minor": 1500}, VariantChange(compare_at_minor=1500)),
        ({"sku": ""}, VariantChange(sku="")),
        ({"sku": "M-RED", "price_minor": 1200}, VariantChange(sku="M-RED")),
    ],
)
def test_a_cell_that_differs_is_the_change(told: dict[str, Any], change: VariantChange) -> None:
    """And only that cell; a blank one overwrites."""
    made = planned(draft(VariantDraft(3, title="Red", **told)), SHELF)
    assert made.doing is Doing.CHANGE
    assert [(part.variant, part.change, part.stock) for part in made.variants] == [("va_1", change, None)]


def test_texts_change_only_where_they_differ() -> None:
    """A blank description overwrites; the same title is no change."""
    made = planned(draft(VariantDraft(3, title="Red"), description=""), SHELF)
    assert (made.doing, made.change) == (Doing.CHANGE, ProductChange(description=""))


def test_composed_and_decomposed_text_is_the_same() -> None:
    """No change is seen where a reader sees none."""
    there = product(variant(1, "Cafe\u0301"))
    assert planned(draft(VariantDraft(3, title="Caf\u00e9")), there).doing is Doing.KEEP


@pytest.mark.parametrize(("quantity", "stock"), [(5, None), (7, 7), (0, 0), (UNSET, None)])
def test_stock_is_what_shall_be_available(quantity: Any, stock: int | None) -> None:
    """What is held or sold is not counted."""
    made = planned(draft(VariantDraft(3, title="Red", quantity=quantity)), SHELF)
    assert [part.stock for part in made.variants] == ([] if stock is None else [stock])


def test_a_blank_price_of_something_sold_is_a_fault() -> None:
    """It would be given away; nothing of the product is imported."""
    made = planned(draft(VariantDraft(3, title="Red", price_minor=None)), SHELF)
    assert [(fault.line, fault.code) for fault in made.faults] == [(3, "price_missing")]
    added = planned(draft(VariantDraft(4, title="Green")), SHELF)
    assert [(fault.line, fault.code) for fault in added.faults] == [(4, "price_missing")]


def test_a_new_product_without_a_price_is_not_shown() -> None:
    """It is made, hidden, and a note says so."""
    made = planned(draft(VariantDraft(3)), None)
    assert made.request is not None
    assert (made.doing, made.request.published, made.request.variants[0].title) == (
        Doing.MAKE, False, ONLY_ONE,
    )  # fmt: skip
    assert [note.code for note in made.notes] == ["no_price"]
    priced = planned(draft(VariantDraft(3, price_minor=800, quantity=4)), None)
    assert priced.request is not None
    assert (priced.request.published, priced.request.variants[0].quantity, priced.notes) == (True, 4, ())


def test_a_product_keeps_its_most_variants() -> None:
    """More than a product can have is a fault before anything is written."""
    there = product(*(variant(n, f"V{n}") for n in range(39)))
    two = (VariantDraft(3, title="New 1", price_minor=1), VariantDraft(4, title="New 2", price_minor=1))
    assert [fault.code for fault in planned(draft(*two), there).faults] == ["too_many_variants"]
    assert planned(draft(two[0]), there).faults == ()


@pytest.mark.parametrize(
    ("told", "names", "meant"),
    [
        (VariantDraft(3, title="Renamed", id="va_2"), {}, "va_2"),
        (VariantDraft(3, title="Renamed", name="G-1"), {"G-1": "va_2"}, "va_2"),
        (VariantDraft(3, title="Renamed", name="va_2"), {}, "va_2"),
        (VariantDraft(3, title="Blue", sku="other"), {}, "va_2"),
        (VariantDraft(3, title="Renamed", sku="M-B"), {}, "va_2"),
        (VariantDraft(3, title="Renamed", sku=""), {}, None),
        (VariantDraft(3, title="Blue", id="va_of_another_shop"), {}, "va_2"),
        (VariantDraft(3), {}, None),
    ],
)
def test_a_variant_is_known_by_what_is_surest(
    told: VariantDraft, names: dict[str, str], meant: str | None
) -> None:
    """Our id, the file's name, the title, the SKU; without any of them it is a new one."""
    (found,) = match_variants([told], [RED, BLUE], names)
    assert (found.id if found else None) == meant


def test_variants_of_one_title_are_told_apart_by_their_sku() -> None:
    """In whatever order the file has them; each is meant once."""
    shelf = [variant(1, "Red", "A"), variant(2, "Red", "B"), variant(3, "Red", "C")]
    told = [
        VariantDraft(2, title="Red", sku="C"),
        VariantDraft(3, title="Red", sku="A"),
        VariantDraft(4, title="Red"),
    ]
    assert [found.id for found in match_variants(told, shelf, {}) if found] == ["va_3", "va_1", "va_2"]


def test_only_pictures_not_taken_before_are_planned() -> None:
    """The address tells; a product with nothing but a new picture is a change."""
    pictures = (
        PictureDraft(2, "Image Src", "https://a/1.jpg"),
        PictureDraft(3, "Image Src", "https://a/2.jpg"),
    )
    one = draft(VariantDraft(2, title="Red"), pictures=pictures)
    made = plan(one, SHELF, {}, frozenset({"https://a/1.jpg"}))
    assert (made.doing, made.pictures) == (Doing.CHANGE, pictures[1:])
    assert plan(one, SHELF, {}, frozenset(picture.url for picture in pictures)).doing is Doing.KEEP


def test_an_exported_handle_leads_back_whatever_the_title_became() -> None:
    """The id stands at its end; other handles hold none."""
    there = Product("pr_abcdefghij234567", "sp_1", "Mug!", "", True, None, (), (), "USD")
    assert id_in_handle(handle_for(there)) == there.id
    assert id_in_handle("pr_abcdefghij234567") == there.id
    for other in ("mug", "mug-abcdefghij23456", "mug-abcdefghij2345678", "mug-abcdefghij23456!", ""):
        assert id_in_handle(other) == ""


def shelf_of(**values: Any) -> Shelf:
    """Make a shelf of two products, each with a variant."""
    there = {f"pr_{n}": product(variant(n, "Red"), number=n) for n in (1, 2)}
    told: dict[str, Any] = {
        "products": there, "handles": {}, "names": {}, "sources": {},
        "owners": {"va_1": "pr_1", "va_2": "pr_2"},
    }  # fmt: skip
    return Shelf("sp_1", **told | values)


def test_a_group_of_two_products_is_a_fault() -> None:
    """Nobody could say which of them is meant."""
    items = draft(VariantDraft(2, name="va_1"), VariantDraft(3, name="G"))
    found, fault = shelf_of(names={"G": "va_2"}).product_of(items)
    assert found is None
    assert fault is not None
    assert (fault.line, fault.code) == (2, "names_two_products")


def test_a_deleted_product_is_made_anew() -> None:
    """A handle that means something gone means nothing."""
    assert shelf_of(handles={"mug": "pr_gone"}).product_of(draft(VariantDraft(2))) == (None, None)
    found, _ = shelf_of(handles={"mug": "pr_2"}).product_of(draft(VariantDraft(2)))
    assert found is not None
    assert found.id == "pr_2"
