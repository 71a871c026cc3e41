"""Fixtures that every test folder shares; each plugin module starts real servers."""

import gc

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
GARBAGE_THRESHOLDS = (10_000, 20, 50)


def pytest_collection_finish() -> None:
    """Look for garbage among what tests make, not among 400,000 things of the program that stay."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
