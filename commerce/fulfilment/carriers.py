"""Carriers and where they show a parcel's way; pure.

A carrier that is not in the table is shown by its name, with the link the host gives or without one.
"""

import re
from urllib.parse import quote, urlsplit

from commerce import text
from commerce.errors import InvalidField

CARRIERS: dict[str, tuple[str, str]] = {
    "dhl": ("DHL", "https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}"),
    "dpd": ("DPD", "https://tracking.dpd.de/status/en_US/parcel/{number}"),
    "fedex": ("FedEx", "https://www.fedex.com/fedextrack/?trknbr={number}"),
    "gls": ("GLS", "https://gls-group.com/track/{number}"),
    "royal_mail": ("Royal Mail", "https://www.royalmail.com/track-your-item#/tracking-results/{number}"),
    "ups": ("UPS", "https://www.ups.com/track?tracknum={number}"),
    "usps": ("USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels={number}"),
}
"""Key: name, and the page of a parcel's number."""

_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./-]{1,63}")
CARRIER_CHARS = 40
URL_CHARS = 500


def checked_tracking(carrier: str, tracking: str, url: str | None) -> tuple[str, str, str | None]:
    """Return the carrier's name, the number in one form, and the page to follow it (None: there is none).

    Raises InvalidField `carrier`, `tracking`, `tracking_url`.
    """
    name, page = CARRIERS.get(carrier.strip().lower().replace(" ", "_"), (None, None))
    shown = name or text.line(carrier, "carrier", CARRIER_CHARS, min_chars=0)
    number = tracking.strip()
    if number and not _NUMBER.fullmatch(number):
        raise InvalidField("A tracking number is made of letters and digits.", field="tracking")
    if url is not None and url.strip():
        return shown, number, _checked_url(url.strip())
    return shown, number, page.format(number=quote(number, safe="")) if page and number else None


def _checked_url(url: str) -> str:
    """Return an address a buyer may be sent to: https and nothing clever."""
    parts = urlsplit(url)
    plain = len(url) <= URL_CHARS and not any(letter <= " " or letter in '\\"<>\x7f' for letter in url)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or not plain:
        raise InvalidField("A tracking page is an https address.", field="tracking_url")
    return url
