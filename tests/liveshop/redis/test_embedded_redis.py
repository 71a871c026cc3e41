"""Which redis-server is taken, and with which options."""

from pathlib import Path

import pytest

from liveshop.errors import PartMissing
from liveshop.redis.embedded_redis_process import find_redis_server, last_lines, redis_arguments


def program(folder: Path, name: str, words: str) -> Path:
    """Make a program that answers --version."""
    folder.mkdir(exist_ok=True)
    made = folder / name
    made.write_text(f"#!/bin/sh\necho '{words}'\n")
    made.chmod(0o755)
    return made


def test_an_old_one_first_in_the_path_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Version 6 has no Functions; the next one in the path is looked at."""
    program(tmp_path / "old", "redis-server", "Redis server v=6.0.16 sha=0")
    new = program(tmp_path / "new", "redis-server", "Redis server v=7.2.4 sha=0")
    monkeypatch.setenv("PATH", f"{tmp_path}/old:{tmp_path}/new")
    assert find_redis_server(None).path == str(new)


def test_valkey_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Valkey 8 serves as well."""
    valkey = program(tmp_path, "valkey-server", "Valkey server v=8.0.1 sha=0")
    monkeypatch.setenv("PATH", str(tmp_path))
    found = find_redis_server(None)
    assert (found.path, found.version) == (str(valkey), (8, 0, 1))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("Redis server v=6.2.14 sha=0", "Redis 7.0 or newer is needed and .* is 6.2.14; install"),
        ("hello", "LIVESHOP_REDIS_SERVER names .*, which is no redis-server; install"),
    ],
)
def test_a_named_program_that_cannot_serve_is_refused(tmp_path: Path, words: str, sentence: str) -> None:
    """The setting is not passed over in silence."""
    made = program(tmp_path, "redis-server", words)
    with pytest.raises(PartMissing, match=sentence):
        find_redis_server(str(made))


def test_none_at_all_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the command."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("liveshop.redis.embedded_redis_process.USUAL_FOLDERS", ())
    with pytest.raises(PartMissing, match="apt-get install redis-server"):
        find_redis_server(None)


def test_nothing_acknowledged_is_lost_and_nothing_evicted() -> None:
    """The options that the promises stand on."""
    words = redis_arguments(Path("/d"), Path("/s"), Path("/l"))
    options = dict(zip(words[::2], words[1::2], strict=True))
    assert options["--appendonly"] == "yes"
    assert options["--appendfsync"] == "always"
    assert options["--maxmemory-policy"] == "noeviction"
    assert options["--port"] == "0"


def test_last_words_are_short(tmp_path: Path) -> None:
    """The reason of a death is the end of its log."""
    assert last_lines(tmp_path / "none") == "it wrote no log"
    (tmp_path / "log").write_text("one\ntwo\nthree\nfour\n")
    assert last_lines(tmp_path / "log") == "two / three / four"
