"""`serve` and `demo`: the supervisor and what it starts."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from liveshop.settings import read_settings
from liveshop.supervisor import Plan, supervise


def serve(environ: Mapping[str, str], *, demo: bool) -> int:
    """Run the server until it is told to end; raises `LiveshopError` if it cannot."""
    settings = read_settings(environ)
    if demo:
        settings = replace(settings, payments=settings.payments | {"sandbox"})
    asyncio.run(supervise(Plan(settings, demo=demo), environ))
    return 0
