"""Any file of products to drafts: the format is told by the content, never by the file's name."""

from commerce.feeds.decoding import decoded
from commerce.feeds.drafts import MAX_FILE_BYTES, Feed
from commerce.feeds.google import is_google, read_google_rows, read_google_xml
from commerce.feeds.refusals import FeedFormat, FeedTooLong
from commerce.feeds.rows import header_of
from commerce.feeds.shopify import is_shopify, read_shopify


def read_feed(raw: bytes, currency: str) -> Feed:
    """Read a whole file; blocks for up to some seconds, so call it in a thread.

    `currency` is the shop's: prices are judged by its decimal places. Raises FeedEncoding, FeedFormat,
    FeedTooLong.
    """
    if len(raw) > MAX_FILE_BYTES:
        raise FeedTooLong(f"The file has more than {MAX_FILE_BYTES} bytes.", max_bytes=MAX_FILE_BYTES)
    source = decoded(raw)
    if source.lstrip().startswith("<"):
        return read_google_xml(source, currency)
    separator, header = header_of(source)
    if is_google(header):
        return read_google_rows(source, separator, header, currency)
    if is_shopify(header):
        return read_shopify(source, separator, currency)
    raise FeedFormat
