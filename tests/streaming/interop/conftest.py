"""A media process for all clients, and the table of what passed."""

import os
from collections.abc import Generator

import pytest

from tests.streaming.browser import conftest as browser_conftest
from tests.streaming.interop import matrix

# The same media process, pages and publishers as in the browser's tests.
media = browser_conftest.media
media_page = browser_conftest.media_page
show = browser_conftest.show
start_publisher = browser_conftest.start_publisher
PASSED = pytest.StashKey[dict[matrix.Row, str]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note the row of a test that passed, with the versions it recorded."""
    report = yield
    if report.when == "call" and report.passed:
        versions = ", ".join(str(value) for name, value in item.user_properties if name == "version")
        for mark in item.iter_markers(matrix.MARK):
            item.config.stash.setdefault(PASSED, {})[mark.args[0]] = versions
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the document when the run was asked to."""
    if os.environ.get("WRITE_INTEROPERABILITY"):
        matrix.write(session.config.stash.get(PASSED, {}))
