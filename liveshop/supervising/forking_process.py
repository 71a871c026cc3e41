"""The fork server's own side: one process imports what all kinds need, and becomes each of them by forking.

It has no thread, no loop and no connection: nothing that a fork could cut in half. It ends with its
supervisor.
"""

import contextlib
import os
import selectors
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from liveshop.supervising.control import Ended, Forked, Imported, News, packet

ORDER_BYTES = 256


@dataclass(frozen=True, slots=True)
class Birth:
    """What a fresh child learns: its name, and its end of the line to the supervisor."""

    name: str
    control_fd: int


def fork_children(handle: int) -> Birth | None:
    """Fork whenever the supervisor asks for it, and tell it of every end.

    Returns in each child, and in the server itself with None once the supervisor is gone.
    """
    with socket.socket(fileno=handle) as supervisor, _ends_of_children() as ends:
        _tell(supervisor, Imported())
        with selectors.DefaultSelector() as looking:
            looking.register(supervisor, selectors.EVENT_READ)
            looking.register(ends, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _events in looking.select()}
                if ends in ready:
                    ends.recv(ORDER_BYTES)
                    _tell_ends(supervisor)
                if supervisor in ready:
                    order, handles = _next_order(supervisor)
                    if not order:
                        return None
                    pid = os.fork()
                    if pid == 0:
                        return _born(order, handles)
                    os.close(handles[0])
                    _tell(supervisor, Forked(pid))


def _next_order(supervisor: socket.socket) -> tuple[bytes, list[int]]:
    """Return a child's name and its line; nothing when the supervisor is gone, also with news unread."""
    try:
        order, handles, _flags, _from = socket.recv_fds(supervisor, ORDER_BYTES, 1)
    except ConnectionError:
        return b"", []
    return order, handles


def _born(order: bytes, handles: list[int]) -> Birth:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return Birth(order.decode(), handles[0])


def _tell_ends(supervisor: socket.socket) -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            _tell(supervisor, Ended(pid, os.waitstatus_to_exitcode(status)))


def _tell(supervisor: socket.socket, news: News) -> None:
    # A supervisor that is gone is noticed where its orders are read.
    with contextlib.suppress(OSError):
        supervisor.send(packet(news))


@contextlib.contextmanager
def _ends_of_children() -> Iterator[socket.socket]:
    """Give a socket that can be read once a child has ended; a child leaves the block, too."""
    ends, woken = socket.socketpair()
    ends.setblocking(False)
    woken.setblocking(False)
    with ends, woken:
        before = signal.signal(signal.SIGCHLD, _heard)
        signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
        try:
            yield ends
        finally:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, before)


def _heard(_number: int, _frame: object) -> None:
    """Python writes to the wake-up socket only for signals that have a handler."""
