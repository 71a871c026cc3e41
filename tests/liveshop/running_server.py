"""A whole liveshop as real processes, for tests that kill parts of it."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

from liveshop.folders.data_folder_files import ProcessRecord
from liveshop.folders.process_marks_files import ProcessMark, is_alive
from liveshop.folders.runtime_folder_files import runtime_folder
from tests.ended_process import end

ROOT = Path(__file__).parents[2]
START_LIMIT_S = 60.0
STOP_LIMIT_S = 30.0
RECOVERY_LIMIT_S = 30.0


def until(condition: Callable[[], bool], limit_s: float, what: str) -> float:
    """Wait until a condition holds; returns how long it took, fails with `what` after the limit."""
    began_s = time.monotonic()
    pause = threading.Event()
    while not condition():
        waited_s = time.monotonic() - began_s
        assert waited_s < limit_s, f"{what} did not happen within {limit_s} s"
        pause.wait(0.02)
    return time.monotonic() - began_s


def clean_environment(**extra: str) -> dict[str, str]:
    """Return the environment without settings of liveshop, and with those given."""
    bare = {k: v for k, v in os.environ.items() if not k.startswith("LIVESHOP_") and not k.endswith("_URL")}
    return {**bare, "LIVESHOP_HTTP_PORT": "0", "LIVESHOP_MEDIA_PORT": "0", **extra}


class RunningServer:
    """A supervisor with its children. `address` is set once it serves."""

    def __init__(self, data: Path, environ: Mapping[str, str]) -> None:
        self.data = data
        self.environ = {**environ, "LIVESHOP_DATA": str(data)}
        self.lines: list[str] = []
        self.address = ""
        self._serving = threading.Event()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "liveshop", "serve"],
            cwd=ROOT,
            env=self.environ,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def wait_until_serving(self, limit_s: float = START_LIMIT_S) -> "RunningServer":
        """Return once it says that it serves."""
        assert self._serving.wait(limit_s), self.said()
        assert self.address, f"It ended instead of serving: {self.said()}"
        return self

    def said(self) -> str:
        """Everything it printed."""
        return "\n".join(self.lines)

    def record(self) -> ProcessRecord:
        """Who works on the data folder, as the supervisor wrote it."""
        return msgspec.json.decode((self.data / "processes.json").read_bytes(), type=ProcessRecord)

    def marks(self) -> dict[str, ProcessMark]:
        """Every child of the moment, by name."""
        return self.record().children

    def run_folder(self) -> Path:
        """Folder of the Unix sockets."""
        return runtime_folder(self.data, self.environ)

    def redis_url(self) -> str:
        """Address of the embedded Redis."""
        return f"unix://{self.run_folder() / 'redis.sock'}"

    def answers(self, name: str) -> bool:
        """Whether a child answers on its own socket (Redis: a PING)."""
        if name == "redis":
            return self._asked("redis", b"PING\r\n", 7) == b"+PONG\r\n"
        return b" 200 " in self.inside(name, "/healthz").partition(b"\r\n")[0]

    def inside(self, name: str, path: str) -> bytes:
        """Ask a child on its own socket; returns the whole answer, empty if there is none."""
        return self._asked(name, f"GET {path} HTTP/1.0\r\n\r\n".encode(), None)

    def serves(self) -> bool:
        """Whether the public port answers."""
        try:
            return httpx.get(f"{self.address}/healthz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self, name: str) -> ProcessMark:
        """Kill a child with signal 9; returns which it was."""
        mark = self.marks()[name]
        os.kill(mark.pid, signal.SIGKILL)
        return mark

    def back_after(self, name: str, killed: ProcessMark) -> float:
        """Wait until another process does the killed one's work and answers; returns the seconds."""

        def back() -> bool:
            mark = self.marks().get(name)
            return mark is not None and mark != killed and self.answers(name)

        return until(back, RECOVERY_LIMIT_S, f"the return of {name}")

    def interrupt(self, limit_s: float = 30.0) -> int:
        """Press Ctrl-C: the signal goes to the whole foreground process group. Returns the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(limit_s)

    def close(self) -> None:
        """End whatever is left."""
        if self.process.poll() is None:
            end(self.process, STOP_LIMIT_S)

    def _asked(self, name: str, question: bytes, answer_bytes: int | None) -> bytes:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(2)
                client.connect(str(self.run_folder() / f"{name}.sock"))
                client.sendall(question)
                if answer_bytes is not None:
                    return client.recv(answer_bytes)
                with client.makefile("rb") as lines:
                    return lines.read()
        except OSError:
            return b""

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as lines:
            for text in lines:
                self.lines.append(text.rstrip())
                if text.startswith("liveshop serves "):
                    self.address = text.split()[-1]
                    self._serving.set()
        self._serving.set()


def all_gone(marks: Mapping[str, ProcessMark]) -> bool:
    """Whether none of these processes runs any more."""
    return not any(is_alive(mark) for mark in marks.values())


@contextmanager
def running(data: Path, **settings: str) -> Iterator[RunningServer]:
    """Start a server, wait until it serves, end it afterwards."""
    server = RunningServer(data, clean_environment(**settings))
    try:
        yield server.wait_until_serving()
    finally:
        server.close()
