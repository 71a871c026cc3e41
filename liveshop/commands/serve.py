"""`serve` and `demo`: the supervisor and what it starts."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from liveshop.settings.settings import DEMO_LOG_LEVEL, Settings, is_set, read_settings
from liveshop.supervisor import Plan, supervise
from liveshop.watching.log_lines import log_lines


def serve(environ: Mapping[str, str], *, demo: bool) -> int:
    """Run the server until it is told to end; raises `LiveshopError` if it cannot."""
    settings = read_settings(environ)
    if demo:
        settings = for_demo(settings, environ)
    with log_lines("supervisor", settings.log_level):
        asyncio.run(supervise(Plan(settings, demo=demo), environ))
    return 0


def for_demo(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """Return a demo's settings: it takes the sandbox's payments and does not bury its address in lines."""
    level = settings.log_level if is_set(environ, "LIVESHOP_LOG_LEVEL") else DEMO_LOG_LEVEL
    return replace(settings, payments=settings.payments | {"sandbox"}, log_level=level)
