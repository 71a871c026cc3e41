"""Ending what tests started, so that nothing stays behind a failure."""

import signal
import subprocess
from typing import Any


def end(process: subprocess.Popen[Any], within_s: float, how: int = signal.SIGTERM) -> None:
    """Ask a process to end by a signal, and see to it when it has not within that time."""
    process.send_signal(how)
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
