"""Checks of what a buyer tells about themselves, and what stands for it in limits; pure.

E-mail and address are counted against a sale's limit per buyer, so both are brought to one form first.
Only HMACs of those forms leave SQL.
"""

import re
import unicodedata
from collections.abc import Callable

from commerce.errors import InvalidField
from commerce.orders.messages import Address, Contact

_COUNTRY_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW
BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI
FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN
IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME
MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF
PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK
YE YT ZA ZM ZW
"""
# ISO 3166-1 alpha-2, and XK, which is in general use.
_WITHOUT_POSTCODE = """
AE AG AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM DJ DM ER FJ GD GH GM GQ GY HK IE JM KI KM KN KP LC ML
MO MR MW NR NU PA QA RW SB SC SL SR SS ST SX SY TD TG TK TL TO TT TV UG VU WS YE ZW
"""
# Countries without postcodes, or where they are seldom used.
_COUNTRIES = frozenset(_COUNTRY_CODES.split())
_NO_POSTCODE = frozenset(_WITHOUT_POSTCODE.split())

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
    """Return the address with spaces tidied; raises InvalidField `address.…`."""
    country = _text(address.country, "address.country", 2).upper()
    if country not in _COUNTRIES:
        raise InvalidField(
            "The country must be an ISO code of two letters.", field="address.country", reason="malformed"
        )
    postcode = (address.postcode or "").strip()
    if postcode or country not in _NO_POSTCODE:
        postcode = _text(postcode, "address.postcode", 16)
    return Address(
        line1=_text(address.line1, "address.line1", 200),
        line2=_optional(address.line2, "address.line2", 200),
        city=_text(address.city, "address.city", 120),
        region=_optional(address.region, "address.region", 120),
        postcode=postcode,
        country=country,
    )


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


def identity_marks(contact: Contact, address: Address, digest: Callable[[str], str]) -> tuple[str, str]:
    """Return what stands for e-mail and address in a sale's limits; `digest` is a keyed hash."""
    return digest(f"email {plain_email(contact.email)}"), digest(f"address {plain_address(address)}")
