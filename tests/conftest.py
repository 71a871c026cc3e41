"""Fixtures that every test folder shares; each plugin module starts real servers."""

import gc

import pytest
from hypothesis import settings

pytest_plugins = [
    "tests.fixtures_memory",
    "tests.fixtures_redis",
    "tests.fixtures_redis_many",
    "tests.fixtures_sql",
    "tests.fixtures_browser",
    "tests.fixtures_server",
    "tests.fixtures_power_cut",
]

# A busy machine makes an example slow; what must be quick is measured by name.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# Python's own (700, 10, 10) made a fifth of the work of tests that only reckon.
GARBAGE_THRESHOLDS = (10_000, 20, 10)


def pytest_collection_finish() -> None:
    """Look for garbage among what tests make, not among 400,000 things of the program that stay."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with those that may take longest, so that of several workers none is left with one at the end."""
    items.sort(key=_limit_s, reverse=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why something was asked once more."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"asked once more: {report.nodeid}")
        terminalreporter.line(report.longreprtext)


def _limit_s(item: pytest.Item) -> float:
    limit = item.get_closest_marker("timeout")
    return float(limit.args[0]) if limit is not None else 0.0
