"""What an order costs at a place: which ways go there, which tax is taken, and that it adds up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.errors import BadPrice, CommerceError, InvalidField
from commerce.sale.types import Hold, Reservation, ReservationState
from commerce.terms.checks import checked_shipping, checked_taxes
from commerce.terms.quote import choose, offered, quote, rate_at
from commerce.terms.structs import (
    START,
    ShippingKind,
    ShippingMethod,
    ShippingTable,
    TaxRate,
    TaxSum,
    TaxTable,
    Terms,
)

POST = ShippingMethod("Post", 500, id="sm_post", free_from_minor=5000, places=("DE", "FR"))
COURIER = ShippingMethod("Courier", 1500, id="sm_courier", places=("DE", "US-CA"), taxed=False)
COUNTER = ShippingMethod("Counter", 0, ShippingKind.PICKUP, places=("DE",), id="sm_counter", note="Weg 1")
SHIPPING = ShippingTable((COUNTER, POST, COURIER))
TAXES = TaxTable(
    (TaxRate("DE", "MwSt.", 190_000), TaxRate("US-CA", "Sales tax", 72_500), TaxRate("US", "Tax", 10_000)),
    inclusive=True,
)
TERMS = Terms(SHIPPING, TAXES)


def held(*amounts: tuple[int, int]) -> list[Reservation]:
    """Make reservations of (quantity, price)."""
    return [
        Reservation(
            f"rs_{place}", "gu_1", ReservationState.OPEN, 0, 0,
            (Hold(f"po_{place}", f"va_{place}", quantity, price, 1),),
        )
        for place, (quantity, price) in enumerate(amounts)
    ]  # fmt: skip


def test_only_what_goes_there_is_offered() -> None:
    """By country or by region; a pick-up is everybody's; the shop's order stays."""
    assert offered(TERMS, "DE", None) == (COUNTER, POST, COURIER)
    assert offered(TERMS, "US", "CA") == (COUNTER, COURIER)
    assert offered(TERMS, "US", "NY") == (COUNTER,)
    assert offered(START, "NZ", None) == START.shipping.methods


def test_without_a_wish_the_first_that_delivers_is_taken() -> None:
    """Nobody is sent to a counter unasked, unless there is nothing else."""
    assert choose(offered(TERMS, "DE", None), None) == POST
    assert choose(offered(TERMS, "DE", None), "sm_counter") == COUNTER
    assert choose(offered(TERMS, "US", "CA"), "sm_post") == COURIER
    assert choose((COUNTER,), None) == COUNTER
    assert choose((), "sm_post") is None


def test_a_regions_rate_stands_in_place_of_its_countrys() -> None:
    """The nearest rate counts; where there is none, no tax is taken."""
    assert rate_at(TAXES, "US", "CA") == TaxRate("US-CA", "Sales tax", 72_500)
    assert rate_at(TAXES, "US", "NY") == TaxRate("US", "Tax", 10_000)
    assert rate_at(TAXES, "FR", None) is None


def test_a_contained_tax_is_told_and_not_added() -> None:
    """19% in 11.90 is 1.90; the post's 5.00 contain 0.80 of it."""
    found = quote(held((1, 1190)), "EUR", TERMS, ("DE", None), None, {})
    assert (found.shipping, found.shipping_minor, found.shipping_tax_minor) == ("sm_post", 500, 80)
    assert (found.tax_name, found.tax_rate_ppm, found.tax_inclusive) == ("MwSt.", 190_000, True)
    assert (found.items_minor, found.tax_minor, found.total_minor) == (1190, 270, 1690)
    assert [(line.reservation, line.line_total_minor, line.tax_minor) for line in found.lines] == [
        ("rs_0", 1190, 190)
    ]


def test_an_added_tax_is_added_line_by_line() -> None:
    """Each line rounds by itself; a courier that bears no tax bears none."""
    terms = Terms(SHIPPING, TaxTable(TAXES.rates, inclusive=False))
    found = quote(held((3, 333), (1, 101)), "USD", terms, ("US", "CA"), None, {})
    assert [line.tax_minor for line in found.lines] == [72, 7]
    assert (found.shipping_tax_minor, found.tax_minor) == (0, 79)
    assert found.total_minor == 999 + 101 + 1500 + 79


def test_it_is_free_from_the_amount_on() -> None:
    """At the amount itself, not a unit below."""
    assert quote(held((1, 4999)), "EUR", TERMS, ("FR", None), None, {}).shipping_minor == 500
    assert quote(held((2, 2500)), "EUR", TERMS, ("FR", None), None, {}).shipping_minor == 0


def test_what_is_picked_up_bears_the_tax_of_the_counter() -> None:
    """A buyer from France who comes to a counter in Germany pays Germany's."""
    found = quote(held((1, 1190)), "EUR", TERMS, ("FR", None), "sm_counter", {})
    assert (found.tax_name, found.tax_minor, found.total_minor) == ("MwSt.", 190, 1190)


def test_where_nothing_goes_nothing_is_chosen() -> None:
    """The quote says so by an empty list, and still names the goods' price."""
    bare = Terms(ShippingTable((POST,)), TaxTable())
    found = quote(held((1, 900)), "EUR", bare, ("NZ", None), "sm_post", {})
    assert (found.methods, found.shipping, found.total_minor) == ((), None, 900)


CLASSES = TaxTable(
    (
        TaxRate("DE", "MwSt.", 190_000),
        TaxRate("DE", "MwSt.", 70_000, "reduced"),
        TaxRate("US-CA", "Sales tax", 72_500),
        TaxRate("US", "Food tax", 10_000, "food"),
        TaxRate("FR", "TVA", 55_000, "reduced"),
    ),
    inclusive=True,
)


@pytest.mark.parametrize(
    ("place", "tax_class", "rate"),
    [
        (("DE", None), "standard", ("MwSt.", 190_000)),
        (("DE", None), "reduced", ("MwSt.", 70_000)),
        (("DE", None), "food", ("MwSt.", 190_000)),  # nobody named a rate: the standard one
        (("DE", None), "zero", ("MwSt.", 0)),
        (("US", "CA"), "food", ("Food tax", 10_000)),  # the country's for the class, not the region's other
        (("US", "CA"), "reduced", ("Sales tax", 72_500)),
        (("US", "NY"), "standard", None),
        (("FR", None), "reduced", ("TVA", 55_000)),
        (("FR", None), "zero", None),  # no tax is taken there of standard goods, so zero has no name
    ],
)
def test_a_class_bears_its_rate(
    place: tuple[str, str | None], tax_class: str, rate: tuple[str, int] | None
) -> None:
    """The nearest rate of the class, else the standard one; zero bears none of it."""
    found = rate_at(CLASSES, *place, tax_class)
    assert (None if found is None else (found.name, found.rate_ppm)) == rate


def test_lines_bear_their_own_rates() -> None:
    """A book and a mug: a row for each rate, and the post shares both by what they cost: 1.15 and 3.85."""
    terms = Terms(SHIPPING, CLASSES)
    found = quote(held((1, 1070), (1, 3570)), "EUR", terms, ("DE", None), None, {"va_0": "reduced"})
    assert [(line.tax_class, line.tax_rate_ppm, line.tax_minor) for line in found.lines] == [
        ("reduced", 70_000, 70),
        ("standard", 190_000, 570),
    ]
    assert (found.tax_rate_ppm, found.shipping_tax_minor, found.total_minor) == (190_000, 69, 5140)
    assert found.shipping_taxes == (TaxSum("MwSt.", 190_000, 324, 61), TaxSum("MwSt.", 70_000, 107, 8))
    assert found.taxes == (TaxSum("MwSt.", 190_000, 3324, 631), TaxSum("MwSt.", 70_000, 1107, 78))


def test_goods_without_a_rate_beside_goods_with_one() -> None:
    """In France only books are taxed here; of the post's 5.00 their part is 1.30, the mugs' bears none."""
    terms = Terms(SHIPPING, CLASSES)
    found = quote(held((1, 1055), (1, 3000)), "EUR", terms, ("FR", None), None, {"va_0": "reduced"})
    assert [(line.tax_name, line.tax_minor) for line in found.lines] == [("TVA", 55), (None, 0)]
    assert (found.tax_name, found.shipping_tax_minor, found.tax_inclusive) == (None, 7, True)
    assert found.shipping_taxes == (TaxSum("TVA", 55_000, 123, 7),)
    assert (found.taxes, found.total_minor) == ((TaxSum("TVA", 55_000, 1123, 62),), 4555)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 99), st.integers(0, 10**9), st.sampled_from(["standard", "reduced", "zero"])
        ),
        min_size=1,
        max_size=20,
    ),
    st.tuples(st.integers(0, 1_000_000), st.integers(0, 1_000_000)),
    st.tuples(st.booleans(), st.booleans()),
    st.integers(0, 10**6),
)
def test_a_quote_adds_up(
    amounts: list[tuple[int, int, str]], ppm: tuple[int, int], flags: tuple[bool, bool], price: int
) -> None:
    """Lines, shipping and tax are the total, whatever the shop's tables say; so are the rows of rates."""
    inclusive, taxed = flags
    method = ShippingMethod("Any", price, id="sm_any", taxed=taxed)
    rates = (TaxRate("DE", "T", ppm[0]), TaxRate("DE", "R", ppm[1], "reduced"))
    terms = Terms(ShippingTable((method,)), TaxTable(rates, inclusive))
    classes = {f"va_{place}": tax_class for place, (_, _, tax_class) in enumerate(amounts)}
    found = quote(held(*(one[:2] for one in amounts)), "KWD", terms, ("DE", None), None, classes)
    assert found.items_minor == sum(quantity * each for quantity, each, _ in amounts)
    assert found.tax_minor == sum(line.tax_minor for line in found.lines) + found.shipping_tax_minor
    added = 0 if inclusive else found.tax_minor
    assert found.total_minor == found.items_minor + found.shipping_minor + added
    assert sum(row.tax_minor for row in found.taxes) == found.tax_minor
    untaxed = 0 if taxed else price
    assert sum(row.net_minor for row in found.taxes) == found.total_minor - found.tax_minor - untaxed
    assert sum(row.tax_minor for row in found.shipping_taxes) == found.shipping_tax_minor
    contained = found.shipping_tax_minor if inclusive else 0
    shared = sum(row.net_minor for row in found.shipping_taxes) + contained
    assert shared == (found.shipping_minor if taxed else 0)
    assert all(line.tax_minor == 0 for line in found.lines if line.tax_class == "zero")


def fresh(prefix: str) -> str:
    """Make an id."""
    return f"{prefix}_fresh"


@pytest.mark.parametrize(
    ("method", "refusal", "field"),
    [
        (ShippingMethod("", 0), InvalidField, "methods[0].name"),
        (ShippingMethod("Post", -1), BadPrice, None),
        (ShippingMethod("Post", 0, free_from_minor=-1), BadPrice, None),
        (ShippingMethod("Post", 0, id="sm_strange"), InvalidField, "methods[0].id"),
        (ShippingMethod("Post", 0, places=("EU",)), InvalidField, "methods[0].places"),
        (ShippingMethod("Post", 0, places=("US-XX",)), InvalidField, "methods[0].places"),
        (ShippingMethod("Counter", 0, ShippingKind.PICKUP), InvalidField, "methods[0].places"),
        (ShippingMethod("Post", 0, min_days=5, max_days=2), InvalidField, "methods[0].max_days"),
        (ShippingMethod("Post", 0, max_days=999), InvalidField, "methods[0].max_days"),
        (ShippingMethod("Post", 0, note="x" * 501), InvalidField, "methods[0].note"),
    ],
)
def test_a_method_that_cannot_be_is_named(
    method: ShippingMethod, refusal: type[CommerceError], field: str | None
) -> None:
    """The field and its row."""
    with pytest.raises(refusal) as refused:
        checked_shipping(ShippingTable((method,)), frozenset(), fresh)
    assert refused.value.facts.get("field") == field


def test_a_shop_has_at_least_one_method_and_ids_once() -> None:
    """An empty table, too many rows and an id twice are refused; a new row gets an id."""
    for methods in ((), (POST,) * 21, (POST, POST)):
        with pytest.raises(InvalidField) as refused:
            checked_shipping(ShippingTable(methods), frozenset({"sm_post"}), fresh)
        assert refused.value.facts["field"] == "methods"
    kept = checked_shipping(
        ShippingTable((POST, ShippingMethod(" Two  words ", 5, places=("us-ca", "US-CA")))),
        frozenset({"sm_post"}),
        fresh,
    )
    assert [(method.id, method.name, method.places) for method in kept.methods] == [
        ("sm_post", "Post", ("DE", "FR")),
        ("sm_fresh", "Two words", ("US-CA",)),
    ]


@pytest.mark.parametrize(
    ("rates", "field"),
    [
        ((TaxRate("ZZ", "VAT", 1),), "rates[0].place"),
        ((TaxRate("DE", "", 1),), "rates[0].name"),
        ((TaxRate("DE", "VAT", -1),), "rates[0].rate_ppm"),
        ((TaxRate("DE", "VAT", 1_000_001),), "rates[0].rate_ppm"),
        ((TaxRate("DE", "VAT", 1), TaxRate("de", "VAT", 2)), "rates[1].place"),
        ((TaxRate("DE", "VAT", 1),) * 401, "rates"),
        ((TaxRate("DE", "VAT", 1, ""),), "rates[0].tax_class"),
        ((TaxRate("DE", "VAT", 1, "x" * 25),), "rates[0].tax_class"),
        ((TaxRate("DE", "VAT", 0, "Zero"),), "rates[0].tax_class"),
        ((TaxRate("DE", "VAT", 1, "food"), TaxRate("DE", "VAT", 2, " FOOD ")), "rates[1].place"),
        (tuple(TaxRate("DE", "VAT", 1, f"class {n}") for n in range(21)), "rates"),
    ],
)
def test_a_rate_that_cannot_be_is_named(rates: tuple[TaxRate, ...], field: str) -> None:
    """The field and its row."""
    with pytest.raises(InvalidField) as refused:
        checked_taxes(TaxTable(rates))
    assert refused.value.facts["field"] == field
