"""Every HTTP door of commerce, in one table for the composition root."""

import importlib

from commerce.routing import Route

_FOLDERS = (
    "accounts",
    "shops",
    "catalogue",
    "feeds",
    "shows",
    "sale",
    "orders",
    "terms",
    "buyers",
    "payments",
    "webhooks",
    "returns",
    "fulfilment",
    "invoices",
    "moderation",
    "community",
    "conversations",
    "sharing",
    "comment_pictures",
)


def _collect() -> tuple[Route, ...]:
    found: list[Route] = []
    for folder in _FOLDERS:
        try:
            found.extend(importlib.import_module(f"commerce.{folder}.routes").ROUTES)
        except ModuleNotFoundError as error:
            if not (error.name or "").startswith(f"commerce.{folder}"):
                raise
    return tuple(found)


ROUTES: tuple[Route, ...] = _collect()
