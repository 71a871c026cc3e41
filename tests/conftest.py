"""Fixtures that every test folder shares; each plugin module starts real servers."""

pytest_plugins = ["tests.fixtures_redis", "tests.fixtures_sql", "tests.fixtures_browser"]
