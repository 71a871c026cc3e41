"""`.venv/bin/python -m benchmarks.chaos_sale [--seconds 60] [--seed N] [--postgres] [--prove] [--json]`.

Buyers press at both doors of a real server and repeat until they are answered, while processes are killed at
named steps, connections are delayed and cut, and the power is cut: all processes at once, and what was not
synced is taken back from the disk. Then it is calm, and Redis, SQL and the provider's own book are compared
with each other and with what the buyers were promised. The exit code is 1 when something does not agree,
or when a step never killed.

`--prove` makes the same run with `appendfsync everysec`, and with SQLite's `synchronous=OFF`; both must
report a loss, or the harness is worth nothing.
"""

import argparse
import asyncio
import json
import secrets
import shutil
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import reports
from benchmarks.chaos_sale.machine_process import Build, Machine
from benchmarks.chaos_sale.power_cut.library_process import build
from benchmarks.chaos_sale.steps import STEPS
from benchmarks.chaos_sale.storm import Outcome, Storm, Weather

FAULTS_SHOWN = 40
PROVE_RUNS = 3
MUST_BE_ZERO = (
    "oversold",
    "paid_without_order",
    "order_without_payment",
    "charged_twice",
    "stuck_holds",
    "acknowledged_lost",
    "books_differ",
    "money_left",
    "orders_at_work",
    "repeats_differ",
)


def main() -> int:
    """Run, print for people, and JSON on request."""
    arguments = _arguments()
    seed = secrets.randbelow(10**6) if arguments.seed is None else arguments.seed
    print(f"seed {seed}", flush=True)
    weather = Weather(arguments.seconds, arguments.buyers)
    settings = {"seed": seed, "postgres": arguments.postgres, "http_port": arguments.port}
    if arguments.prove:
        return _prove(weather, settings)
    outcome = run(weather, **settings)
    report = summary(outcome, seed)
    show(outcome)
    if arguments.json:
        print(json.dumps(report))
    return int(bool(faulty(report) or outcome.missing or outcome.down))


def _arguments() -> argparse.Namespace:
    parser = reports.parser("chaos_sale", __doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--buyers", type=int, default=120)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--port", type=int, default=0, help="HTTP port; 0 takes a free one")
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL instead of SQLite")
    parser.add_argument("--prove", action="store_true", help="runs that must report a loss")
    return parser.parse_args()


def run(weather: Weather, **settings: Any) -> Outcome:
    """Make a machine in a folder of its own, let the storm pass over it, and remove all of it."""
    folder = Path(tempfile.mkdtemp(prefix="ls-chaos-", dir="/tmp"))
    try:
        return asyncio.run(_run(weather, Build(folder, build(folder), **settings)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _run(weather: Weather, built: Build) -> Outcome:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await Storm(Machine(built), weather, lambda text: print(text, flush=True)).run()


def summary(outcome: Outcome, seed: int) -> dict[str, Any]:
    """Return the last line."""
    verdict = outcome.verdict
    return {
        "attempts": outcome.attempts,
        "kills": outcome.steps.total(),
        "power_cuts": outcome.power_cuts,
        "sold": verdict.sold,
        "stock": outcome.stock,
        "oversold": verdict.oversold,
        "paid_without_order": verdict.paid_without_order,
        "order_without_payment": verdict.order_without_payment,
        "charged_twice": verdict.charged_twice,
        "stuck_holds": outcome.stuck_holds,
        "acknowledged_lost": verdict.acknowledged_lost,
        "books_differ": verdict.books_differ,
        "money_left": verdict.money_left,
        "orders_at_work": verdict.orders_at_work,
        "repeats_differ": outcome.repeats_differ,
        "seed": seed,
        "connections_cut": outcome.passed.cuts,
        "unsynced": outcome.unsynced,
        "taken_back": outcome.taken_back,
        "storm_s": round(outcome.storm_s, 1),
        "recovery_s": outcome.recovery_s,
        "steps": {step.name: outcome.steps[step.name] for step in STEPS},
    }


def faulty(report: dict[str, Any]) -> dict[str, int]:
    """Return what must be 0 and is not."""
    return {name: report[name] for name in MUST_BE_ZERO if report[name]}


def show(outcome: Outcome) -> None:
    """Print the counts of each step, what buyers were answered, and every fault."""
    for step in STEPS:
        print(f"  killed {step.victim:7} {step.name:24} {outcome.steps[step.name]:4}")
    passed = outcome.passed
    print(f"  lines: {passed.connections} connections, {passed.cuts} cut, {passed.delays} delays")
    print(f"  answers: {outcome.answers}, {outcome.unanswered} gave up")
    print(f"  disk: {outcome.taken_back} of {outcome.unsynced} unsynced pages and names were taken back")
    print(f"  calm after {outcome.rest_s:.1f} s; starts after cuts took {outcome.recovery_s} s")
    for text in outcome.verdict.faults[:FAULTS_SHOWN]:
        print(f"  FAULT {text}")
    if len(outcome.verdict.faults) > FAULTS_SHOWN:
        print(f"  and {len(outcome.verdict.faults) - FAULTS_SHOWN} more")
    if outcome.missing:
        print(f"  never killed at: {', '.join(outcome.missing)}")


def _prove(weather: Weather, settings: dict[str, Any]) -> int:
    """See two ways to lose data being noticed; 0 when both were."""
    bad_machines: dict[str, dict[str, Any]] = {
        "appendfsync everysec": {"appendfsync": "everysec"},
        "synchronous=OFF": {"sqlite_off": True},
    }
    calmer = replace(weather, every_step=False, kills=False)
    noticed = [_notices(name, calmer, settings | bad) for name, bad in bad_machines.items()]
    return int(not all(noticed))


def _notices(name: str, weather: Weather, settings: dict[str, Any]) -> bool:
    """Run until promises are lost; a single cut may fall just behind a sync, three hardly do."""
    for turn in range(PROVE_RUNS):
        outcome = run(weather, **settings | {"seed": settings["seed"] + turn})
        lost = outcome.verdict.acknowledged_lost
        print(f"{name}: {lost} promises lost{', and it did not come back' if outcome.down else ''}")
        if lost:
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
