"""The doors of shops, their staff and their bans."""

from commerce.catalogue.pictures_limits import MAX_UPLOAD_BYTES
from commerce.errors import (
    BadPicture,
    Forbidden,
    InvalidField,
    LastOwner,
    NoSuchAccount,
    NoSuchPerson,
    NoSuchShop,
    NoSuchShow,
    PictureTooLarge,
    PictureType,
    SlugTaken,
)
from commerce.routing import Call, Route
from commerce.services import CommerceServices
from commerce.shops.structs import BanList, Shop, ShopChange, ShopRequest, StaffList, StaffRequest

PICTURE_ERRORS = (PictureType, PictureTooLarge, BadPicture, InvalidField)


async def found_shop(services: CommerceServices, call: Call) -> Shop:
    """Found a shop and own it."""
    assert call.identity is not None
    request: ShopRequest = call.body
    return await services.shops.found(call.identity.person, request)


async def get_shop(services: CommerceServices, call: Call) -> Shop:
    """Show a shop by id or slug."""
    return await services.shops.get(call.path["shop"])


async def change_shop(services: CommerceServices, call: Call) -> Shop:
    """Change a shop's public face."""
    change: ShopChange = call.body
    return await services.shops.change(call.path["shop"], change)


async def put_avatar(services: CommerceServices, call: Call) -> Shop:
    """Give the shop a new avatar."""
    shop = (await services.shops.get(call.path["shop"])).id
    picture = await services.pictures.add_loose(shop, call.body, call.query.get("alt", ""))
    return await services.shops.set_avatar(shop, picture.id)


async def list_staff(services: CommerceServices, call: Call) -> StaffList:
    """List who works in the shop."""
    return StaffList(await services.shops.staff(call.path["shop"]))


async def put_staff(services: CommerceServices, call: Call) -> StaffList:
    """Take somebody on, or change their role."""
    request: StaffRequest = call.body
    return StaffList(
        await services.shops.put_staff(call.path["shop"], request.email, request.role, money=request.money)
    )


async def remove_staff(services: CommerceServices, call: Call) -> None:
    """Take somebody's role away."""
    await services.shops.remove_staff(call.path["shop"], call.path["person"])


async def list_show_staff(services: CommerceServices, call: Call) -> StaffList:
    """List who works in this one show."""
    return StaffList(await services.shops.show_staff(call.path["show"]))


async def put_show_staff(services: CommerceServices, call: Call) -> StaffList:
    """Give somebody a role in this one show, or change it."""
    request: StaffRequest = call.body
    show = call.path["show"]
    return StaffList(
        await services.shops.put_show_staff(show, request.email, request.role, money=request.money)
    )


async def remove_show_staff(services: CommerceServices, call: Call) -> None:
    """Take somebody's role in this show away."""
    await services.shops.remove_show_staff(call.path["show"], call.path["person"])


async def list_bans(services: CommerceServices, call: Call) -> BanList:
    """List whom the shop does not serve."""
    return BanList(await services.bans.standing(call.path["shop"]))


async def lift_ban(services: CommerceServices, call: Call) -> None:
    """Serve somebody again."""
    assert call.identity is not None
    await services.bans.unban(call.path["shop"], call.path["person"], call.identity.person)


ROUTES: tuple[Route, ...] = (
    Route(
        "POST", "/shops", found_shop, ShopRequest, Shop, (SlugTaken, InvalidField), "account", 201,
        "Found a shop",
    ),
    Route("GET", "/shops/{shop}", get_shop, None, Shop, (NoSuchShop,), summary="Show a shop"),
    Route(
        "PATCH", "/shops/{shop}", change_shop, ShopChange, Shop, (NoSuchShop, SlugTaken, InvalidField),
        "owner", summary="Change a shop",
    ),
    Route(
        "PUT", "/shops/{shop}/avatar", put_avatar, bytes, Shop, (NoSuchShop, *PICTURE_ERRORS), "owner",
        summary="Upload the shop's avatar", max_body_bytes=MAX_UPLOAD_BYTES,
        query=(("alt", "what the picture shows"),),
    ),
    Route("GET", "/shops/{shop}/staff", list_staff, None, StaffList, (), "owner", summary="List staff"),
    Route(
        "POST", "/shops/{shop}/staff", put_staff, StaffRequest, StaffList,
        (NoSuchAccount, NoSuchShop, LastOwner, InvalidField), "owner",
        summary="Take on staff or change a role",
    ),
    Route(
        "DELETE", "/shops/{shop}/staff/{person}", remove_staff, None, None, (NoSuchPerson, LastOwner),
        "owner", 204, "Take a role away",
    ),
    Route(
        "GET", "/shows/{show}/staff", list_show_staff, None, StaffList, (NoSuchShow,), "owner",
        summary="List who works in one show only",
    ),
    Route(
        "POST", "/shows/{show}/staff", put_show_staff, StaffRequest, StaffList,
        (NoSuchAccount, NoSuchShow, InvalidField), "owner", summary="Give a role in one show",
    ),
    Route(
        "DELETE", "/shows/{show}/staff/{person}", remove_show_staff, None, None, (NoSuchPerson,), "owner",
        204, "Take a role in one show away",
    ),
    Route("GET", "/shops/{shop}/bans", list_bans, None, BanList, (), "moderator", summary="List bans"),
    Route(
        "DELETE", "/shops/{shop}/bans/{person}", lift_ban, None, None, (NoSuchPerson, NoSuchShop, Forbidden),
        "moderator", 204, "Lift a ban",
    ),
)  # fmt: skip
