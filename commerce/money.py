"""Money is a whole number of minor units with an ISO 4217 currency; nothing here is a float."""

from commerce.errors import BadPrice, InvalidField

MAX_PRICE_MINOR = 10**12
"""Above any price that is meant; low enough that 10,000 of them stay exact in JavaScript."""

_EXPONENTS = {
    "BHD": 3, "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KMF": 0,
    "KRW": 0, "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "UYI": 0, "VND": 0,
    "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip
_TWO_PLACES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL "
    "HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP "
    "MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD "
    "SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS "
    "VES WST XCD YER ZAR ZMW ZWG "
)
_TWO = frozenset(_TWO_PLACES.split())


def exponent(currency: str) -> int:
    """Answer how many decimal places the currency has; raises InvalidField when it is not one."""
    if currency in _EXPONENTS:
        return _EXPONENTS[currency]
    if currency in _TWO:
        return 2
    raise InvalidField(f"{currency!r} is not a currency of ISO 4217.", field="currency")


def check_price(price_minor: int) -> int:
    """Answer the price, or raise BadPrice when it is negative or absurdly large."""
    if not 0 <= price_minor <= MAX_PRICE_MINOR:
        raise BadPrice(price_minor=price_minor)
    return price_minor


def plain(amount_minor: int, currency: str) -> str:
    """Write an amount for mails and logs: `plain(1250, "USD")` is `12.50 USD`."""
    places = exponent(currency)
    sign, digits = ("-" if amount_minor < 0 else ""), str(abs(amount_minor)).rjust(places + 1, "0")
    whole, part = (digits[:-places], "." + digits[-places:]) if places else (digits, "")
    return f"{sign}{whole}{part} {currency}"


def percent(rate_ppm: int) -> str:
    """Write a rate of parts in a million: `percent(72_500)` is `7.25%`."""
    whole, part = divmod(rate_ppm, 10_000)
    return f"{whole}.{part:04}".rstrip("0").rstrip(".") + "%"
