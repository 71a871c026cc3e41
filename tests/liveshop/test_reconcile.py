"""`liveshop reconcile`: what a person at the terminal sees of lost stock, and of its repair."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from tests.liveshop.running_server import ROOT, clean_environment, running
from tests.liveshop.test_nothing_lost import PAYING, act_and_leave, look_again

pytestmark = pytest.mark.alone


def reconcile(data: Path, *words: str) -> tuple[int, str]:
    """Run the command beside the server; answers its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "liveshop", "reconcile", *words],
        cwd=ROOT,
        env={**clean_environment(), "LIVESHOP_DATA": str(data), **PAYING},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == "", done.stderr
    return done.returncode, done.stdout


async def test_lost_counters_are_said_repaired_and_told_to_the_host(tmp_path: Path) -> None:
    """Sound at first; a pool that is gone is named, the repair says what it did, and all is sound again."""
    data = tmp_path / "data"
    with running(data, **PAYING) as server:
        market, _ = await act_and_leave(server.address, lambda: 0)
        assert reconcile(data) == (0, f"{market.shop}: counters, holds and ledger agree.{os.linesep}")
        with redis.Redis.from_url(server.redis_url()) as client:
            assert client.delete(f"{{shop:{market.shop}}}:pools") == 1
        code, text = reconcile(data)
        assert code == 1
        assert f"po_{market.variant}: Redis has lost it, SQL has 40 units." in text
        assert "rebuild it with 'liveshop reconcile --repair'" in text
        code, text = reconcile(data, "--repair")
        assert code == 0
        assert "rebuilt 1 pools and 1 live holds; it sells again." in text
        stock, _, _ = await look_again(server.address, market)
        assert [stock[name] for name in ("available", "held", "sold", "total")] == [36, 2, 2, 40]
        assert reconcile(data)[0] == 0
