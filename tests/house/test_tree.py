"""What every file of the repository keeps to."""

import ast
import re
from pathlib import Path

from tests.house.source_tree import ROOT, files, files_ending, functions, package_files, text, tree

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 60
LONG_BECAUSE = "# Long because"
BINARY = (".webp", ".png", ".jpg", ".ico", ".woff2", ".mp4", ".webm", ".ivf", ".pcap")
# Built from halves, so that this file does not contain them.
HOSTS = tuple(
    "".join(halves)
    for halves in (
        ("pypi", ".org"),
        ("python", "hosted.org"),
        ("registry.npm", "js.org"),
        ("registry.yarn", "pkg.com"),
        ("deb.deb", "ian.org"),
        ("security.deb", "ian.org"),
    )
)


def test_no_file_is_longer_than_600_lines() -> None:
    """Files fit in a head."""
    sources = files_ending(".py", ".js", ".lua", ".css", ".html", ".sh")
    assert [f"{p}: {n}" for p in sources if (n := len(text(p).splitlines())) > FILE_LINES_MAX] == []


def test_no_function_is_longer_than_60_lines_without_a_reason() -> None:
    """Functions fit in one look; one that does not says why."""
    long = []
    frozen = [p for p in files_ending(".py") if "versions" in p.parts]  # migrations are written once
    for path in set(files_ending(".py")) - set(frozen):
        lines = text(path).splitlines()
        for function in functions(path):
            last = function.end_lineno or function.lineno
            body = lines[max(0, function.lineno - 3) : last]
            said = any(line.strip().startswith(LONG_BECAUSE) for line in body)
            if last - function.lineno >= FUNCTION_LINES_MAX and not said:
                long.append(f"{path}:{function.lineno} {function.name}")
    assert long == []


def test_no_registry_host_is_named() -> None:
    """Where packages come from is the installer's setting, not ours."""
    named = [f"{p}: {host}" for p in readable() for host in HOSTS if host in text(p)]
    assert named == []


def test_no_path_of_a_machine_is_named() -> None:
    """Nothing in the repository knows where it was written."""
    paths = ["/work" + "/main", "/root" + "/."]
    if len(ROOT.parts) > 3:
        paths.append(str(ROOT))
    assert [f"{p}: {path}" for p in readable() for path in paths if path in text(p)] == []


def test_lock_files_name_no_address() -> None:
    """Lock files say what and which hash, not from where."""
    locks = [p for p in files() if p.name.endswith("-lock.json") or p.parts[0] == "requirements"]
    assert locks
    pattern = re.compile(r'"resolved"|index-url|find-links|https?://')
    assert [str(p) for p in locks if pattern.search(text(p))] == []


def test_locked_requirements_have_hashes() -> None:
    """Every package of a lock file is pinned and has a hash."""
    for name in ("run", "test", "fuzz"):
        entries = re.split(r"\n(?=[a-z0-9])", text(Path(f"requirements/{name}.txt")))
        packages = [entry for entry in entries if re.match(r"[a-z0-9]", entry)]
        assert packages
        assert [entry for entry in packages if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_nothing_is_left_to_do() -> None:
    """No marks of unfinished work."""
    marks = re.compile(r"\b(" + "TO" + "DO|FIX" + "ME|HA" + r"CK)\b")
    sources = files_ending(".py", ".js", ".lua", ".css", ".html", ".md", ".sh")
    assert [f"{p}: {m[0]}" for p in sources for m in marks.finditer(text(p))] == []


def test_every_public_thing_has_a_docstring() -> None:
    """Modules, classes and functions without an underscore say what they are."""
    silent = []
    for path in package_files():
        if "versions" in path.parts:
            continue
        if not ast.get_docstring(tree(path)):
            silent.append(str(path))
        silent.extend(
            f"{path}:{node.lineno} {node.name}"
            for node in tree(path).body
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        )
    assert silent == []


def test_silenced_checks_name_what_they_silence() -> None:
    """A `type: ignore` or `noqa` has a code."""
    bare = re.compile(r"#\s*type:\s*ignore(?!\[)|#\s*noqa(?!:\s*[A-Z])")
    assert [f"{p}: {m[0]}" for p in files_ending(".py") for m in bare.finditer(text(p))] == [
        f"tests/house/test_tree.py: {m[0]}" for m in bare.finditer(text(Path("tests/house/test_tree.py")))
    ]


def readable() -> list[Path]:
    """Files that hold text."""
    return [p for p in files() if not p.name.endswith(BINARY) and b"\0" not in (ROOT / p).read_bytes()[:4096]]
