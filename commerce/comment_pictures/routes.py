"""The HTTP doors of pictures of comments."""

from typing import Protocol

from commerce.catalogue.pictures_limits import MAX_UPLOAD_BYTES
from commerce.comment_pictures.comment_pictures import CommentPictures
from commerce.comment_pictures.refusals import PicturesOff, PictureWaits, TooManyPictures
from commerce.comment_pictures.structs import CommentPicture, PictureRights
from commerce.errors import (
    BadPicture,
    NoSuchPicture,
    NoSuchShow,
    PictureTooLarge,
    PictureType,
    WrongState,
)
from commerce.routing import Call, Reply, Route
from commerce.sale.routes import caller


class Services(Protocol):
    """The assembled services, as far as these doors see them."""

    @property
    def comment_pictures(self) -> CommentPictures:
        """Pictures of comments."""


async def rights(services: Services, call: Call) -> PictureRights:
    """Show whether the caller may show pictures."""
    person = call.identity.person if call.identity else None
    return await services.comment_pictures.rights(person, call.path["show"])


async def upload(services: Services, call: Call) -> CommentPicture:
    """Take in a picture for a comment."""
    return await services.comment_pictures.take(caller(call).person, call.path["show"], call.body)


async def serve(services: Services, call: Call) -> Reply:
    """Serve a picture whose comment stands."""
    content = await services.comment_pictures.read(call.path["picture"], call.path["name"])
    headers = (("cache-control", "private, max-age=60"), ("x-content-type-options", "nosniff"))
    return Reply(content, headers=headers, content_type="image/webp")


_PICTURES = "/shows/{show}/comment-pictures"

ROUTES: tuple[Route, ...] = (
    Route("GET", _PICTURES, rights, None, PictureRights, (NoSuchShow,),
          summary="Whether the caller may show pictures with comments in a live show"),
    Route("POST", _PICTURES, upload, bytes, CommentPicture,
          (NoSuchShow, WrongState, PicturesOff, PictureWaits, TooManyPictures, PictureType, PictureTooLarge,
           BadPicture), "person", 201,
          "Upload a picture to be named in one comment of the room within an hour", MAX_UPLOAD_BYTES),
    Route("GET", "/comment-pictures/{picture}/{name}", serve, None, bytes, (NoSuchPicture,),
          summary="A picture (`320.webp`, `1280.webp`) as long as its comment stands"),
)  # fmt: skip
