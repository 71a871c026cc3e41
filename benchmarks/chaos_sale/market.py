"""What is for sale during a run: some wares that run out, some that do not, and a flash sale."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.chaos_sale.buyers import Stage, Ware
from commerce.keys_crypto import Keys
from liveshop.folders.data_folder_files import SECRET_NAME
from tests.story.market import Json, open_market

SCARCE, PLENTY, FLASH = 30, 2_000, 40
SCARCE_WARES, PLENTY_WARES = 3, 2
SALE_S = 3600


@dataclass(frozen=True, slots=True)
class Market:
    """`stock` is how many units of each variant there are."""

    stage: Stage
    stock: Mapping[str, int]


async def open_chaos_market(address: str, data: Path) -> Market:
    """Set a fresh server up through its doors."""
    market = await open_market(address)
    quantities = [SCARCE] * SCARCE_WARES + [PLENTY] * PLENTY_WARES
    body = {
        "title": "Pu-erh",
        "description": "A cake of it.",
        "variants": [
            {"title": f"Cake {number}", "price_minor": 900 + number, "quantity": quantity}
            for number, quantity in enumerate(quantities)
        ],
    }
    product: Json = await market.owner.call("POST", f"/shops/{market.shop}/products", body)
    variants = product["variants"]
    await market.owner.call("PUT", f"/shows/{market.show}/run-of-show", {"products": [product["id"]]})
    await market.owner.call("POST", f"/shows/{market.show}/start")
    flash = variants[-1]
    sale = await market.owner.call(
        "POST",
        f"/shows/{market.show}/sales",
        {
            "variant": flash["id"],
            "price_minor": 500,
            "quantity": FLASH,
            "limit": 2,
            "duration_s": SALE_S,
            "starts_in_s": 0,
        },
    )
    await market.owner.http.aclose()
    wares = [Ware(one["id"], one["price_version"]) for one in variants]
    wares.append(Ware(flash["id"], sale["price_version"], sale["id"]))
    key = Keys((data / SECRET_NAME).read_bytes()).derive("access-token")
    stage = Stage(address, market.shop, market.show, key, tuple(wares))
    return Market(stage, {one["id"]: units for one, units in zip(variants, quantities, strict=True)})
