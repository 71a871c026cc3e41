"""How the harness and the children agree on a kill: a file for each step that is armed, and one permit.

The harness puts `armed/STEP` there, for any number of steps, and now and then a `permit`. A child that
reaches an armed step throws a seeded coin and takes the permit; then it moves its step's file to `done/`
and kills. So there is one kill at a time, and each is counted where it happens and survives who was killed.
"""

import os
import signal
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from random import Random

from benchmarks.chaos_sale.steps import Step

CHANCE = 0.5


class Kills:
    """`folder` is the harness' own: no power cut reaches it."""

    def __init__(self, folder: Path) -> None:
        self._armed, self._done = folder / "armed", folder / "done"
        self._permit = folder / "permit"
        self.redis_pid = folder / "redis.pid"
        for one in (self._armed, self._done):
            one.mkdir(parents=True, exist_ok=True)

    def arm(self, steps: Iterable[str]) -> None:
        """Let a process that reaches one of these steps kill, and no other; one kill is permitted."""
        wanted = set(steps)
        for step in self.armed() - wanted:
            (self._armed / step).unlink(missing_ok=True)
        for step in wanted:
            (self._armed / step).touch()
        self._permit.touch()

    def disarm(self) -> None:
        """Take back what nobody has reached."""
        self._permit.unlink(missing_ok=True)
        for path in self._armed.iterdir():
            path.unlink(missing_ok=True)

    def permitted(self) -> bool:
        """Whether a kill is permitted that has not happened."""
        return self._permit.exists()

    def armed(self) -> set[str]:
        """Return the steps that wait."""
        return {path.name for path in self._armed.iterdir()}

    def counts(self) -> Counter[str]:
        """Return how often each step has killed."""
        return Counter(path.name.partition(".")[0] for path in self._done.iterdir())

    def reach(self, step: Step, coin: Random) -> None:
        """Be at a step, in a child: does not return when this process is the victim."""
        armed = self._armed / step.name
        if not armed.exists() or coin.random() >= CHANCE:
            return
        name = f"{os.getpid()}.{coin.getrandbits(40)}"
        taken, done = self._permit.with_name(f"permit.{name}"), self._done / f"{step.name}.{name}"
        try:
            self._permit.rename(taken)
            taken.unlink()
            armed.rename(done)
            victim = os.getpid() if step.victim == "itself" else int(self.redis_pid.read_text())
            os.kill(victim, signal.SIGKILL)
        except FileNotFoundError:
            return  # somebody else was first
        except (ProcessLookupError, ValueError):
            done.unlink()  # Redis is just starting: that is no kill
