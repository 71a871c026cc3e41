"""Taking the media ports: for each address a UDP socket and, with the same number, its TCP twin."""

import contextlib
import errno
import socket
from collections.abc import Sequence

from streaming.counters import Counters
from streaming.transport.addresses_udp import Bind
from streaming.transport.media_udp import MediaSocket

TRIES = 50
Twins = tuple[MediaSocket, socket.socket | None]


def open_twins(binds: Sequence[Bind], port: int, counters: Counters, *, tcp: bool) -> list[Twins]:
    """Bind every address; port 0 takes a number that is free for both. With `tcp` false the twins are None.

    Raises `OSError`; nothing is held then.
    """
    with contextlib.ExitStack() as undo:
        taken: list[Twins] = []
        for bind in binds:
            udp, listener = _open_one(bind, port, counters, tcp=tcp)
            taken.append((udp, listener))
            undo.callback(udp.close)
            if listener is not None:
                undo.callback(listener.close)
        undo.pop_all()
    return taken


def _open_one(bind: Bind, port: int, counters: Counters, *, tcp: bool) -> Twins:
    for last in [*[False] * (TRIES if port == 0 else 0), True]:
        udp = MediaSocket(bind.address, port, bind.advertised, counters)
        if not tcp:
            return udp, None
        try:
            return udp, _listener(bind.address, udp.port)
        except OSError as error:
            udp.close()
            if last or error.errno != errno.EADDRINUSE:
                raise
    raise AssertionError("the last try returns or raises")


def _listener(address: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if ":" in address:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, port))
    except OSError:
        listener.close()
        raise
    return listener
