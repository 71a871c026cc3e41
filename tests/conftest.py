"""Fixtures that every test folder shares; each plugin module starts real servers."""

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
