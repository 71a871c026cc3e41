"""`import` from the terminal, beside a Redis and without one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from commerce.catalogue.structs import Product
from commerce.migrations.migrate import migrate
from commerce.services import CommerceServices, open_commerce
from commerce.settings import CommerceSettings
from commerce.shops.structs import ShopRequest
from liveshop.command_line import main
from liveshop.redis.connections_redis import open_redis
from tests.fixtures_sql import SECRET

GOOD = "Handle,Title,Variant Price,Variant Inventory Qty\nmug,Mug,12,3\ntea,Tea,8,40\n"
BAD = GOOD + "cup,Cup,free,1\n"


class Terminal:
    """A data folder with a shop `teas`, and the command line on it."""

    def __init__(self, folder: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.redis_url = redis_url
        self._settings = CommerceSettings(
            f"sqlite:///{folder / 'liveshop.sqlite'}", str(folder), SECRET, password_memory_kib=1_024
        )
        monkeypatch.setenv("LIVESHOP_DATA", str(folder))
        monkeypatch.setenv("LIVESHOP_SECRET", SECRET.decode())
        monkeypatch.setenv("REDIS_URL", redis_url)
        asyncio.run(self._found())

    @contextlib.asynccontextmanager
    async def _open(self) -> AsyncIterator[CommerceServices]:
        async with (
            contextlib.aclosing(open_redis(self.redis_url)) as redis,
            open_commerce(self._settings, redis, follow=False) as services,
        ):
            yield services

    async def _found(self) -> None:
        await migrate(self._settings.database_url)
        async with self._open() as services:
            owner = await services.accounts.create("mei@example.com", "correct horse", "Mei", confirmed=True)
            await services.shops.found(owner, ShopRequest(name="Teas", currency="USD", slug="teas"))

    def products(self) -> dict[str, Product]:
        """Answer the shop's products by title."""

        async def look() -> dict[str, Product]:
            async with self._open() as services:
                shop = await services.shops.get("teas")
                return {one.title: one for one in await services.catalogue.list(shop.id)}

        return asyncio.run(look())

    def run(self, source: str, *words: str) -> int:
        """Import a file of this text."""
        file = self.folder / "products.csv"
        file.write_text(source, encoding="utf-8")
        return main(["import", str(file), "--shop", "teas", *words])


@pytest.fixture
def terminal(tmp_path: Path, redis_plain_url: str, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Offer a shop with a Redis that answers."""
    return Terminal(tmp_path, redis_plain_url, monkeypatch)


def test_a_file_is_imported(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """Products are there with their units when the command returns; a second time nothing changes."""
    assert terminal.run(GOOD) == 0
    assert "Imported: 2 new, 0 changed, 0 unchanged; 0 of 2 rows left out." in capsys.readouterr().out
    tea = terminal.products()["Tea"].variants[0]
    assert tea.stock is not None
    assert (tea.price_minor, tea.stock.available) == (800, 40)
    assert terminal.run(GOOD) == 0
    assert "Imported: 0 new, 0 changed, 2 unchanged" in capsys.readouterr().out


def test_a_dry_run_names_faults_and_changes_nothing(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code tells that rows would be left out."""
    assert terminal.run(BAD, "--dry-run") == 3
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "products.csv: Shopify CSV, 3 rows"
    assert [line.split() for line in lines[1:5]] == [
        ["2", "new", "products"], ["0", "changed", "products"], ["0", "unchanged", "products"],
        ["1", "rows", "left", "out"],
    ]  # fmt: skip
    assert "       4  Variant Price             'free' is no price" in lines[7]
    assert lines[-1] == "Nothing was changed."
    assert terminal.products() == {}
    assert terminal.run(BAD) == 3
    assert set(terminal.products()) == {"Mug", "Tea"}


@pytest.mark.parametrize("words", [("--shop", "nowhere"), ()])
def test_what_keeps_all_of_it_out_is_one_sentence(
    terminal: Terminal, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """An unknown shop, or a file of something else."""
    assert terminal.run(GOOD if words else "name,colour\nx,y\n", *words) == 1
    assert capsys.readouterr().err.startswith("liveshop: products.csv was not imported: ")
    assert terminal.products() == {}


def test_a_file_that_is_not_there_is_said(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """With the reason of the system."""
    assert main(["import", str(terminal.folder / "none.csv"), "--shop", "teas"]) == 1
    assert "none.csv cannot be read: No such file or directory." in capsys.readouterr().err


def test_without_redis_the_server_does_it_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The import is stored and started; nothing is made with units that nobody could count."""
    away = Terminal(tmp_path, "unix:///nonexistent/redis.sock", monkeypatch)
    assert away.run(GOOD) == 0
    assert "The import is stored; the server carries it out when it runs." in capsys.readouterr().out
    assert away.products() == {}
