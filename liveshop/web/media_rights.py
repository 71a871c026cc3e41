"""Who may publish and who may watch, turned into signed grants for the media process.

A viewer's watch token (in the room's hello) and the grant a media process asks for have one form,
`streaming.grants`, under two keys: the token lives for hours in a browser, the grant for seconds between
two processes.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from liveshop.web.calls import AccessDenied
from liveshop.web.outside_players import OutsidePlayers
from streaming.errors import GrantExpiredError, GrantInvalidError
from streaming.grants import Grant, sign, verify

WATCH_TOKEN_LIFE_MS = 6 * 3600 * 1000
GRANT_LIFE_MS = 15_000


class MediaShows(Protocol):
    """What commerce knows about a show's picture."""

    async def stream_key_check(self, show: str, key: str) -> object:
        """Raise a coded error: 404 for no such show, 401 for a wrong key, 409 once it has ended."""

    async def outside_players(self, show: str) -> bool:
        """Tell whether a show lets players without a token watch; raises 404 for no such show."""


class MediaRights:
    """Issues watch tokens and grants."""

    def __init__(
        self,
        shows: MediaShows,
        now_ms: Callable[[], int],
        *,
        token_key: bytes,
        grant_key: bytes,
        is_banned: Callable[[str, str], Awaitable[bool]],
    ) -> None:
        self._shows = shows
        self._outside_players = OutsidePlayers(shows.outside_players)
        self._now_ms = now_ms
        self._token_key = token_key
        self._grant_key = grant_key
        self._is_banned = is_banned

    async def issue(self, person: str, show: str) -> str:
        """Return the token with which `person` may watch `show`."""
        return sign(self._grant("watch", show, person, "", WATCH_TOKEN_LIFE_MS), self._token_key)

    def inside(self) -> str:
        """Return a grant to tell a media process what the shop decided."""
        return sign(self._grant("inside", "", "", "", GRANT_LIFE_MS), self._grant_key)

    async def publish(self, show: str, token: str | None, address: str, takeover: bool) -> str:
        """Judge a stream key; return a grant to publish."""
        await self._shows.stream_key_check(show, token or "")
        return sign(self._grant("publish", show, "", address, GRANT_LIFE_MS, takeover), self._grant_key)

    async def watch(self, show: str, token: str | None, address: str, _takeover: bool) -> str:
        """Judge a watch token; return a grant to watch."""
        person = ""
        if token is None:
            if not await self._outside_players.may_watch(show):
                raise AccessDenied(401, "watch_token_needed", "This show is watched with a watch token.")
        else:
            person = await self._person_of(token, show)
        return sign(self._grant("watch", show, person, address, GRANT_LIFE_MS), self._grant_key)

    async def _person_of(self, token: str, show: str) -> str:
        try:
            seen = verify(token, self._token_key, self._now_ms())
        except (GrantExpiredError, GrantInvalidError) as error:
            raise AccessDenied(401, "watch_token_wrong", "The watch token is wrong or expired.") from error
        if seen.show != show:
            raise AccessDenied(401, "watch_token_wrong", "The watch token is for another show.")
        if await self._is_banned(seen.person, show):
            raise AccessDenied(403, "banned", "This person may not watch.")
        return seen.person

    def _grant(
        self, role: Any, show: str, person: str, address: str, life_ms: int, takeover: bool = False
    ) -> Grant:
        return Grant(
            show=show,
            role=role,
            person=person,
            address=address,
            expires_at_ms=self._now_ms() + life_ms,
            takeover=takeover,
        )
