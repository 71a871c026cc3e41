"""A media process asking another one for a copy of a show: `streaming.ports.Siblings`."""

from collections.abc import Awaitable, Callable

import httpx

from liveshop.serving.inside_client import open_inside
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
            async with open_inside(address, ASK_LIMIT_S) as client:
                answer = await client.post(path, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise OwnerUnknownError("the media process that carries the show does not answer") from error
        if answer.status_code != CREATED or len(answer.content) > ANSWER_BYTES_MAX:
            raise OwnerUnknownError("the media process that carries the show gives no copy")
        return answer.content
