"""The log: its form, what is in it, and that no process waits for whoever reads it."""

import io
import logging
import re
import threading
from dataclasses import replace
from pathlib import Path

from liveshop.commands.serve import for_demo
from liveshop.settings.settings import Settings
from liveshop.watching.log_lines import log_lines

LIMIT_S = 5.0
LINE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (\S+) (\S+) (\S+): (.*)$")


class Stopped(io.StringIO):
    """A terminal that somebody has stopped: it takes no line until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.free = threading.Event()

    def write(self, text: str) -> int:
        self.asked.set()
        assert self.free.wait(LIMIT_S)
        return super().write(text)


def parts(text: str) -> list[tuple[str, ...]]:
    """Process, level, logger and text of every line that is one."""
    return [match.groups() for line in text.splitlines() if (match := LINE.match(line))]


def test_a_line_says_when_who_how_bad_and_where() -> None:
    """A traceback follows its line."""
    out = io.StringIO()
    with log_lines("media-1", "info", stream=out):
        logging.getLogger("liveshop.worker").warning("one %s", "thing")
        try:
            raise ValueError("broken")
        except ValueError:
            logging.getLogger("streaming.tap").exception("it failed")
    assert parts(out.getvalue()) == [
        ("media-1", "warning", "liveshop.worker", "one thing"),
        ("media-1", "error", "streaming.tap", "it failed"),
    ]
    assert out.getvalue().endswith("ValueError: broken\n")


def test_own_packages_speak_from_the_level_on_and_libraries_only_warn() -> None:
    """An HTTP client's line for each request would bury everything."""
    out = io.StringIO()
    with log_lines("front-0", "info", stream=out) as log:
        for name in ("httpx", "commerce.orders.sweep"):
            logging.getLogger(name).debug("detail")
            logging.getLogger(name).info("news")
            logging.getLogger(name).warning("trouble")
        log.set_level("error")
        logging.getLogger("realtime.connections.people").warning("not serious enough")
    assert [(where, text) for _, _, where, text in parts(out.getvalue())] == [
        ("httpx", "trouble"),
        ("commerce.orders.sweep", "news"),
        ("commerce.orders.sweep", "trouble"),
    ]


def test_nobody_waits_for_a_terminal_that_is_stopped() -> None:
    """What does not fit into the queue is dropped and counted, and the next line says how many."""
    out, drops = Stopped(), []
    with log_lines("media-0", "info", stream=out, max_waiting=2, on_drop=lambda: drops.append(1)):
        log = logging.getLogger("streaming")
        log.info("being written")
        assert out.asked.wait(LIMIT_S)
        for number in range(5):
            log.info("line %d", number)
        assert len(drops) == 3
        out.free.set()
        while "line 1" not in out.getvalue():
            threading.Event().wait(0.01)
        log.info("after")
    texts = [text for *_, text in parts(out.getvalue())]
    assert texts == ["being written", "line 0", "line 1", "(3 lines before this one were dropped) after"]


def test_the_demo_keeps_its_address_in_sight() -> None:
    """A newcomer's terminal shows where to go, unless more is asked for."""
    settings = Settings(Path("data"))
    assert for_demo(settings, {}).log_level == "warning"
    assert for_demo(settings, {"LIVESHOP_LOG_LEVEL": " "}).log_level == "warning"
    asked = for_demo(replace(settings, log_level="debug"), {"LIVESHOP_LOG_LEVEL": "debug"})
    assert asked.log_level == "debug"
    assert settings.log_level == "info"
