"""What clients read of pictures of comments."""

from typing import Literal

import msgspec

Who = Literal["off", "buyers", "followers", "all"]


class CommentPicture(msgspec.Struct):
    """A picture to be named in one comment of this show by who uploaded it, within an hour.

    It is served once that comment was said, at `/api/v1/comment-pictures/{id}/320.webp` and `/1280.webp`.
    """

    id: str
    width: int
    height: int


class PictureRights(msgspec.Struct):
    """Whether the caller may show pictures in a show, and who may."""

    allowed: bool
    who: Who
