"""What the demo sells and who works there, as data."""

from dataclasses import dataclass

from commerce.tax_classes import REDUCED, STANDARD
from commerce.terms.structs import ShippingKind, ShippingMethod, ShippingTable, TaxRate, TaxTable


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to sign in as. `role` is owner, moderator or admin; `shop` is a slug."""

    email: str
    name: str
    role: str
    shop: str | None


@dataclass(frozen=True, slots=True)
class DemoWare:
    """A product: `subject` names its drawing; variants are (title, price, old price, units)."""

    subject: str
    title: str
    description: str
    alt: str
    variants: tuple[tuple[str, int, int | None, int], ...]
    tax_class: str = STANDARD


@dataclass(frozen=True, slots=True)
class DemoShop:
    """A shop with its wares; the host owns it. `show` is (title, description)."""

    slug: str
    name: str
    accent: str
    avatar: tuple[str, str]
    poster: tuple[str, str, str]
    legal_name: str
    legal_address: str
    show: tuple[str, str]
    live: bool
    wares: tuple[DemoWare, ...]


PEOPLE = (
    DemoPerson("mei@demo.example", "Mei", "owner", "meis-tea"),
    DemoPerson("ren@demo.example", "Ren", "owner", "kiln-and-clay"),
    DemoPerson("jo@demo.example", "Jo", "moderator", "meis-tea"),
    DemoPerson("admin@demo.example", "Admin", "admin", None),
)

TEA = (
    DemoWare(
        "oolong",
        "Mountain oolong",
        "Half-oxidised, rolled by hand, with a scent of orchids. Good for six infusions.",
        "A dark green tea tin with a leaf on its label",
        (("50 g", 800, None, 120), ("100 g", 1400, 1600, 80), ("250 g", 3200, None, 30)),
        tax_class=REDUCED,
    ),
    DemoWare(
        "jasmine",
        "Jasmine pearls",
        "Young green tea rolled into pearls between fresh jasmine flowers, seven nights in a row.",
        "A bowl of tea pearls with jasmine flowers around it",
        (("50 g", 1100, None, 90), ("100 g", 1900, None, 60)),
        tax_class=REDUCED,
    ),
    DemoWare(
        "puerh",
        "Aged pu-erh cake, 2016",
        "Pressed ten years ago and stored dry: dark, round and sweet. A cake keeps getting better.",
        "A round cake of dark tea with a broken corner",
        (("Quarter cake, 90 g", 1500, None, 40), ("Whole cake, 357 g", 4900, 5600, 12)),
        tax_class=REDUCED,
    ),
    DemoWare(
        "genmaicha",
        "Genmaicha",
        "Green tea with toasted rice: nutty, light, and kind in the evening.",
        "A paper bag of tea with grains of rice in front",
        (("100 g", 900, None, 150), ("250 g", 1900, None, 50)),
        tax_class=REDUCED,
    ),
)

CLAY = (
    DemoWare(
        "teapot",
        "Clay teapot",
        "Thrown on the wheel and fired once, 300 ml. It pours without a drop beside the cup.",
        "A round red clay teapot",
        (("Rust", 4200, None, 14), ("Ash", 4400, None, 9)),
    ),
    DemoWare(
        "celadon",
        "Celadon cup",
        "A thin cup under a pale green glaze with fine crackle.",
        "Two pale green cups of steaming tea",
        (("One cup", 1650, None, 40), ("Pair", 2900, 3300, 20)),
    ),
    DemoWare(
        "tray",
        "Walnut tea tray",
        "Oiled walnut with a drain below. Room for a pot and four cups.",
        "A dark wooden tray with two cups of tea",
        (("Small", 5200, None, 8), ("Large", 7400, None, 5)),
    ),
    DemoWare(
        "moon-jar",
        "Moon jar",
        "White porcelain joined from two bowls, never quite round: that is its charm.",
        "A white moon jar with a flowering branch",
        (("22 cm", 12800, None, 4),),
    ),
)

SHIPPING = ShippingTable(
    (
        ShippingMethod("Post", 450, free_from_minor=3000, min_days=3, max_days=6),
        ShippingMethod(
            "Pick-up at the stall",
            0,
            ShippingKind.PICKUP,
            places=("US-CA",),
            note="1 Lantern Lane",
        ),
    )
)
TAXES = TaxTable(
    (
        TaxRate("US-CA", "Sales tax", 72_500),
        TaxRate("US-NY", "Sales tax", 40_000),
        TaxRate("CN", "VAT", 130_000),
        TaxRate("CN", "VAT", 90_000, REDUCED),
        TaxRate("DE", "VAT", 190_000),
        TaxRate("DE", "VAT", 70_000, REDUCED),
        TaxRate("NL", "VAT", 210_000),
        TaxRate("NL", "VAT", 90_000, REDUCED),
    )
)

SHOPS = (
    DemoShop(
        slug="meis-tea",
        name="Mei's Tea",
        accent="#d97706",
        avatar=("oolong", "#f2a31b"),
        poster=("oolong", "#f0dcb8", "#b8482f"),
        legal_name="Mei's Tea (a demo; nothing is sold)",
        legal_address="1 Lantern Lane\nDemo Town",
        show=("Evening tea with Mei", "Four teas, one kettle, and your questions."),
        live=True,
        wares=TEA,
    ),
    DemoShop(
        slug="kiln-and-clay",
        name="Kiln & Clay",
        accent="#0f766e",
        avatar=("teapot", "#a9c6ae"),
        poster=("moon-jar", "#4a3350", "#7ba387"),
        legal_name="Kiln & Clay (a demo; nothing is sold)",
        legal_address="2 Potters' Row\nDemo Town",
        show=("Opening the kiln", "Ren opens the kiln and shows what the fire has left whole."),
        live=False,
        wares=CLAY,
    ),
)
