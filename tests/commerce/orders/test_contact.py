"""Checks of contact and address, and what stands for them in limits."""

import pytest

from commerce.errors import InvalidField
from commerce.orders.contact import (
    checked_address,
    checked_contact,
    identity_marks,
    plain_address,
    plain_email,
)
from commerce.orders.messages import Address, Contact

GOOD = Address(line1="1 High Street", city="York", postcode="YO1 7EP", country="gb")


@pytest.mark.parametrize(
    "email",
    ["a@b.co", "mei.lin+shop@example.com", "x_y-z@sub.example.org", "李@例子.公司", "o'neil@example.ie"],
)
def test_addresses_people_have_are_taken(email: str) -> None:
    """Plus tags, subdomains, other alphabets."""
    assert checked_contact(Contact(email=f" {email} ", name=" Mei ")).email == email


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("", "missing"),
        ("mei", "malformed"),
        ("mei@", "malformed"),
        ("@example.com", "malformed"),
        ("mei@example", "malformed"),
        ("a b@example.com", "malformed"),
        ("a@b@example.com", "malformed"),
        ("a@-example.com", "malformed"),
        ("a..b@example.com", "malformed"),
        ("a@example.com\r\nBcc: x@y.zz", "malformed"),
        ("a" * 250 + "@example.com", "too_long"),
    ],
)
def test_a_wrong_email_is_named(email: str, reason: str) -> None:
    """The refusal has the field and why."""
    with pytest.raises(InvalidField) as refusal:
        checked_contact(Contact(email=email, name="Mei"))
    assert refusal.value.facts == {"field": "contact.email", "reason": reason}


def test_name_and_telephone_are_checked() -> None:
    """A name is needed, a telephone number is not, but must be one."""
    with pytest.raises(InvalidField) as refusal:
        checked_contact(Contact(email="a@b.co", name="  "))
    assert refusal.value.facts == {"field": "contact.name", "reason": "missing"}
    with pytest.raises(InvalidField) as refusal:
        checked_contact(Contact(email="a@b.co", name="Mei", phone="call me"))
    assert refusal.value.facts == {"field": "contact.phone", "reason": "malformed"}
    assert checked_contact(Contact(email="a@b.co", name="Mei", phone=" ")).phone is None
    assert checked_contact(Contact(email="a@b.co", name="Mei", phone="+44 1904 55 1550")).phone


def test_an_address_is_tidied() -> None:
    """Spaces collapse, the country is written in capitals, empty extras are None."""
    tidy = checked_address(
        Address(line1=" 1  High\tStreet ", line2="", city="York", postcode="YO1 7EP", country="gb")
    )
    assert tidy == Address(line1="1 High Street", line2=None, city="York", postcode="YO1 7EP", country="GB")


@pytest.mark.parametrize(
    ("address", "field", "reason"),
    [
        (Address(city="York", postcode="1", country="GB"), "address.line1", "missing"),
        (Address(line1="1", postcode="1", country="GB"), "address.city", "missing"),
        (Address(line1="1", city="York", country="GB"), "address.postcode", "missing"),
        (Address(line1="1", city="York", postcode="1"), "address.country", "missing"),
        (Address(line1="1", city="York", postcode="1", country="ZZ"), "address.country", "malformed"),
        (Address(line1="1", city="York", postcode="1", country="GBR"), "address.country", "too_long"),
        (Address(line1="1" * 201, city="York", postcode="1", country="GB"), "address.line1", "too_long"),
        (Address(line1="1\x00", city="York", postcode="1", country="GB"), "address.line1", "malformed"),
    ],
)
def test_a_wrong_address_is_named(address: Address, field: str, reason: str) -> None:
    """The first wrong field, and why."""
    with pytest.raises(InvalidField) as refusal:
        checked_address(address)
    assert refusal.value.facts == {"field": field, "reason": reason}


def test_a_country_without_postcodes_needs_none() -> None:
    """Hong Kong has none."""
    assert checked_address(Address(line1="1 Queen's Road", city="Central", country="HK")).postcode == ""


def test_one_mailbox_and_one_door_count_as_one_buyer() -> None:
    """Another spelling is no way around a limit."""
    assert plain_email("Mei+two@Example.com") == plain_email("mei@example.COM")
    again = Address(line1="1, high street", city="YORK", postcode="yo17ep", country="GB")
    upper = Address(line1="1 High Street", city="York", postcode="YO1 7EP", country="GB")
    assert plain_address(again) == plain_address(upper)
    flat = Address(line1="1 High Street", line2="Flat 2", city="York", postcode="YO1 7EP", country="GB")
    assert plain_address(flat) != plain_address(upper)


def test_marks_go_through_the_keyed_hash() -> None:
    """Neither mark tells anything of what it stands for."""
    seen: list[str] = []

    def digest(text: str) -> str:
        seen.append(text)
        return f"mark{len(seen)}"

    assert identity_marks(Contact(email="a@b.co", name="A"), GOOD, digest) == ("mark1", "mark2")
    assert seen == ["email a@b.co", "address 1highstreet||yo17ep|york|gb"]
