"""What pictures of comments refuse, beside the tree of `commerce.errors`.

CommerceError
├── Forbidden
│   └── PicturesOff       403 pictures_off {who}: the shop takes none here, or none of this person
├── Conflict
│   └── PictureWaits      409 picture_waits {limit}: show those that were uploaded first
└── TooMany
    └── TooManyPictures   429 too_many_pictures {retry_after_ms}
"""

from commerce import errors


class PicturesOff(errors.Forbidden):
    """The shop takes no pictures here, or only those of its buyers or followers."""

    code = "pictures_off"
    sentence = "The shop takes no pictures from you here."


class PictureWaits(errors.Conflict):
    """So many pictures wait for their comment."""

    code = "picture_waits"
    sentence = "Show the pictures you have uploaded first."


class TooManyPictures(errors.TooMany):
    """Too many uploads in a short time."""

    code = "too_many_pictures"
    sentence = "Too many pictures; wait a little."
