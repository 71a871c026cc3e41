"""The doors of products, variants, stock and pictures."""

from commerce.catalogue.pictures_limits import MAX_UPLOAD_BYTES
from commerce.catalogue.structs import (
    Picture,
    PoolStock,
    Product,
    ProductChange,
    ProductList,
    ProductRequest,
    RestockRequest,
    VariantChange,
    VariantRequest,
    WithdrawRequest,
)
from commerce.errors import (
    BadPicture,
    BadPrice,
    BadQuantity,
    Busy,
    Forbidden,
    IdempotencyConflict,
    InvalidField,
    KeyMissing,
    NoSuchPicture,
    NoSuchPool,
    NoSuchProduct,
    NoSuchShop,
    NoSuchVariant,
    NotEnoughStock,
    PictureTooLarge,
    PictureType,
    ProductInUse,
    Unauthorised,
)
from commerce.routing import Call, Route
from commerce.services import CommerceServices


def _actor(call: Call) -> str:
    assert call.identity is not None
    return call.identity.person


async def list_products(services: CommerceServices, call: Call) -> ProductList:
    """List products: all for hosts, the published ones for anybody with `?public=1`."""
    shop, public = call.path["shop"], call.query.get("public") == "1"
    if not public:
        if call.identity is None:
            raise Unauthorised("Sign in, or ask for ?public=1.")
        role = await services.staff.role_in(call.identity.person, shop=shop)
        if role not in {"host", "owner"}:
            raise Forbidden("Only hosts see products that are not published; ask for ?public=1.")
    return ProductList(await services.catalogue.list(shop, published_only=public))


async def add_product(services: CommerceServices, call: Call) -> Product:
    """Make a product."""
    request: ProductRequest = call.body
    return await services.catalogue.add(call.path["shop"], _actor(call), request)


async def get_product(services: CommerceServices, call: Call) -> Product:
    """Show a product; an unpublished one only to hosts."""
    product = await services.catalogue.get(call.path["shop"], call.path["product"])
    if not product.published:
        person = call.identity.person if call.identity else ""
        if await services.staff.role_in(person, shop=call.path["shop"]) not in {"host", "owner"}:
            raise NoSuchProduct(product=product.id)
    return product


async def change_product(services: CommerceServices, call: Call) -> Product:
    """Change a product's text, publication or order of pictures."""
    change: ProductChange = call.body
    return await services.catalogue.change(call.path["shop"], call.path["product"], change)


async def delete_product(services: CommerceServices, call: Call) -> None:
    """Hide a product for good."""
    await services.catalogue.delete(call.path["shop"], call.path["product"])


async def add_variant(services: CommerceServices, call: Call) -> Product:
    """Add a variant."""
    request: VariantRequest = call.body
    return await services.catalogue.add_variant(
        call.path["shop"], call.path["product"], _actor(call), request
    )


async def change_variant(services: CommerceServices, call: Call) -> Product:
    """Change a variant; a new price reaches every screen, open holds keep theirs."""
    change: VariantChange = call.body
    return await services.catalogue.change_variant(
        call.path["shop"], call.path["product"], call.path["variant"], _actor(call), change
    )


async def restock(services: CommerceServices, call: Call) -> PoolStock:
    """Add units that came in."""
    request: RestockRequest = call.body
    return await services.catalogue.restock(
        call.path["shop"],
        call.path["product"],
        call.path["variant"],
        _actor(call),
        request.quantity,
        request.key,
    )


async def withdraw(services: CommerceServices, call: Call) -> PoolStock:
    """Take units out of sale."""
    request: WithdrawRequest = call.body
    return await services.catalogue.withdraw(
        call.path["shop"],
        call.path["product"],
        call.path["variant"],
        _actor(call),
        request.quantity,
        request.key or call.operation_key,
    )


async def add_picture(services: CommerceServices, call: Call) -> Picture:
    """Upload a picture: the body is the file itself; `?alt=` describes it."""
    raw: bytes = call.body
    return await services.pictures.add_to_product(
        call.path["shop"], call.path["product"], raw, call.query.get("alt", "")
    )


async def remove_picture(services: CommerceServices, call: Call) -> None:
    """Take a picture from a product."""
    await services.pictures.remove(call.path["shop"], call.path["product"], call.path["picture"])


_PRODUCTS = "/shops/{shop}/products"
_PRODUCT = _PRODUCTS + "/{product}"
_VARIANT = _PRODUCT + "/variants/{variant}"
_STOCK_ERRORS = (BadQuantity, KeyMissing, NoSuchVariant, NoSuchPool, IdempotencyConflict, Busy)

ROUTES: tuple[Route, ...] = (
    Route(
        "GET", _PRODUCTS, list_products, None, ProductList, (NoSuchShop, Unauthorised, Forbidden),
        summary="List products", query=(("public", "1: only what is published, for anybody"),),
    ),
    Route(
        "POST", _PRODUCTS, add_product, ProductRequest, Product,
        (NoSuchShop, InvalidField, BadPrice, BadQuantity), "host", 201, "Make a product",
    ),
    Route("GET", _PRODUCT, get_product, None, Product, (NoSuchProduct,), summary="Show a product"),
    Route(
        "PATCH", _PRODUCT, change_product, ProductChange, Product, (NoSuchProduct, InvalidField), "host",
        summary="Change a product",
    ),
    Route(
        "DELETE", _PRODUCT, delete_product, None, None, (NoSuchProduct, ProductInUse), "host", 204,
        "Hide a product for good",
    ),
    Route(
        "POST", _PRODUCT + "/variants", add_variant, VariantRequest, Product,
        (NoSuchProduct, InvalidField, BadPrice, BadQuantity), "host", 201, "Add a variant",
    ),
    Route(
        "PATCH", _VARIANT, change_variant, VariantChange, Product,
        (NoSuchProduct, NoSuchVariant, InvalidField, BadPrice), "host", summary="Change a variant",
    ),
    Route(
        "POST", _VARIANT + "/restock", restock, RestockRequest, PoolStock, _STOCK_ERRORS, "host",
        summary="Add units",
    ),
    Route(
        "POST", _VARIANT + "/withdraw", withdraw, WithdrawRequest, PoolStock,
        (*_STOCK_ERRORS, NotEnoughStock), "host", summary="Take units out of sale",
    ),
    Route(
        "POST", _PRODUCT + "/pictures", add_picture, bytes, Picture,
        (NoSuchProduct, PictureType, PictureTooLarge, BadPicture, InvalidField), "host", 201,
        "Upload a picture", MAX_UPLOAD_BYTES, (("alt", "what the picture shows"),),
    ),
    Route(
        "DELETE", _PRODUCT + "/pictures/{picture}", remove_picture, None, None,
        (NoSuchProduct, NoSuchPicture), "host", 204, "Remove a picture",
    ),
)  # fmt: skip
