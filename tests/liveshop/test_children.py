"""Children before they live: what is imported for them, and whom a fork server does not outlive."""

import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WAITING = """
import sys, threading
from liveshop.supervising.child_process import ending_with_supervisor
with ending_with_supervisor(int(sys.argv[1])):
    print("in", flush=True)
    threading.Event().wait()
"""
IMPORTED_AT_ONCE = """
import sys
from liveshop.children import PARTS, import_parts
import_parts(list(PARTS))
known = set(sys.modules)
import asyncio
from commerce.database_sql import Database
from commerce.services import open_commerce
async def opened():
    Database.open("sqlite:////nowhere/shop.db")
asyncio.run(opened())
import commerce.orders.assembly
late = [name for name in set(sys.modules) - known if name.startswith(("commerce", "aiosqlite", "sqlite"))]
print(late)
"""


def test_a_fork_server_that_still_imports_ends_with_its_supervisor() -> None:
    """It does not wait for the end of its imports to look whether anybody is left to serve for."""
    mine, its = socket.socketpair()
    with (
        its,
        subprocess.Popen(
            [sys.executable, "-c", WAITING, str(its.fileno())],
            cwd=ROOT,
            pass_fds=[its.fileno()],
            stdout=subprocess.PIPE,
        ) as child,
    ):
        assert child.stdout is not None
        assert child.stdout.readline() == b"in\n"
        mine.sendall(b"an order does not end it\n")
        assert child.poll() is None
        its.close()
        mine.close()
        assert child.wait(10) == 70


def test_opening_the_shop_imports_nothing_more() -> None:
    """What is imported once the loop runs keeps it from serving."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED_AT_ONCE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_what_is_imported_starts_no_thread() -> None:
    """A fork takes one thread along, whatever the others were about to do."""
    code = """
import os
from liveshop.children import PARTS, import_parts
import_parts(list(PARTS))
print(len(os.listdir("/proc/self/task")))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


def test_a_machine_with_one_kind_imports_no_other() -> None:
    """A machine that only carries packets holds no shop in memory."""
    code = """
import sys
from liveshop.children import import_parts
import_parts(["media"])
print([name for name in ("alembic", "reportlab", "liveshop.front", "liveshop.worker") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
