"""What is refused of a whole file; what is wrong with one row of it is a `Remark` and no error.

CommerceError
├── Invalid
│   └── FeedUnreadable     422 feed_unreadable: not a file of products
│       ├── FeedEncoding   422 feed_encoding: the bytes are no text we know
│       ├── FeedFormat     422 feed_format: no known columns
│       └── FeedTooLong    422 feed_too_long {max_rows}
├── Missing
│   └── NoSuchImport       404 no_such_import
└── Conflict
    └── PictureUnreachable 409 picture_unreachable: named with its line after an import, never an answer
"""

from commerce.errors import Conflict, Invalid, Missing


class FeedUnreadable(Invalid):
    """The file cannot be read."""

    status = 422
    code = "feed_unreadable"
    sentence = "The file cannot be read."


class FeedEncoding(FeedUnreadable):
    """The file's text is in no encoding we know."""

    code = "feed_encoding"
    sentence = "The file is no text in UTF-8, UTF-16 or GB18030; save it as UTF-8 and send it again."


class FeedFormat(FeedUnreadable):
    """The file has no columns of products."""

    code = "feed_format"
    sentence = "This is neither a Shopify product CSV nor a Google product feed."


class FeedTooLong(FeedUnreadable):
    """The file has more rows than are taken at once."""

    code = "feed_too_long"
    sentence = "The file has more rows than are taken at once; divide it."


class NoSuchImport(Missing):
    """There is no such import."""

    code = "no_such_import"
    sentence = "There is no such import."


class PictureUnreachable(Conflict):
    """A picture cannot be fetched from its address, or must not be."""

    code = "picture_unreachable"
    sentence = "The picture could not be fetched from its address."
