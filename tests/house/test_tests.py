"""What every test keeps to."""

import ast
import re
from pathlib import Path

from tests.house.source_tree import files_ending, functions, text, tree


def python_tests() -> list[Path]:
    """Python files below tests/."""
    return [p for p in files_ending(".py") if p.parts[0] == "tests"]


def test_no_test_sleeps() -> None:
    """Tests wait for events with a limit; `sleep(0)` only gives way.

    A helper that asks again and again until something holds may pause in its loop.
    """
    sleeping: list[str] = []
    for path in python_tests():
        pauses = {id(call) for function in functions(path) for call in _pauses(function)}
        sleeping.extend(
            f"{path}:{call.lineno}"
            for call in _calls(tree(path), "sleep")
            if not _is_zero(call) and id(call) not in pauses
        )
    assert sleeping == []


def _calls(node: ast.AST, name: str) -> list[ast.Call]:
    """List calls of a function or method of that name."""
    calls = [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]
    return [c for c in calls if getattr(c.func, "attr", getattr(c.func, "id", "")) == name]


def _pauses(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.Call]:
    """List sleeps in a `while` loop of a function that is no test."""
    if function.name.startswith("test_"):
        return []
    loops = [node for node in ast.walk(function) if isinstance(node, ast.While)]
    return [call for loop in loops for call in _calls(loop, "sleep")]


def _is_zero(call: ast.Call) -> bool:
    return [isinstance(a, ast.Constant) and a.value == 0 for a in call.args] == [True]


def test_scripts_do_not_sleep() -> None:
    """JavaScript tests use timers of their own making, not real ones."""
    pattern = re.compile(r"setTimeout\(\s*(?:resolve|r|done)\s*,\s*[1-9]")
    assert [str(p) for p in files_ending(".test.js") if pattern.search(text(p))] == []


def test_every_test_says_what_it_shows() -> None:
    """Each test has a docstring."""
    silent = [
        f"{path}:{function.lineno} {function.name}"
        for path in python_tests()
        for function in functions(path)
        if function.name.startswith("test_") and not ast.get_docstring(function)
    ]
    assert silent == []


def test_every_test_can_fail() -> None:
    """A test asserts, expects an error, or calls something that does.

    Hypothesis' tests may show that nothing is raised, whatever comes in.
    """
    toothless = [
        f"{path}:{function.lineno} {function.name}"
        for path in python_tests()
        for function in functions(path)
        if function.name.startswith("test_") and not _can_fail(function)
    ]
    assert toothless == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    """Everything runs everywhere: what a test needs, the test's own installer brings."""
    pattern = re.compile(r"pytest\.(mark\.)?(skip|xfail|importor" + r"skip)")
    assert [str(p) for p in python_tests() if pattern.search(text(p))] == []


def _can_fail(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a test holds an assert or a call of something that asserts."""
    if any("given" in ast.unparse(decorator) for decorator in function.decorator_list):
        return True
    for node in ast.walk(function):
        if isinstance(node, ast.Assert | ast.Raise):
            return True
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if re.match(
                r"_?(raises|run_|until|wait|expect|check|assert|refused|must|see|timeout|fail)", name
            ):
                return True
    return False
