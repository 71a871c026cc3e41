"""Sums of orders: whatever the prices, everything adds up to the minor unit, in every currency."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.money import MAX_PRICE_MINOR, exponent
from commerce.sums import (
    PPM,
    LineSums,
    OrderSums,
    Tax,
    by_kind,
    half_up,
    line_sums,
    main_tax,
    money_back,
    order_sums,
    spread,
    sum_of,
    tax_of,
    units_back,
)

CURRENCIES = ("JPY", "USD", "KWD", "CNY")

rates = st.sampled_from([0, 50_000, 72_500, 130_000, 149_750, 190_000, 200_000]) | st.integers(0, PPM)
taxes = st.builds(Tax, rates, st.booleans())


@st.composite
def prices(draw: st.DrawFn) -> list[int]:
    """Draw amounts of lines as a shop of one of the currencies would write them: 1 to 20 of them."""
    unit = 10 ** exponent(draw(st.sampled_from(CURRENCIES)))
    whole = st.integers(0, 5_000).map(lambda major: major * unit)
    any_amount = st.integers(0, 999 * unit) | whole | st.integers(0, MAX_PRICE_MINOR)
    return draw(st.lists(any_amount, min_size=1, max_size=20))


AnOrder = tuple[list[int], int, int, bool, list[Tax]]


@st.composite
def orders(draw: st.DrawFn) -> AnOrder:
    """Draw amounts, a discount that fits them, shipping and its mode, and a tax for each line."""
    amounts, inclusive = draw(prices()), draw(st.booleans())
    discount = draw(st.integers(0, sum(amounts)))
    classes = draw(st.lists(rates, min_size=1, max_size=4))
    each = [Tax(draw(st.sampled_from(classes)), inclusive) for _ in amounts]
    return amounts, discount, draw(st.integers(0, 10**6)), draw(st.booleans()), each


def sums_of(order: AnOrder) -> OrderSums:
    """Add an order up."""
    amounts, discount, shipping, taxed, each = order
    return order_sums(amounts, each, discount_minor=discount, shipping_minor=shipping, shipping_taxed=taxed)


@given(orders())
def test_an_order_is_the_sum_of_its_lines(order: AnOrder) -> None:
    """Items, discount, shipping and tax make the total, and nothing is negative."""
    amounts, discount, shipping, taxed, each = order
    sums = sums_of(order)
    assert sums.items_minor == sum(amounts)
    assert sums.discount_minor == discount
    added = 0 if each[0].inclusive else sums.tax_minor
    assert sums.total_minor == sum(amounts) - discount + shipping + added
    for line in (*sums.lines, sums.shipping):
        assert 0 <= line.discount_minor <= line.amount_minor
        assert 0 <= line.tax_minor <= line.payable_minor
    assert taxed or sums.shipping.tax_minor == 0


@given(orders(), st.randoms(use_true_random=False))
def test_the_order_of_lines_does_not_matter(order: AnOrder, chance: object) -> None:
    """The same lines shuffled come to the same total; of one rate, also to the same tax.

    With several rates, which of two equal lines gets a discount's last unit may move the tax by a unit.
    """
    amounts, discount, shipping, taxed, each = order
    pairs = list(zip(amounts, each, strict=True))
    chance.shuffle(pairs)  # type: ignore[attr-defined]
    shuffled = ([amount for amount, _ in pairs], discount, shipping, taxed, [tax for _, tax in pairs])
    ours, theirs = sums_of(order), sums_of(shuffled)
    if len(set(each)) == 1 or not discount:
        assert (ours.total_minor, ours.tax_minor) == (theirs.total_minor, theirs.tax_minor)
    assert ours.items_minor == theirs.items_minor
    assert ours.discount_minor == theirs.discount_minor


@given(orders())
def test_rates_add_up_to_the_order(order: AnOrder) -> None:
    """What is told of each rate is all there is, no more, in any currency."""
    each = order[-1]
    sums = sums_of(order)
    rows = by_kind([*zip(each, sums.lines, strict=True), *sums.shipping_parts])
    assert sum(row.tax_minor for row in rows.values()) == sums.tax_minor
    assert sum(row.payable_minor for row in rows.values()) == sums.total_minor
    assert sum(row.untaxed_minor for row in rows.values()) == sums.total_minor - sums.tax_minor
    assert set(rows) - {Tax(0, inclusive=each[0].inclusive)} <= set(each)


@given(orders())
def test_shipping_shares_the_rates_of_the_goods(order: AnOrder) -> None:
    """Each gets its goods' part of the price, to less than a unit, and its own tax; the sum is exact."""
    each, taxed, price = order[-1], order[3], order[2]
    sums = sums_of(order)
    assert sums.shipping.amount_minor == price
    if not taxed:
        assert [(tax.rate_ppm, tax.inclusive) for tax, _ in sums.shipping_parts] in (
            [],
            [(0, each[0].inclusive)],
        )
        return
    goods = by_kind(zip(each, sums.lines, strict=True))
    total = sum(line.net_minor for line in goods.values())
    shares = dict(sums.shipping_parts)
    assert len(shares) == len(sums.shipping_parts)
    for tax, line in goods.items():
        share = shares.pop(tax, LineSums(0))
        assert share.tax_minor == tax_of(share.amount_minor, tax)
        if total:
            assert abs(share.amount_minor * total - price * line.net_minor) < total
        else:
            assert share.amount_minor == (price if tax.rate_ppm == max(one.rate_ppm for one in each) else 0)
    assert shares == {}
    rates_down = [tax.rate_ppm for tax, _ in sums.shipping_parts]
    assert rates_down == sorted(rates_down, reverse=True)


@given(orders(), st.randoms(use_true_random=False))
def test_shares_of_shipping_do_not_depend_on_the_order_of_lines(order: AnOrder, chance: object) -> None:
    """Without a discount the goods' money of each rate is the same, and so are the shares."""
    amounts, _, shipping, _, each = order
    pairs = list(zip(amounts, each, strict=True))
    chance.shuffle(pairs)  # type: ignore[attr-defined]
    shuffled = [amount for amount, _ in pairs], [tax for _, tax in pairs]
    ours, theirs = (order_sums(*one, shipping_minor=shipping) for one in ((amounts, each), shuffled))
    assert ours.shipping_parts == theirs.shipping_parts


def test_a_unit_of_shipping_that_is_left_goes_to_the_higher_rate() -> None:
    """Among equal remainders; and goods that cost nothing share nothing beside goods that do."""
    low, high, free = Tax(70_000, name="Low"), Tax(190_000, name="High"), Tax(250_000, name="Free")
    sums = order_sums([100, 0, 100], [low, free, high], shipping_minor=5)
    assert [(tax.name, part.amount_minor) for tax, part in sums.shipping_parts] == [("High", 3), ("Low", 2)]
    gifts = order_sums([0, 0], [low, high], shipping_minor=500)
    assert [(tax.name, part.amount_minor, part.tax_minor) for tax, part in gifts.shipping_parts] == [
        ("High", 500, 95)
    ]
    assert order_sums([100], [low]).shipping_parts == ()
    assert order_sums([100], [low]).shipping == LineSums(0)


@given(orders())
def test_the_main_tax_is_that_of_most_of_the_goods(order: AnOrder) -> None:
    """By money after discounts; no other rate has more of it, and among equals it is the highest."""
    each = order[-1]
    sums = sums_of(order)
    main = main_tax(sums.lines, each)
    weights = {rate: line.net_minor for rate, line in by_kind(zip(each, sums.lines, strict=True)).items()}
    assert weights[main] == max(weights.values())
    assert main.rate_ppm == max(rate.rate_ppm for rate in weights if weights[rate] == weights[main])


@given(st.integers(0, MAX_PRICE_MINOR), taxes)
def test_tax_is_the_nearest_whole_unit(net_minor: int, tax: Tax) -> None:
    """Rounded once, half up: never more than half a unit from the exact tax."""
    base = PPM + tax.rate_ppm if tax.inclusive else PPM
    twice_off = 2 * (tax_of(net_minor, tax) * base - net_minor * tax.rate_ppm)
    assert -base < twice_off <= base


@given(st.integers(0, MAX_PRICE_MINOR), rates)
def test_the_contained_tax_is_the_tax_on_what_is_left(gross_minor: int, rate_ppm: int) -> None:
    """Price with tax, less its tax, taxed again: the same tax, give or take the unit of rounding."""
    contained = tax_of(gross_minor, Tax(rate_ppm, inclusive=True))
    assert abs(tax_of(gross_minor - contained, Tax(rate_ppm)) - contained) <= 1


@given(prices(), st.data())
def test_a_spread_is_exact_and_fair(weights: list[int], data: st.DataObject) -> None:
    """The shares sum to the amount, fit their lines, and are within a unit of the exact share."""
    amount = data.draw(st.integers(0, sum(weights)))
    shares = spread(amount, weights)
    assert sum(shares) == amount
    total = sum(weights)
    for share, weight in zip(shares, weights, strict=True):
        assert 0 <= share <= weight
        assert abs(share * total - amount * weight) < max(total, 1)


@given(st.integers(1, 999), st.integers(0, 10**7), taxes, st.data())
def test_parts_that_go_back_sum_to_the_whole(
    quantity: int, price_minor: int, tax: Tax, data: st.DataObject
) -> None:
    """Units go back in any steps: no step is negative or above what is left, and all of them are the line."""
    amount = quantity * price_minor
    line = line_sums(amount, data.draw(st.integers(0, amount)), tax)
    steps = sorted({0, quantity, *data.draw(st.lists(st.integers(0, quantity), max_size=6))})
    parts = [units_back(line, quantity, before, after - before) for before, after in pairwise(steps)]
    left = line
    for part in parts:
        assert min(part.amount_minor, part.discount_minor, part.tax_minor, part.payable_minor) >= 0
        assert part.tax_minor <= part.payable_minor <= left.payable_minor
        left = LineSums(
            left.amount_minor - part.amount_minor,
            left.discount_minor - part.discount_minor,
            left.tax_minor - part.tax_minor,
            line.inclusive,
        )
    assert sum_of(parts, inclusive=line.inclusive) == line


@given(prices(), taxes, st.data())
def test_an_amount_that_goes_back_carries_its_tax(amounts: list[int], tax: Tax, data: st.DataObject) -> None:
    """Any amounts, in any steps: each pays out exactly what was asked, and the last one closes the books."""
    line = line_sums(amounts[0], data.draw(st.integers(0, amounts[0])), tax)
    whole = line.payable_minor
    steps = sorted({0, whole, *data.draw(st.lists(st.integers(0, whole), max_size=6))})
    parts = [money_back(line, before, after - before) for before, after in pairwise(steps)]
    for part, (before, after) in zip(parts, pairwise(steps), strict=True):
        assert part.payable_minor == after - before
        assert min(part.amount_minor, part.discount_minor, part.net_minor) >= 0
        assert 0 <= part.tax_minor <= part.payable_minor
    if whole:
        assert sum_of(parts, inclusive=line.inclusive) == line


@pytest.mark.parametrize(
    ("amounts", "tax", "shipping", "taxed", "tax_minor", "total_minor"),
    [
        ([1000], Tax(100_000), 500, True, 150, 1650),  # JPY, consumption tax on top
        ([1100], Tax(100_000, inclusive=True), 0, True, 100, 1100),  # JPY, contained
        ([1999, 1], Tax(72_500), 499, False, 145, 2644),  # USD, a state's sales tax, shipping free of it
        ([11900], Tax(190_000, inclusive=True), 490, True, 1978, 12390),  # EUR-like, VAT contained
        ([1250], Tax(50_000), 250, True, 76, 1576),  # KWD, three places: 62.5 is 63, 12.5 is 13
        ([8800, 120], Tax(130_000, inclusive=True), 1000, True, 1141, 9920),  # CNY
        ([1, 1, 1], Tax(500_000), 0, True, 3, 6),  # halves go up, line by line
    ],
)
def test_sums_worked_out_by_hand(
    amounts: list[int],
    tax: Tax,
    shipping: int,
    taxed: bool,
    tax_minor: int,
    total_minor: int,
) -> None:
    """Receipts of four currencies, added up on paper."""
    each = [tax] * len(amounts)
    sums = order_sums(amounts, each, shipping_minor=shipping, shipping_taxed=taxed)
    assert (sums.tax_minor, sums.total_minor) == (tax_minor, total_minor)


@pytest.mark.parametrize(
    ("amounts", "ppm", "inclusive", "discount", "shipping", "line_taxes", "shipping_tax", "total_minor"),
    [
        # JPY: food at 8%, the rest at 10%, contained; 331 and 169 of the parcel: 25 + 15.
        ([1080, 550], [80_000, 100_000], True, 0, 500, [80, 50], 40, 2130),
        # USD: clothes at 0% and a mug at 7.25% on top; 10.00 off, spread before the tax; 2.00 of the parcel.
        ([6000, 4000], [0, 72_500], False, 1000, 500, [0, 261], 15, 9776),
        # KWD, three places: 5% and 0% on top; 1.362 of the parcel bear 0.068.
        ([12_345, 1_250], [50_000, 0], False, 0, 1_500, [617, 0], 68, 15_780),
        # CNY: books at 9%, the rest at 13%, contained; 4.00 of the parcel each: 0.33 + 0.46.
        ([5000, 5000], [90_000, 130_000], True, 0, 800, [413, 575], 79, 10_800),
        # EUR-like: books 7%, mugs 19%, contained, 5.55 off the whole; 1.13 and 3.77: 0.07 + 0.60.
        ([1070, 3570], [70_000, 190_000], True, 555, 490, [62, 502], 67, 4575),
    ],
)
def test_mixed_goods_worked_out_by_hand(
    amounts: list[int], ppm: list[int], inclusive: bool, discount: int, shipping: int,
    line_taxes: list[int], shipping_tax: int, total_minor: int,
) -> None:  # fmt: skip
    """Receipts with two rates, added up on paper."""
    each = [Tax(rate, inclusive) for rate in ppm]
    sums = order_sums(amounts, each, discount_minor=discount, shipping_minor=shipping)
    assert [line.tax_minor for line in sums.lines] == line_taxes
    assert (sums.shipping.tax_minor, sums.total_minor) == (shipping_tax, total_minor)


def test_what_cannot_be_is_refused() -> None:
    """A discount above the line, more units than there are, more money than was paid, two ways of prices."""
    line = line_sums(1000, 100, Tax(200_000))
    for wrong in (
        lambda: line_sums(100, 101, Tax()),
        lambda: spread(1, [0, 0]),
        lambda: units_back(line, 3, 2, 2),
        lambda: units_back(line, 3, -1, 1),
        lambda: money_back(line, 1000, 81),
        lambda: order_sums([1, 2], [Tax(1), Tax(1, inclusive=True)]),
    ):
        with pytest.raises(ValueError, match=r"\d|nothing|contain"):
            wrong()
    assert spread(0, [0, 0]) == (0, 0)


def test_a_half_goes_up() -> None:
    """Also at the size of the highest prices."""
    assert [half_up(n, 2) for n in (0, 1, 2, 3)] == [0, 1, 1, 2]
    assert half_up(MAX_PRICE_MINOR * PPM + PPM // 2, PPM) == MAX_PRICE_MINOR + 1
