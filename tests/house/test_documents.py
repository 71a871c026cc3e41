"""Documents say the same as the program."""

import re
import tomllib
from pathlib import Path

import liveshop.settings.settings
from tests.house.source_tree import package_files, text


def test_every_setting_is_documented() -> None:
    """docs/settings.md has a row for every setting, in the same order, and no other."""
    rows = re.findall(r"^\| `([A-Z_]+)` \|", text(Path("docs/settings.md")), flags=re.MULTILINE)
    assert rows == [known.name for known in liveshop.settings.settings.KNOWN]


def test_documented_defaults_are_the_defaults() -> None:
    """A default that is a value stands in the table as it is in the program."""
    rows = dict(
        re.findall(r"^\| `([A-Z_]+)` \| `([^`]+)` \|", text(Path("docs/settings.md")), flags=re.MULTILINE)
    )
    defaults = {known.name: known.default for known in liveshop.settings.settings.KNOWN if known.default}
    assert {**defaults, "LIVESHOP_MAIL_FROM": "liveshop@localhost"} == rows


def test_no_setting_is_read_past_the_table() -> None:
    """The environment is read in one place; LIVESHOP_ names elsewhere are names of settings."""
    known = {setting.name for setting in liveshop.settings.settings.KNOWN}
    prefixes = set(liveshop.settings.settings.IGNORED_PREFIXES) | {"LIVESHOP_"}
    # The demo's publisher is a program of its own, with an environment of its own.
    prefixes.add("LIVESHOP_STREAM_KEY")
    named = {
        f"{path}: {name}"
        for path in package_files()
        for name in re.findall(r"\bLIVESHOP_[A-Z_]*", text(path))
        if name not in known | prefixes
    }
    assert named == set()


def test_compose_sets_only_what_exists() -> None:
    """compose.yaml and Dockerfile name real settings."""
    known = {setting.name for setting in liveshop.settings.settings.KNOWN}
    for name in ("compose.yaml", "Dockerfile", "install.sh"):
        assert set(re.findall(r"\bLIVESHOP_[A-Z_]+", text(Path(name)))) <= known, name


def test_the_changelog_begins_with_this_version() -> None:
    """The newest entry of the changelog is the version in pyproject.toml."""
    version = tomllib.loads(text(Path("pyproject.toml")))["project"]["version"]
    newest = re.search(r"^## (\S+)", text(Path("CHANGELOG.md")), flags=re.MULTILINE)
    assert newest is not None
    assert newest[1] == version


def test_ci_runs_everything() -> None:
    """.ci/run calls make test, and nothing else."""
    assert text(Path(".ci/run")).splitlines()[-1] == "exec make test"
