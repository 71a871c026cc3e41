"""What the benchmarks print: a table for people, and JSON for programs."""

import json

import pytest

from benchmarks import reports

REPORT = {"viewers": 300, "us_per_delivery": 11.25, "rounds": [1, 2]}


def test_a_figure_stands_in_a_line_and_all_in_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    """The table leaves out what is no figure; the JSON has all of it."""
    reports.tell(REPORT, as_json=True, not_in_table=["rounds"])
    *table, last = capsys.readouterr().out.splitlines()
    assert [line.split() for line in table] == [["viewers", "300"], ["us_per_delivery", "11.250"]]
    assert json.loads(last) == REPORT


def test_json_is_printed_on_request_only(capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` is every benchmark's own option."""
    parser = reports.parser("room", "What it measures.")
    assert [parser.parse_args(words).json for words in ([], ["--json"])] == [False, True]
    reports.tell(REPORT, as_json=False)
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(REPORT)
