"""The settings of payment providers: which are switched on, and what each needs to be."""

import re
from typing import Final

from liveshop.errors import SettingError

PROVIDERS: Final = ("sandbox", "bank_transfer", "cash_on_delivery")


def payment_names(name: str, text: str) -> frozenset[str]:
    """Read the providers that are switched on; raises SettingError for one that does not exist."""
    words = [word for word in re.split(r"[\s,]+", text) if word]
    for word in words:
        if word not in PROVIDERS:
            known = ", ".join(PROVIDERS)
            raise SettingError(name, f"{name} names the unknown provider {word!r}; there is: {known}.")
    return frozenset(words)
