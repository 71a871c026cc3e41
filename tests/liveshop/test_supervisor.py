"""The supervisor and its children as real processes: killed, interrupted, started twice."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from tests.liveshop.running_server import RunningServer, all_gone, clean_environment, running, until

pytestmark = pytest.mark.together

CHILDREN = ("redis", "front-0", "media-0", "worker-0")
ORPHANS_LIMIT_S = 20.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One server for all tests that leave it whole."""
    with running(tmp_path_factory.mktemp("supervised")) as started:
        yield started


@pytest.mark.parametrize("name", CHILDREN)
def test_a_killed_child_is_back(
    server: RunningServer, name: str, record_property: Callable[[str, object], None]
) -> None:
    """A child killed with signal 9 is replaced, and the public port answers again."""
    killed = server.kill(name)
    back_s = server.back_after(name, killed)
    serves_s = until(server.serves, 10, "an answer on the public port")
    record_property(f"seconds_until_{name}_was_back", round(back_s + serves_s, 2))
    assert server.process.poll() is None


def test_a_killed_child_that_was_ready_is_back_every_time(server: RunningServer) -> None:
    """More than five deaths after being ready do not end the supervisor, and each is counted."""
    for _ in range(6):
        server.back_after("worker-0", server.kill("worker-0"))
    with redis.Redis.from_url(server.redis_url()) as client:
        assert client.hexists("{server}:processes", "worker-0")
    figures = server.inside("front-0", "/metrics").decode()
    counted = re.search(r'^liveshop_restarts_total\{kind="worker"\} (\S+)', figures, flags=re.MULTILINE)
    assert counted is not None
    assert float(counted[1]) >= 6


def test_processes_are_called_by_their_names(server: RunningServer) -> None:
    """Whoever looks at a list of processes sees which is which, although all were forked from one."""
    names = {"forkserver", "front-0", "media-0", "worker-0"}
    titles = {
        name: Path(f"/proc/{mark.pid}/cmdline").read_bytes().rstrip(b"\0").decode()
        for name, mark in server.marks().items()
        if name != "redis"
    }
    assert titles == {name: f"liveshop {name}" for name in names}


def test_a_killed_fork_server_is_back_and_took_nobody_along(server: RunningServer) -> None:
    """Its children serve on; one that dies while it is away is replaced once it is back."""
    before = server.marks()
    killed = server.kill("forkserver")
    assert server.serves()
    worker = server.kill("worker-0")
    server.back_after("worker-0", worker)
    until(lambda: server.marks().get("forkserver") not in {None, killed}, 30, "another fork server")
    after = server.marks()
    assert {name: after[name] for name in ("front-0", "media-0")} == {
        name: before[name] for name in ("front-0", "media-0")
    }
    server.back_after("front-0", server.kill("front-0"))
    until(server.serves, 10, "an answer on the public port")
    assert any("worker-0 died: it ended while nobody could see how." in text for text in server.lines)


def test_a_second_start_is_refused_in_one_sentence(server: RunningServer) -> None:
    """A second supervisor on the same data folder says who has it, and changes nothing."""
    before = server.record()
    second = RunningServer(server.data, clean_environment())
    try:
        assert second.process.wait(30) == 1
        until(lambda: bool(second.lines), 5, "a sentence")
        pid = server.process.pid
        assert second.lines == [
            f"liveshop: The data folder {server.data} is in use by the liveshop with pid {pid}."
        ]
    finally:
        second.close()
    assert server.record() == before
    assert server.serves()


def test_a_taken_http_port_is_named(server: RunningServer, tmp_path: Path) -> None:
    """Another server on the same port is refused, although fronts share ports among themselves."""
    port = server.address.rpartition(":")[2]
    second = RunningServer(tmp_path, clean_environment(LIVESHOP_HTTP_PORT=port))
    try:
        assert second.process.wait(30) == 1
        until(lambda: bool(second.lines), 5, "a sentence")
        assert f"TCP port {port} is taken" in second.said()
    finally:
        second.close()


def test_redis_embedded_is_safe(server: RunningServer) -> None:
    """The embedded Redis keeps every acknowledged write and never evicts."""
    with redis.Redis.from_url(server.redis_url()) as client:
        wanted = {
            "appendonly": "yes",
            "appendfsync": "always",
            "maxmemory-policy": "noeviction",
            "port": "0",
        }
        assert {name: client.config_get(name)[name] for name in wanted} == wanted


def test_a_killed_supervisor_leaves_nobody_and_the_next_start_serves(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """After kill -9 of the supervisor its children go, data stays, and a start at once serves."""
    with running(tmp_path) as first:
        marks = first.marks()
        assert set(CHILDREN) <= set(marks)
        with redis.Redis.from_url(first.redis_url()) as client:
            client.set("{server}:test", "kept")
        killed_s = time.monotonic()
        first.process.kill()
        first.process.wait()
        with running(tmp_path) as second:
            until(lambda: all_gone(marks), ORPHANS_LIMIT_S, "the end of all orphans")
            record_property("seconds_until_the_next_start_served", round(time.monotonic() - killed_s, 2))
            with redis.Redis.from_url(second.redis_url()) as client:
                assert client.get("{server}:test") == b"kept"
            assert second.serves()


def test_children_of_a_killed_supervisor_end_by_themselves(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Nobody needs to come and end them: the closed line tells them."""
    with running(tmp_path) as server:
        marks = server.marks()
        server.process.kill()
        server.process.wait()
        gone_s = until(lambda: all_gone(marks), ORPHANS_LIMIT_S, "the end of all children")
    record_property("seconds_until_all_children_were_gone", round(gone_s, 2))


def test_a_stopped_child_is_ended_by_the_next_start(tmp_path: Path) -> None:
    """An orphan that cannot end by itself (here: stopped) is ended before the files are opened."""
    with running(tmp_path) as first:
        marks = first.marks()
        os.kill(marks["redis"].pid, signal.SIGSTOP)
        first.process.kill()
        first.process.wait()
        with running(tmp_path) as second:
            assert all_gone(marks)
            assert second.serves()


def test_control_c_leaves_no_child_and_keeps_data(tmp_path: Path) -> None:
    """A write acknowledged just before Ctrl-C is there after the next start; no child stays behind."""
    with running(tmp_path) as first:
        marks = first.marks()
        with redis.Redis.from_url(first.redis_url()) as client:
            client.set("{server}:test", "kept")
        assert first.interrupt() == 0, first.said()
        assert all_gone(marks)
        assert not [text for text in first.lines if "Traceback" in text or "was killed" in text]
    with running(tmp_path) as second, redis.Redis.from_url(second.redis_url()) as client:
        assert client.get("{server}:test") == b"kept"


def test_control_c_during_the_start_is_orderly(tmp_path: Path) -> None:
    """Ctrl-C while children are still being started ends everything."""
    server = RunningServer(tmp_path, clean_environment())
    try:
        until((tmp_path / "processes.json").exists, 30, "the first record")
        until(lambda: len(server.marks()) > 1, 30, "the first children")
        marks = server.marks()
        assert server.interrupt() == 0, server.said()
        assert all_gone(marks)
    finally:
        server.close()


def test_a_data_path_of_150_characters_works(tmp_path: Path) -> None:
    """Unix sockets have short names wherever the data folder is."""
    data = tmp_path / ("d" * (150 - len(str(tmp_path)) - 1))
    assert len(str(data)) == 150
    with running(data) as server:
        assert server.serves()


def test_five_deaths_before_ready_end_the_supervisor_with_the_reason(tmp_path: Path) -> None:
    """A part that never comes up is not started for ever."""
    fake = tmp_path / "redis-server"
    fake.write_text(
        "#!/bin/sh\n"
        '[ "$1" = --version ] && echo "Redis server v=7.0.15 sha=0" && exit 0\n'
        f"echo started >> {tmp_path}/starts\n"
        f"echo 'Fatal: disk on fire' > {tmp_path}/data/logs/redis.log\nexit 3\n"
    )
    fake.chmod(0o755)
    server = RunningServer(tmp_path / "data", clean_environment(LIVESHOP_REDIS_SERVER=str(fake)))
    try:
        assert server.process.wait(60) == 1
        until(lambda: "five times" in server.said(), 5, "the reason")
    finally:
        server.close()
    assert "redis died five times in a row before it was ready" in server.lines[-1]
    assert "disk on fire" in server.lines[-1]
    assert (tmp_path / "starts").read_text().count("started") == 5
