"""Kills at named steps: each step exists, and a kill is claimed and counted once."""

import asyncio
import inspect
import os
import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from benchmarks.chaos_sale.inside import Orders, owner_of
from benchmarks.chaos_sale.kills import Kills
from benchmarks.chaos_sale.steps import STEPS, Step
from tests.liveshop.running_server import ROOT

STEP = Step("after_something", "after", "commerce.sale.engine_redis:SaleEngine.commit")
BY_REDIS = Step("redis_after_something", "after", STEP.call, victim="redis")


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_each_step_is_a_call_that_exists(step: Step) -> None:
    """A call that is renamed takes its step along."""
    owner, name = owner_of(step.call)
    assert inspect.iscoroutinefunction(getattr(owner, name))


def test_steps_have_names_of_their_own() -> None:
    """Counts are by name."""
    assert len({step.name for step in STEPS}) == len(STEPS)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Record signals instead of sending them."""
    found: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: found.append((pid, number)))
    return found


def reach_often(kills: Kills, step: Step) -> None:
    """Reach a step so often that a coin of one half must have fallen."""
    coin = Random(1)
    for _ in range(60):
        kills.reach(step, coin)


def test_a_step_that_is_not_armed_kills_nobody(tmp_path: Path, sent: list[tuple[int, int]]) -> None:
    """Nothing happens and nothing is counted."""
    kills = Kills(tmp_path)
    reach_often(kills, STEP)
    assert sent == []
    assert kills.counts().total() == 0


def test_an_armed_step_kills_once(tmp_path: Path, sent: list[tuple[int, int]]) -> None:
    """Whoever is first claims it; it is counted and armed no more."""
    kills = Kills(tmp_path)
    kills.arm([STEP.name])
    assert kills.armed() == {STEP.name}
    reach_often(kills, STEP)
    assert sent == [(os.getpid(), signal.SIGKILL)]
    assert kills.counts() == {STEP.name: 1}
    assert kills.armed() == set()


def test_of_many_armed_steps_one_kills_at_a_time(tmp_path: Path, sent: list[tuple[int, int]]) -> None:
    """The next needs a new permit; what is not wanted any more is armed no more."""
    kills = Kills(tmp_path)
    kills.redis_pid.write_text("4242")
    kills.arm([STEP.name, BY_REDIS.name])
    reach_often(kills, STEP)
    reach_often(kills, BY_REDIS)
    assert len(sent) == 1
    assert kills.armed() == {BY_REDIS.name}
    kills.arm([STEP.name])
    reach_often(kills, BY_REDIS)
    assert len(sent) == 1
    assert kills.counts() == {STEP.name: 1}


def test_redis_is_killed_by_its_recorded_pid(tmp_path: Path, sent: list[tuple[int, int]]) -> None:
    """A process that reaches such a step lives on."""
    kills = Kills(tmp_path)
    kills.redis_pid.write_text("4242")
    kills.arm([BY_REDIS.name])
    reach_often(kills, BY_REDIS)
    assert sent == [(4242, signal.SIGKILL)]


def test_a_redis_that_is_just_starting_is_no_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The count tells kills, not attempts."""

    def gone(_pid: int, _number: int) -> None:
        raise ProcessLookupError

    monkeypatch.setattr(os, "kill", gone)
    kills = Kills(tmp_path)
    kills.redis_pid.write_text("4242")
    kills.arm([BY_REDIS.name])
    reach_often(kills, BY_REDIS)
    assert kills.counts().total() == 0


def test_what_nobody_reached_is_taken_back(tmp_path: Path, sent: list[tuple[int, int]]) -> None:
    """After a power cut nobody dies of an order given before it."""
    kills = Kills(tmp_path)
    kills.arm([STEP.name])
    kills.disarm()
    reach_often(kills, STEP)
    assert sent == []


CHILD = """
import asyncio
from commerce.orders import ledger_sql
from liveshop.assembly import commerce_settings_at_rest
from liveshop.settings.settings import read_settings
print(commerce_settings_at_rest(read_settings({}), b"x" * 32).hold_s, flush=True)
asyncio.run(ledger_sql.insert(None, "sp_1", []))
print("lives", flush=True)
"""


def run_as_child(orders: Orders, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a program as the server's children are run."""
    path = os.pathsep.join((str(ROOT / "benchmarks/chaos_sale/in_children"), str(ROOT)))
    environ = {**os.environ, **orders.environment(), "PYTHONPATH": path}
    command = [sys.executable, "-c", CHILD, *words]
    return subprocess.run(command, env=environ, text=True, capture_output=True, timeout=60, check=False)


async def test_a_child_of_the_server_dies_at_an_armed_step_and_no_other_process_does(tmp_path: Path) -> None:
    """Short holds and steps are for children alone."""
    orders = Orders(tmp_path, tmp_path / "book.sqlite", seed=1, hold_s=7)
    Kills(tmp_path).arm(["in_sql_copy"])
    other = await asyncio.to_thread(run_as_child, orders)
    assert (other.returncode, other.stdout.split()) == (0, ["300", "lives"]), other.stderr
    deaths = [await asyncio.to_thread(run_as_child, orders, "children") for _ in range(12)]
    assert {one.stdout.split()[0] for one in deaths} == {"7"}, deaths[0].stderr
    assert [one.returncode for one in deaths].count(-signal.SIGKILL) == 1
    assert Kills(tmp_path).counts() == {"in_sql_copy": 1}
