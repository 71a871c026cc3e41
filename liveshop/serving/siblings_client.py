"""A media process asking another one for a copy of a show: `streaming.ports.Siblings`."""

from collections.abc import Awaitable, Callable

from liveshop.serving.inside_client import InsideClient, Unreachable
from streaming.errors import OwnerUnknownError
from streaming.grants import HEADER

ASK_LIMIT_S = 2.0
ANSWER_BYTES_MAX = 65_536
CREATED = 201


class SiblingsInside:
    """Over the inside HTTP. `address_of` gives a media process's address by its index; None: it is dead."""

    def __init__(self, address_of: Callable[[str], Awaitable[str | None]]) -> None:
        self._address_of = address_of

    async def ask(self, process: str, path: str, grant: str, body: bytes) -> bytes:
        """Post to a media process; raises `OwnerUnknownError` when it does not answer, or refuses."""
        address = await self._address_of(process)
        if address is None:
            raise OwnerUnknownError("the media process that carries the show is not there")
        headers = {HEADER: grant, "content-type": "application/json"}
        try:
            async with InsideClient(address, ASK_LIMIT_S) as client:
                answer = await client.request("POST", path, headers, body)
        except Unreachable as error:
            raise OwnerUnknownError("the media process that carries the show does not answer") from error
        if answer.status != CREATED or len(answer.body) > ANSWER_BYTES_MAX:
            raise OwnerUnknownError("the media process that carries the show gives no copy")
        return answer.body
