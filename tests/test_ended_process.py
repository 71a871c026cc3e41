"""Processes of tests end, whatever they think of it."""

import signal
import subprocess
import sys

import pytest

from tests.ended_process import end

DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
PLAIN = "import signal; print('up', flush=True); signal.pause()"


@pytest.mark.parametrize(
    ("program", "how", "status"),
    [
        (PLAIN, signal.SIGTERM, -signal.SIGTERM),
        (PLAIN, signal.SIGKILL, -signal.SIGKILL),
        (DEAF, signal.SIGTERM, -signal.SIGKILL),
    ],
)
def test_a_process_is_asked_to_end_and_then_made_to(program: str, how: int, status: int) -> None:
    """One that has ended already is left alone."""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        for _ in range(2):
            end(process, 0.2 if program is DEAF else 10.0, how)
        assert process.returncode == status
