"""Pictures of comments: who may show them, taking them in, binding them to a comment, serving, sweeping.

A picture is uploaded first and named in the comment. The room asks here whether it is the speaker's and binds
it to the comment it is about to say, so that a picture is shown once; a comment that is refused lets it go
again. A picture is served as long as its comment was said and stands: that is read from the record of
moderation at each look (kept for two seconds), so a deleted comment's picture is gone within some seconds on
every front, and comes back when the deletion is taken back.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from commerce.accounts.throttle_redis import Allowance, Throttle
from commerce.catalogue.pictures import Pictures
from commerce.comment_pictures import pictures_sql
from commerce.comment_pictures.refusals import PicturesOff, PictureWaits, TooManyPictures
from commerce.comment_pictures.structs import CommentPicture, PictureRights, Who
from commerce.conversations.attachments import OUTBOX_KIND
from commerce.database_sql import Sql
from commerce.errors import NoSuchPicture, NoSuchShow, TooManyAttempts, WrongState
from commerce.moderation.policies import policy_of
from commerce.moderation.standing_sql import Standing
from commerce.outbox_sql import Outbox
from commerce.ports import Blobs, Clock, NewId
from commerce.shops.bans_sql import Bans
from commerce.shops.staff import Staff
from commerce.shows import shows_sql
from commerce.shows.states import ShowState

WIDTHS: Final = (320, 1280)
WAITING_MOST: Final = 5
UNSAID_MS: Final = 3_600_000
SAID_MS: Final = 30 * 86_400_000
"""As long as a room itself is kept after its show."""
SWEPT_AT_ONCE: Final = 200
KEPT_MS: Final = 2_000
KEPT_TOTAL: Final = 5_000
UPLOADING: Final = Allowance("comment_picture", 6, 10_000)
FREE: Final = frozenset({"moderator", "producer", "host", "owner"})
"""Staff who talk freely show pictures whatever the rules say."""


def blobs_of(pictures: Iterable[str]) -> list[str]:
    """Return the blobs of pictures; their names are made of the random ids."""
    return [_blob(one, f"{width}.webp") for one in pictures for width in WIDTHS]


def _blob(picture: str, name: str) -> str:
    return f"comment_pictures/{picture.partition('_')[2]}-{name}"


class CommentPictures:
    """Stores, judges and serves."""

    def __init__(
        self,
        outbox: Outbox,
        blobs: Blobs,
        pictures: Pictures,
        gate: Throttle,
        standing: Standing,
        staff: Staff,
        bans: Bans,
        now_ms: Clock,
        new_id: NewId,
    ) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self._blobs = blobs
        self._pictures = pictures
        self._gate = gate
        self._standing = standing
        self._staff = staff
        self._bans = bans
        self._now_ms = now_ms
        self._new_id = new_id
        self._shown: OrderedDict[str, tuple[int, bool]] = OrderedDict()

    async def rights(self, person: str | None, show: str) -> PictureRights:
        """Return who may show pictures in a show, and whether this person may; raises NoSuchShow."""
        async with self._database.read() as sql:
            row = await shows_sql.show_row(sql, show)
            if row is None:
                raise NoSuchShow(show=show)
            policy = await policy_of(sql, row.shop)
        who: Who = (policy or {}).get("pictures", "off")
        if row.state != ShowState.LIVE or person is None:
            return PictureRights(allowed=False, who=who)
        if await self._staff.role_in(person, show=show) in FREE:
            return PictureRights(allowed=True, who=who)
        allowed = await self._is_one_of(who, person, show) and not await self._bans.is_banned(
            row.shop, person
        )
        return PictureRights(allowed, who)

    async def take(self, person: str, show: str, raw: bytes) -> CommentPicture:
        """Take in a person's upload; it waits for its comment for an hour.

        Raises NoSuchShow, WrongState, PicturesOff, PictureWaits, TooManyPictures, PictureType,
        PictureTooLarge, BadPicture.
        """
        await self._check(person, show)
        await self._slow_down(person)
        async with self._database.read() as sql:
            await _check_room(sql, show, person)
        rendered = await self._pictures.render(raw)
        made = CommentPicture(self._new_id("cp"), rendered.width, rendered.height)
        values = {
            "id": made.id,
            "show": show,
            "person": person,
            "width": made.width,
            "height": made.height,
            "created_at_ms": self._now_ms(),
        }
        # The row first: whatever breaks before the bytes are there, the sweep finds it.
        async with self._database.write() as sql:
            # Others of theirs may have come meanwhile, or come right now.
            await shows_sql.show_row(sql, show, lock=True)
            await _check_room(sql, show, person)
            await pictures_sql.add(sql, values)
        for width in WIDTHS:
            await self._blobs.put(_blob(made.id, f"{width}.webp"), rendered.files[width])
        return made

    async def bind(self, person: str, show: str, picture: str, comment: str, key: str) -> CommentPicture:
        """Bind a picture to the comment its owner is about to say; repeating it for one key is harmless.

        Raises NoSuchPicture for one that is not theirs, was shown already or is too old, and what `rights`
        refuses.
        """
        await self._check(person, show)
        async with self._database.write() as sql:
            row = await pictures_sql.bind(sql, picture, show, person, comment, key, self._now_ms())
        if row is None:
            raise NoSuchPicture(picture=picture)
        return CommentPicture(row.id, row.width, row.height)

    async def release(self, picture: str, comment: str) -> None:
        """Let a picture wait again, since its comment was refused; repeating is harmless."""
        async with self._database.write() as sql:
            await pictures_sql.release(sql, picture, comment)

    async def read(self, picture: str, name: str) -> bytes:
        """Return a picture as WebP while its comment stands; raises NoSuchPicture."""
        known = name in {f"{width}.webp" for width in WIDTHS}
        content = (
            await self._blobs.get(_blob(picture, name)) if known and await self._is_shown(picture) else None
        )
        if content is None:
            raise NoSuchPicture(picture=picture)
        return content

    async def sweep(self) -> int:
        """Remove what was never said, and what is as old as its room (the worker's job); returns how many."""
        now_ms = self._now_ms()
        async with self._outbox.write() as unit:
            gone = await pictures_sql.take_old(unit.sql, now_ms - UNSAID_MS, now_ms - SAID_MS, SWEPT_AT_ONCE)
            if gone:
                await unit.add(OUTBOX_KIND, {"blobs": blobs_of(gone)})
        return len(gone)

    async def _check(self, person: str, show: str) -> None:
        rights = await self.rights(person, show)
        if not rights.allowed:
            async with self._database.read() as sql:
                row = await shows_sql.show_row(sql, show)
            if row is not None and row.state != ShowState.LIVE:
                raise WrongState("The show is not live.", state=row.state)
            raise PicturesOff(who=rights.who)

    async def _is_one_of(self, who: Who, person: str, show: str) -> bool:
        if who in {"off", "all"}:
            return who == "all"
        standing = await self._standing.of(person, show)
        return standing.bought if who == "buyers" else standing.followed_at_ms is not None

    async def _slow_down(self, person: str) -> None:
        try:
            await self._gate.take(UPLOADING, person)
        except TooManyAttempts as error:
            wait_s = error.retry_after_s or 1.0
            raise TooManyPictures(retry_after_s=wait_s, retry_after_ms=round(wait_s * 1000)) from error

    async def _is_shown(self, picture: str) -> bool:
        """Look at most every two seconds: a room of thousands asks for the same picture at once."""
        now_ms = self._now_ms()
        kept = self._shown.get(picture)
        if kept is not None and 0 <= now_ms - kept[0] < KEPT_MS:
            return kept[1]
        async with self._database.read() as sql:
            shown = await pictures_sql.is_shown(sql, picture)
        self._shown[picture] = (now_ms, shown)
        self._shown.move_to_end(picture)
        while len(self._shown) > KEPT_TOTAL:
            self._shown.popitem(last=False)
        return shown


async def _check_room(sql: Sql, show: str, person: str) -> None:
    """Raise PictureWaits where enough of a person's pictures wait already."""
    if await pictures_sql.waiting_total(sql, show, person) >= WAITING_MOST:
        raise PictureWaits(limit=WAITING_MOST)
