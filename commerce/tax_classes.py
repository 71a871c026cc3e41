"""Names of tax classes: what a product is to the tax, such as `reduced` for food and books; pure.

`standard` is what everything is unless somebody says otherwise. `zero` never bears a tax. Every other name
is a shop's own word: its tax table says what it bears where.
"""

from typing import Final

from commerce import text

STANDARD: Final = "standard"
REDUCED: Final = "reduced"
ZERO: Final = "zero"
KNOWN: Final = (STANDARD, REDUCED, ZERO)
"""What every shop is offered; it may name others."""
MAX_CHARS: Final = 24


def checked_class(name: str, field: str = "tax_class") -> str:
    """Return a class's name as it is compared: one line in lower case, 1 to 24 characters.

    Raises InvalidField.
    """
    return text.line(name.lower(), field, MAX_CHARS)
