"""A child before it lives: what it imports, and whom it does not outlive."""

import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WAITING_CHILD = """
import sys, threading
from liveshop.supervising.child_process import ending_with_supervisor
with ending_with_supervisor(int(sys.argv[1])):
    print("in", flush=True)
    threading.Event().wait()
"""
IMPORTED_AT_ONCE = """
import sys
from liveshop.child import SPARE_KINDS, import_parts
import_parts(SPARE_KINDS)
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
FRONT = """
import sys
from liveshop.child import import_parts
import_parts(["front"])
print([name for name in ("aioice", "aiortc", "numpy", "pylibsrtp") if name in sys.modules])
"""


def test_a_child_that_still_imports_ends_with_its_supervisor() -> None:
    """It does not wait for the end of its imports to look whether anybody is left to serve for."""
    mine, its = socket.socketpair()
    with (
        its,
        subprocess.Popen(
            [sys.executable, "-c", WAITING_CHILD, str(its.fileno())],
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


def test_a_front_imports_nothing_of_what_carries_packets() -> None:
    """It would take a fifth of a second more of each start, and memory for as long as it lives."""
    done = subprocess.run([sys.executable, "-c", FRONT], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
