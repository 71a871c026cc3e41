"""A media process for all clients, and the table of what passed."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.streaming.browser.conftest import media as media
from tests.streaming.browser.conftest import media_page as media_page
from tests.streaming.browser.conftest import show as show
from tests.streaming.interop import matrix

HERE = Path(__file__).parent
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
