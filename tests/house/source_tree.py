"""The tracked files of this repository and their syntax trees, for the tests that guard its laws."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("liveshop", "realtime", "commerce", "streaming")


@cache
def files() -> tuple[Path, ...]:
    """Every file git knows or would take, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    names = listed.stdout.decode().split("\0")
    return tuple(Path(name) for name in names if name and (ROOT / name).is_file())


def files_ending(*endings: str) -> list[Path]:
    """Files with one of these endings, without what others wrote."""
    return [p for p in files() if p.name.endswith(endings) and "vendor" not in p.parts]


def package_files() -> list[Path]:
    """Python files of the four packages."""
    return [p for p in files_ending(".py") if p.parts[0] in PACKAGES]


@cache
def text(path: Path) -> str:
    """Text of a file."""
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    """Syntax tree of a Python file."""
    return ast.parse(text(path), filename=str(path))


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Every module a file imports anywhere, also inside functions, with its line. Full names."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parent = path.parts[: len(path.parts) - node.level]
                base = ".".join([*parent, *([base] if base else [])])
            yield base, node.lineno
            for alias in node.names:
                yield f"{base}.{alias.name}", node.lineno


def module_of(path: Path) -> str:
    """Dotted name of a Python file."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
