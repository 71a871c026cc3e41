"""What the gallery shows: shows in every state, long names, big prices, and pools that refuse."""

import time
from typing import Any

Json = dict[str, Any]
MINUTE_MS = 60_000
LONG = (
    "Handgepflückter Hochgebirgs-Oolong-Tee aus biologisch-dynamischem Anbau, Frühlingsernte, Geschenkausgabe"
)

SHIPPING = [
    {"id": "sm_post", "name": "Post", "kind": "delivery", "price_minor": 450, "min_days": 3, "max_days": 6,
     "note": ""},
    {"id": "sm_counter", "name": "Pick-up at the stall", "kind": "pickup", "price_minor": 0, "min_days": None,
     "max_days": None, "note": "1 Lantern Lane"},
]  # fmt: skip
METHODS = [
    {"name": "sandbox", "flow": "authorise", "instructions": None},
    {"name": "bank_transfer", "flow": "manual", "instructions": "Transfer it to DE00 1234."},
]


def now_ms() -> int:
    """Tell the time as the shop does."""
    return time.time_ns() // 1_000_000


def picture(name: str, hue: int) -> Json:
    """Describe a picture that `gallery_server` draws."""
    url = f"/media/pictures/{name}_{hue}"
    return {
        "id": f"pi_{name}",
        "alt": name,
        "width": 1280,
        "height": 1280,
        "url_320": f"{url}-320.webp",
        "url_640": f"{url}-640.webp",
        "url_1280": f"{url}-1280.webp",
    }


def stock(available: int, held: int = 0, sold: int = 0) -> Json:
    """Count the units of a pool."""
    return {"available": available, "held": held, "sold": sold, "total": available + held + sold}


def variant(name: str, title: str, price: int, of: Json, was: int | None = None) -> Json:
    """Make one choice of a product."""
    return {
        "id": f"va_{name}",
        "title": title,
        "sku": name,
        "price_minor": price,
        "compare_at_minor": was,
        "price_version": 1,
        "pool": f"po_va_{name}",
        "stock": of,
    }


def product(name: str, title: str, hue: int, variants: list[Json], currency: str = "USD") -> Json:
    """Make a product with a drawn picture."""
    shot = picture(name, hue) if hue >= 0 else None
    return {
        "id": f"pr_{name}",
        "shop": "sp_tea",
        "title": title,
        "description": "Rolled by hand, roasted slowly, good for five brews. Keeps for two years in its tin.",
        "published": True,
        "picture": shot,
        "pictures": [shot] if shot else [],
        "variants": variants,
        "currency": currency,
    }


def plain_products() -> list[Json]:
    """List the products of an ordinary show; the last four refuse in their own ways."""
    return [
        product("oolong", "Oolong, roasted", 35, [variant("oolong", "100 g", 1200, stock(40, 6, 54), 1500)]),
        product(
            "gongfu",
            "Gongfu set, celadon",
            150,
            [
                variant("gongfu4", "4 cups", 6800, stock(3, 1, 4)),
                variant("gongfu6", "6 cups", 8900, stock(0, 2, 4)),
                variant("gongfu8", "8 cups with tray", 12900, stock(9)),
            ],
        ),
        product("puer", "Ripe Pu'er cake 2016", 12, [variant("all_held", "357 g", 4200, stock(0, 3, 7))]),
        product("jasmine", "Jasmine pearls", 90, [variant("sold_out", "50 g", 900, stock(0, 0, 20))]),
        product("white", "White peony", -1, [variant("price_changed", "80 g", 1900, stock(12))]),
        product(
            "kettle", "Cast iron kettle", 210, [variant("limit_reached", "1.2 l", 15900, stock(2, 1, 2))]
        ),
    ]


def long_products() -> list[Json]:
    """List products with long names and prices of seven digits."""
    return [
        product(
            "long",
            LONG,
            280,
            [variant("long", "Große Geschenkdose, 1.000 g", 1_234_567, stock(1234, 100, 9000), 9_876_543)],
            "JPY",
        ),
        product(
            "zh",
            "武夷山正岩大红袍特级礼盒装两罐共一百六十克送礼佳品限量发售",
            0,
            [
                variant("zh1", "两罐礼盒", 9_999_999, stock(5)),
                variant("zh2", "六罐典藏礼盒（含紫砂壶）", 19_999_999, stock(2)),
            ],
            "JPY",
        ),
    ]


def comments() -> list[Json]:
    """Say something in the room."""
    said = [
        ("Lin", None, "does it come in green?"),
        ("Wu", None, "just arrived, hello from Penang 👋"),
        ("Mei's Tea", "host", "Yes! The green one is number three today."),
        ("小雨", None, "这个乌龙茶可以泡几次？包邮吗？上次买的铁观音特别好喝，回购了三次！"),
        ("Alexandra-Konstantina Papadopoulou", None, "Donaudampfschifffahrtsgesellschaftskapitänsmütze " * 2),
        ("Bo", "moderator", "Please be kind to each other."),
        ("Ana", None, "how long does shipping take"),
        ("Lin", None, "got mine last week, so good"),
    ]
    at = now_ms() - 60_000
    return [
        {
            "id": f"co_{i}",
            "person": f"gu_{i}",
            "name": name,
            "badge": badge,
            "text": text,
            "at_ms": at + i * 1000,
            "reply_to": "co_0" if badge == "host" else None,
        }
        for i, (name, badge, text) in enumerate(said)
    ]


SHOP: Json = {
    "id": "sp_tea",
    "slug": "meis-tea",
    "name": "Mei's Tea",
    "currency": "USD",
    "avatar": None,
    "accent": "#f2a31b",
    "legal_name": "Mei's Tea Ltd.",
    "legal_address": "12 Harbour Road\nHong Kong",
    "contact_email": "hello@meis-tea.example",
}
LONG_SHOP: Json = {
    **SHOP,
    "id": "sp_long",
    "name": "Königlich-Bayerische Teemanufaktur und Porzellanhandlung von Hohenschwangau",
    "currency": "JPY",
    "accent": "#1f6f50",
}


def show(name: str, title: str, state: str, starts_in_ms: int, **more: Any) -> Json:
    """Make a show of the tea shop."""
    starts = now_ms() + starts_in_ms
    products = more.pop("products", plain_products())
    return {
        "id": f"sh_{name}",
        "title": title,
        "shop": SHOP,
        "state": state,
        "starts_at_ms": starts,
        "started_at_ms": None if state == "scheduled" else starts,
        "ended_at_ms": starts + 30 * MINUTE_MS if state == "ended" else None,
        "poster": picture(f"poster{name}", 25),
        "pinned": products[0] if products and state == "live" else None,
        "pinned_sales": [],
        "viewers": 312 if state == "live" else 0,
        "description": "Six teas, two pots and a lot of hot water.\nAsk anything.",
        "currency": "USD",
        "products": products,
        "pinned_product": products[0]["id"] if products and state != "scheduled" else None,
        "sales": [],
        "host_present": state == "live",
        "outside_players": False,
        **more,
    }


def sale(
    name: str, variant_id: str, product_id: str, price: int, starts_in_ms: int, lasts_ms: int, limit: int
) -> Json:
    """Make a flash sale."""
    starts = now_ms() + starts_in_ms
    return {
        "id": f"fs_{name}",
        "show": "sh_live",
        "product": product_id,
        "variant": variant_id,
        "pool": f"po_fs_{name}",
        "price_minor": price,
        "price_version": 7,
        "currency": "USD",
        "quantity": 20,
        "limit": limit,
        "starts_at_ms": starts,
        "ends_at_ms": starts + lasts_ms,
        "ended_at_ms": None,
        "state": "open" if starts_in_ms <= 0 else "scheduled",
    }


def all_shows() -> dict[str, Json]:
    """Make every show of the gallery, by id."""
    flash = sale("flash", "va_oolong", "pr_oolong", 800, -MINUTE_MS, 40 * MINUTE_MS, 2)
    coming = sale("coming", "va_gongfu4", "pr_gongfu", 5500, 20 * MINUTE_MS, 5 * MINUTE_MS, 1)
    shows = [
        show("live", "Spring teas, live from Fujian", "live", -30 * MINUTE_MS, sales=[flash, coming]),
        show(
            "long",
            f"{LONG}: der große Abend mit Verkostung, Verlosung und vielen Gästen",
            "live",
            -5 * MINUTE_MS,
            products=long_products(),
            shop=LONG_SHOP,
            viewers=1_234_567,
            currency="JPY",
            poster=None,
        ),
        show("quiet", "Pots and glazes", "live", -MINUTE_MS, products=[], viewers=0, host_present=False),
        show("soon", "Teapots of Yixing: an evening with the potter", "scheduled", 26 * 60 * MINUTE_MS),
        show("later", "White tea and moon cakes", "scheduled", 9 * 24 * 60 * MINUTE_MS, poster=None),
        show("ended", "Yesterday's roast", "ended", -26 * 60 * MINUTE_MS),
    ]
    return {one["id"]: one for one in shows}


def after_sale(order: Json) -> Json:
    """Describe an order to which nothing has happened yet but its payment."""
    lines = [
        {
            "position": place,
            "quantity": line["quantity"],
            "to_send": line["quantity"],
            "packed": 0,
            "sent": 0,
            "dropped": 0,
            "returned": 0,
            "returnable": line["quantity"],
            "refundable": line["quantity"],
            "paid_minor": line["line_total_minor"],
        }
        for place, line in enumerate(order["lines"])
    ]
    return {
        "order": order,
        "fulfilment": "open",
        "lines": lines,
        "parcels": [],
        "refunds": [],
        "returns": [],
        "documents": [],
        "captured_minor": order["total_minor"],
        "refunded_minor": 0,
        "left_minor": order["total_minor"],
        "shipping_minor": 0,
        "withdraw_until_ms": None,
        "return_until_ms": None,
        "may": ["ask_cancel", "withdraw"],
    }
