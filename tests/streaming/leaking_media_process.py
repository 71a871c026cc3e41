"""A media process with a leak planted in it: it keeps every datagram. Leak checks must find it."""

from typing import Any

from streaming.transport.demux import Demux
from tests.streaming.media_server import main

_kept: list[bytes] = []
_take = Demux.take


def _keep_and_take(demux: Demux, way: Any, buffer: Any, length: int, address: Any) -> None:
    _kept.append(bytes(buffer.view[:length]))
    _take(demux, way, buffer, length, address)


if __name__ == "__main__":
    Demux.take = _keep_and_take  # type: ignore[method-assign, assignment] # the planted leak
    main()
