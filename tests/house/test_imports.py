"""Imports run one way, like floors."""

from pathlib import Path

import pytest

from tests.house.source_tree import PACKAGES, imported, package_files

# What each package may import of the others. `liveshop` is on top and may import all.
ALLOWED: dict[str, tuple[str, ...]] = {
    "liveshop": ("realtime", "commerce", "streaming"),
    "realtime": ("commerce.events", "streaming.events"),
    "commerce": (),
    "streaming": (),
}


def violations(path: Path) -> list[str]:
    """List imports of a file that go against the law."""
    own = path.parts[0]
    found = []
    for name, line in imported(path):
        top = name.partition(".")[0]
        if top not in PACKAGES or top == own:
            continue
        inside = any(name == ok or name.startswith(ok + ".") for ok in ALLOWED[own])
        # `from commerce import events` is also seen as an import of `commerce` itself.
        above = any(ok.startswith(name + ".") for ok in ALLOWED[own]) and name == top
        if not inside and not above:
            found.append(f"{path}:{line} imports {name}")
    return found


def test_imports_run_one_way() -> None:
    """No package imports one it must not know."""
    assert [text for path in package_files() for text in violations(path)] == []


@pytest.mark.parametrize(
    ("own", "line", "allowed"),
    [
        ("commerce", "from streaming.events import HostLive", False),
        ("commerce", "import liveshop.settings", False),
        ("realtime", "from commerce.events import parse", True),
        ("realtime", "from commerce import events", True),
        ("realtime", "from commerce.services import open_commerce", False),
        ("realtime", "def f():\n    import streaming.grants", False),
        ("liveshop", "import streaming.grants", True),
    ],
)
def test_the_law_sees_what_it_should(
    own: str, line: str, allowed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check above finds what is wrong and lets pass what is right."""
    monkeypatch.setattr("tests.house.source_tree.ROOT", tmp_path)
    # A name of its own for each case, because trees are kept by path.
    path = Path(own) / f"case_{abs(hash(line))}.py"
    (tmp_path / path).parent.mkdir()
    (tmp_path / path).write_text(line)
    assert (violations(path) == []) is allowed


def test_no_module_is_a_drawer_for_everything() -> None:
    """No common, core, utils, helpers or manager."""
    drawers = {"common", "core", "utils", "util", "helpers", "helper", "manager", "managers", "misc"}
    named = [str(path) for path in package_files() if drawers & {*path.parts[:-1], *path.stem.split("_")}]
    assert named == []
