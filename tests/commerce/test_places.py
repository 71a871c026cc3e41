"""The table of countries: the page's is the same, and every row of it can be used."""

import json
import re
import subprocess
from typing import Any

import pytest

from commerce.errors import InvalidField
from commerce.orders.contact import checked_address
from commerce.orders.messages import Address
from commerce.places import (
    COUNTRIES,
    FORMS,
    NO_POSTCODE,
    REGIONS,
    address_form,
    place_of,
    region_code,
    region_text,
    regions_of,
)

READ = """
import { FORMS, NO_POSTCODE, REGIONS } from "./static/lib/words/places.js";
import { countryOptions } from "./static/lib/words/countries.js";
const countries = countryOptions("en").map(({ value }) => value);
console.log(JSON.stringify({ FORMS, NO_POSTCODE, REGIONS, countries }));
"""
FIELDS = {"line1", "line2", "city", "region", "postcode"}


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """Read the page's tables as the browser does."""
    words = ["node", "--input-type=module", "--eval", READ]
    told = subprocess.run(words, check=True, capture_output=True, timeout=60)
    tables: dict[str, Any] = json.loads(told.stdout)
    return tables


def test_the_form_and_the_check_have_one_table(page: dict[str, Any]) -> None:
    """What the page asks for is what the server wants."""
    assert page["FORMS"] == {country: list(row) for country, row in FORMS.items()}
    assert page["REGIONS"] == REGIONS
    assert set(page["NO_POSTCODE"]) == NO_POSTCODE
    assert set(page["countries"]) <= COUNTRIES


def test_every_row_is_whole() -> None:
    """Known fields, each once; a country with regions asks for one; examples fit their patterns."""
    for country, (written, region, postcode, _, example) in FORMS.items():
        form = address_form(country)
        assert country in COUNTRIES, country
        assert len(set(form.fields)) == len(form.fields), country
        assert set(form.fields) <= FIELDS, country
        assert "line1" in form.required, country
        assert ("region" in form.required) == (country in REGIONS), country
        assert region, written
        assert postcode, written
        if form.postcode is None:
            assert example == "", country
        else:
            assert form.postcode.fullmatch(example), country
    assert REGIONS.keys() <= FORMS.keys()


@pytest.mark.parametrize("country", sorted(REGIONS))
def test_regions_are_found_by_code_and_by_both_names(country: str) -> None:
    """However it is typed, the code is what is kept; no two regions share a name."""
    for code, region in regions_of(country).items():
        assert re.fullmatch(r"[A-Z0-9]{2,3}", code)
        for text in (code, code.lower(), region.name.upper(), region.local or region.name):
            assert region_code(country, f" {text} ") == code
    assert region_code(country, "Atlantis") is None


def test_a_region_stands_on_a_parcel_as_it_is_written_there() -> None:
    """The code in America, the characters in China and Japan, anything else as it was typed."""
    assert region_text("US", "CA") == "CA"
    assert region_text("CN", "BJ") == "北京市"
    assert region_text("JP", "13") == "東京都"
    assert region_text("IE", "Kerry") == "Kerry"
    assert region_text(None, None) is None


def test_places_are_countries_or_their_regions() -> None:
    """As a shipping method names them."""
    assert place_of("DE") == ("DE", None)
    assert place_of("US-CA") == ("US", "CA")
    for wrong in ("", "ZZ", "de", "US-", "US-XX", "DE-BY", "US-CA-1"):
        assert place_of(wrong) in {None, ("US", None)}, wrong
    assert place_of("US-XX") is None


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        (Address("1 Main St", "Springfield", "us", "62704-1234", region="illinois"), ("IL", "62704-1234")),
        (Address("9 Rue", "Montréal", "CA", "h2x 1y4", region="QC"), ("QC", "H2X 1Y4")),
        (Address("朝阳路1号", "北京市", "CN", region="北京市"), ("BJ", "")),
        (Address("1-2-3", "渋谷区", "JP", "150-0001", region="東京都"), ("13", "150-0001")),
        (Address("1 George St", "", "SG", "049145"), (None, "049145")),
        (Address("Hauptstr. 1", "Berlin", "DE", "10115", region="Berlin"), ("Berlin", "10115")),
        (Address("Somewhere 1", "Sarajevo", "BA", "71000"), (None, "71000")),
    ],
)
def test_addresses_are_taken_as_their_country_writes_them(
    address: Address, kept: tuple[str | None, str]
) -> None:
    """Regions become codes, postcodes capitals; what a country does not need may be missing."""
    tidy = checked_address(address)
    assert (tidy.region, tidy.postcode) == kept


@pytest.mark.parametrize(
    ("address", "field", "reason"),
    [
        (Address("1 Main St", "Springfield", "US", "62704"), "address.region", "missing"),
        (Address("1 Main St", "Springfield", "US", "62704", region="Ontario"), "address.region", "malformed"),
        (Address("1 Main St", "Springfield", "US", "6270", region="IL"), "address.postcode", "malformed"),
        (Address("Hauptstr. 1", "Berlin", "DE", "1011"), "address.postcode", "malformed"),
        (Address("Hauptstr. 1", "Berlin", "DE", "١٠١١٥"), "address.postcode", "malformed"),
        (Address("9 Rue", "Montréal", "CA", "94103", region="QC"), "address.postcode", "malformed"),
    ],
)
def test_what_a_country_does_not_take_is_named(address: Address, field: str, reason: str) -> None:
    """The first wrong field, and why."""
    with pytest.raises(InvalidField) as refusal:
        checked_address(address)
    assert refusal.value.facts == {"field": field, "reason": reason}
