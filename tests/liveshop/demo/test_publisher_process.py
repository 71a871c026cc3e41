"""The demo publisher as a process: it tries for ever and ends when it should."""

import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from liveshop.demo.publisher_av import PublishError
from liveshop.demo.publisher_process import LONGEST_PAUSE_S, keep_publishing, parse_product, pause_s

pytestmark = pytest.mark.together

LIMIT_S = 30
STARTER = """
import subprocess, sys
child = subprocess.Popen(sys.argv[1:])
print(child.pid, flush=True)
child.wait()
"""


def test_pauses_grow_to_a_ceiling_and_never_reach_zero() -> None:
    """Full jitter under a doubling ceiling; two seconds at most, so that a show is back soon."""
    assert [pause_s(failures, 1.0) for failures in (1, 2, 3, 4, 50)] == [0.25, 0.5, 1.0, 2.0, LONGEST_PAUSE_S]
    assert pause_s(5, 0.0) == 0.05


def test_a_lost_connection_is_taken_up_again_until_the_end() -> None:
    """Errors are not the end; only `stop` is."""
    stop = threading.Event()
    tries: list[int] = []

    def publish_once() -> None:
        tries.append(len(tries))
        if len(tries) == 3:
            stop.set()
        raise PublishError("connection refused")

    keep_publishing(publish_once, stop)
    assert tries == [0, 1, 2]


def test_a_product_is_a_name_and_a_price() -> None:
    """The last equals sign divides; a part that is missing is named."""
    assert parse_product("Tea = good=$8.00").price == "$8.00"
    with pytest.raises(Exception, match="NAME=PRICE"):
        parse_product("Tea")


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """Listen where the publisher will knock, and never answer."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(LIMIT_S)
        yield listening


def command(door: socket.socket, *more: str) -> list[str]:
    """Put together the publisher's command line."""
    url = f"http://127.0.0.1:{door.getsockname()[1]}/whip/sh_demo"
    return [sys.executable, "-m", "liveshop.demo.publisher_process", "--url", url, *more]


def knock(door: socket.socket) -> bytes:
    """Wait until the publisher knocks; returns the beginning of its request and hangs up."""
    connection, _ = door.accept()
    with connection:
        connection.settimeout(LIMIT_S)
        return connection.recv(4096)


def test_it_knocks_with_its_key_and_ends_on_sigterm(door: socket.socket) -> None:
    """The key is the bearer; after a refusal it knocks again; SIGTERM ends it with 0."""
    with subprocess.Popen(command(door), env={**os.environ, "LIVESHOP_STREAM_KEY": "sk_test"}) as process:
        try:
            request = knock(door)
            assert request.startswith(b"POST /whip/sh_demo HTTP/1.1\r\n")
            assert b"authorization: bearer sk_test\r\n" in request.lower()
            assert knock(door).startswith(b"POST ")
            process.send_signal(signal.SIGTERM)
            assert process.wait(LIMIT_S) == 0
        finally:
            process.kill()


def test_it_ends_when_its_lifeline_is_closed(door: socket.socket) -> None:
    """A supervisor that dies closes the pipe, whatever else it fails to do."""
    reading, writing = os.pipe()
    arguments = command(door, "--key", "sk_test", "--lifeline", str(reading))
    with subprocess.Popen(arguments, pass_fds=[reading]) as process:
        try:
            os.close(reading)
            knock(door)
            os.close(writing)
            assert process.wait(LIMIT_S) == 0
        finally:
            process.kill()


def test_it_ends_when_its_parent_is_killed(door: socket.socket) -> None:
    """Kill -9 of the parent leaves no publisher behind."""
    arguments = [sys.executable, "-c", STARTER, *command(door, "--key", "sk_test")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        knock(door)
        watched = os.pidfd_open(child)
        try:
            parent.kill()
            assert select.select([watched], [], [], LIMIT_S)[0], "the publisher outlived its parent"
        finally:
            os.close(watched)


def test_a_missing_key_is_named(door: socket.socket) -> None:
    """Without a key it does not start."""
    environment = {name: value for name, value in os.environ.items() if name != "LIVESHOP_STREAM_KEY"}
    done = subprocess.run(
        command(door), env=environment, capture_output=True, text=True, check=False, timeout=LIMIT_S
    )
    assert done.returncode == 2
    assert "stream key is missing" in done.stderr
