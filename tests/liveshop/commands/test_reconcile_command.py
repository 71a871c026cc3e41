"""`reconcile`: beside a running server, and without one."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest
import redis

from liveshop.commands.reconcile_command import reconcile
from liveshop.errors import LiveshopError
from liveshop.settings.settings import Settings, read_settings
from tests.liveshop.running_server import clean_environment, running
from tests.liveshop.test_nothing_lost import PAYING, act_and_leave, look_again
from tests.story.market import open_market

pytestmark = pytest.mark.together


def compare(settings: Settings, *, days: int = 30, repair: bool = False) -> int:
    """Run the command in this process; answers its exit code."""
    return reconcile(settings, clean_environment(), days=days, repair=repair)


async def a_shop(address: str) -> tuple[str, str]:
    """Open a shop with stock; answers the shop and the pool."""
    market = await open_market(address)
    return market.shop, f"po_{market.variant}"


def test_it_compares_beside_the_running_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Books that agree are one line and exit code 0; one that differs is named, and the code is 1."""
    data = tmp_path / "data"
    settings = read_settings(clean_environment(LIVESHOP_DATA=str(data)))
    with running(data) as server:
        shop, pool = asyncio.run(a_shop(server.address))
        assert compare(settings) == 0
        assert capsys.readouterr().out.startswith("ok ")
        made_up = (shop, "9-9", "commit", pool, 3, "{}", 9)
        with contextlib.closing(sqlite3.connect(data / "liveshop.sqlite", timeout=30)) as sql, sql:
            columns = "shop, id, kind, pool, quantity, fields, at_ms"
            insert = f"INSERT INTO ledger_entries ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
            sql.execute(insert, made_up)
        assert compare(settings) == 1
        assert (
            f"Shop {shop}: {pool}: Redis has 0 held, 0 sold; SQL has -3 held, 3 sold"
            in capsys.readouterr().out
        )


async def test_lost_counters_are_said_and_rebuilt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pool that is gone is named, the repair says what it did, and all is sound again."""
    data = tmp_path / "data"
    settings = read_settings(clean_environment(LIVESHOP_DATA=str(data), **PAYING))
    with running(data, **PAYING) as server:
        market, _ = await act_and_leave(server.address, lambda: 0)
        assert await asyncio.to_thread(compare, settings) == 0
        with redis.Redis.from_url(server.redis_url()) as client:
            assert client.delete(f"{{shop:{market.shop}}}:pools") == 1
        assert await asyncio.to_thread(compare, settings) == 1
        text = capsys.readouterr().out
        assert f"po_{market.variant}: Redis has lost it, SQL has 40 units" in text
        assert await asyncio.to_thread(lambda: compare(settings, repair=True)) == 0
        assert "rebuilt 1 pools and 1 live holds; it sells again." in capsys.readouterr().out
        stock, _, _ = await look_again(server.address, market)
        assert [stock[name] for name in ("available", "held", "sold", "total")] == [36, 2, 2, 40]
        assert await asyncio.to_thread(compare, settings) == 0


def test_without_a_server_it_says_so(tmp_path: Path) -> None:
    """One sentence, and no folder is made by looking."""
    settings = read_settings(clean_environment(LIVESHOP_DATA=str(tmp_path / "none")))
    with pytest.raises(LiveshopError, match="not running"):
        compare(settings)
    with pytest.raises(LiveshopError, match="--days"):
        compare(settings, days=0)
    assert not (tmp_path / "none").exists()
