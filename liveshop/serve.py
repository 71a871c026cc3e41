"""`serve` and `demo`: the supervisor and what it starts."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from liveshop.settings import Settings, read_settings
from liveshop.supervisor import Plan, supervise


def serve(environ: Mapping[str, str], *, demo: bool) -> int:
    """Run the server until it is told to end; raises `LiveshopError` if it cannot."""
    settings = read_settings(environ)
    plan = demo_plan(settings) if demo else Plan(settings)
    asyncio.run(supervise(plan, environ))
    return 0


def demo_plan(settings: Settings) -> Plan:
    """Plan of the demo: the sandbox provider is on, and a publisher sends the demo show."""
    with_sandbox = replace(settings, payments=settings.payments | {"sandbox"})
    return Plan(with_sandbox, demo=True, announce=lambda _settings: ())
