"""Checks of what a buyer tells about themselves, and what stands for it in limits; pure.

E-mail and address are counted against a sale's limit per buyer, so both are brought to one form first.
Only HMACs of those forms leave SQL.
"""

import re
import unicodedata
from collections.abc import Callable

from commerce.errors import InvalidField
from commerce.orders.messages import Address, Contact
from commerce.places import COUNTRIES, address_form, region_code, regions_of

_EMAIL = re.compile(
    r"[^\s@<>()\[\]\\,;:\"]{1,64}@(?:[^\W_](?:[^\W_]|-){0,61}[^\W_]?\.)+[^\W\d_](?:[^\W_]|-){1,61}"
)
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{3,30}")


def checked_contact(contact: Contact) -> Contact:
    """Return the contact with spaces tidied; raises InvalidField `contact.…`."""
    email = _text(contact.email, "contact.email", 254)
    if not _EMAIL.fullmatch(email) or ".." in email or email.startswith("."):
        raise InvalidField("The e-mail address is not one.", field="contact.email", reason="malformed")
    phone = _text(contact.phone, "contact.phone", 32) if (contact.phone or "").strip() else None
    if phone is not None and not _PHONE.fullmatch(phone):
        raise InvalidField("The telephone number is not one.", field="contact.phone", reason="malformed")
    return Contact(email=email, name=_text(contact.name, "contact.name", 120), phone=phone)


def checked_address(address: Address) -> Address:
    """Return the address as its country writes it; raises InvalidField `address.…`.

    Which fields must be there, the postcode's pattern and the regions are `commerce.places`'s.
    """
    country = _text(address.country, "address.country", 2).upper()
    if country not in COUNTRIES:
        raise InvalidField(
            "The country must be an ISO code of two letters.", field="address.country", reason="malformed"
        )
    required = address_form(country).required

    def part(name: str, longest: int) -> str:
        value, field = getattr(address, name), f"address.{name}"
        return _text(value, field, longest) if name in required else _optional(value, field, longest) or ""

    return Address(
        line1=part("line1", 200),
        line2=part("line2", 200) or None,
        city=part("city", 120),
        region=_region(country, part("region", 120)),
        postcode=_postcode(country, part("postcode", 16)),
        country=country,
    )


def _region(country: str, region: str) -> str | None:
    """Return the region's code where the country has a list of them, else what was written."""
    if not region or not regions_of(country):
        return region or None
    code = region_code(country, region)
    if code is None:
        raise InvalidField("There is no such region.", field="address.region", reason="malformed")
    return code


def _postcode(country: str, postcode: str) -> str:
    pattern = address_form(country).postcode
    if not postcode or pattern is None:
        return postcode
    if not pattern.fullmatch(postcode.upper()):
        raise InvalidField(
            "Postcodes of this country look different.", field="address.postcode", reason="malformed"
        )
    return postcode.upper()


def _text(value: str | None, field: str, longest: int) -> str:
    tidy = " ".join((value or "").split())
    if not tidy:
        raise InvalidField(f"{field} is missing.", field=field, reason="missing")
    if len(tidy) > longest:
        raise InvalidField(f"{field} may have {longest} characters.", field=field, reason="too_long")
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Co"} for letter in tidy):
        raise InvalidField(f"{field} has characters that are no text.", field=field, reason="malformed")
    return tidy


def _optional(value: str | None, field: str, longest: int) -> str | None:
    return _text(value, field, longest) if (value or "").strip() else None


def plain_email(email: str) -> str:
    """Return the mailbox an address reaches: lower case, without a `+tag`."""
    local, _, domain = unicodedata.normalize("NFKC", email).casefold().strip().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def plain_address(address: Address) -> str:
    """Return a form that is equal for the same door written differently: letters and digits only."""
    parts = (address.line1, address.line2 or "", address.postcode, address.city, address.country)
    folded = (unicodedata.normalize("NFKD", part).casefold() for part in parts)
    return "|".join("".join(letter for letter in part if letter.isalnum()) for part in folded)


def identity_marks(
    contact: Contact, address: Address | None, digest: Callable[[str], str]
) -> tuple[str, ...]:
    """Return what stands for e-mail and address in a sale's limits; `digest` is a keyed hash.

    An order that is picked up has no address, and only its e-mail counts.
    """
    email = digest(f"email {plain_email(contact.email)}")
    return (email,) if address is None else (email, digest(f"address {plain_address(address)}"))
