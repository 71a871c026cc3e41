"""Pictures of comments: who may, whose they are, how long they are served."""

import asyncio
import io
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image

from commerce.catalogue.pictures_image import Rendered
from commerce.comment_pictures.comment_pictures import SAID_MS, UNSAID_MS
from commerce.comment_pictures.refusals import PicturesOff, PictureWaits, TooManyPictures
from commerce.comment_pictures.tables_sql import comment_pictures
from commerce.errors import BadPicture, NoSuchPicture, NoSuchShow, PictureType, WrongState
from commerce.moderation import actions_sql
from commerce.moderation.structs import PolicyRequest
from commerce.services import CommerceServices
from tests.commerce.builders import Stall, new_account, new_guest, new_stall


def drawn(size: tuple[int, int] = (800, 600)) -> bytes:
    """Draw a picture."""
    out = io.BytesIO()
    Image.new("RGB", size, (20, 90, 160)).save(out, "JPEG")
    return out.getvalue()


async def on_air(commerce: CommerceServices, who: str = "all") -> Stall:
    """Make a stall whose show is live and whose rooms take pictures of these people."""
    stall = await new_stall(commerce)
    await commerce.shows.start(stall.show)
    await commerce.moderation.policies.put(stall.shop, stall.owner, PolicyRequest(0, {"pictures": who}))
    return stall


async def rows(commerce: CommerceServices) -> int:
    """Count the pictures written down."""
    async with commerce.database.read() as sql:
        query = sa.select(sa.func.count()).select_from(comment_pictures)
        return int((await sql.execute(query)).scalar_one())


def files(commerce: CommerceServices) -> int:
    """Count the files kept."""
    folder = Path(commerce.settings.data_folder, "blobs", "comment_pictures")
    return sum(path.is_file() for path in folder.rglob("*"))


async def act(commerce: CommerceServices, stall: Stall, place: int, **values: object) -> None:
    """Write an action of moderation down as its copier does."""
    row = {
        "show": stall.show, "offset": place, "tag": f"t{place}", "shop": stall.shop,
        "action_id": f"ma_{place}", "actor": stall.owner, "target": None,
        "person": None, "undo_of": None, "at_ms": commerce.now_ms() + 1,
    } | values  # fmt: skip
    async with commerce.database.write() as sql:
        await actions_sql.insert(sql, [row])
    commerce.comment_pictures._shown.clear()  # two seconds later


async def is_served(commerce: CommerceServices, picture: str) -> bool:
    """Whether a picture's address works."""
    try:
        content: bytes = await commerce.comment_pictures.read(picture, "320.webp")
    except NoSuchPicture:
        return False
    return content.startswith(b"RIFF")


async def test_a_picture_is_served_once_its_comment_was_said(commerce: CommerceServices) -> None:
    """Before it is bound nobody sees it; then in two sizes, and under no other name."""
    stall = await on_air(commerce)
    guest, _ = await new_guest(commerce)
    made = await commerce.comment_pictures.take(guest.id, stall.show, drawn())
    assert (made.width, made.height) == (800, 600)
    assert not await is_served(commerce, made.id)
    commerce.comment_pictures._shown.clear()
    bound = await commerce.comment_pictures.bind(guest.id, stall.show, made.id, "co_1", "key-0001")
    assert bound == made
    assert await is_served(commerce, made.id)
    large = Image.open(io.BytesIO(await commerce.comment_pictures.read(made.id, "1280.webp")))
    assert large.size == (800, 600)
    for name in ("640.webp", "1280.webp/..", ""):
        with pytest.raises(NoSuchPicture):
            await commerce.comment_pictures.read(made.id, name)


@pytest.mark.parametrize("who", ["off", "buyers", "followers"])
async def test_only_those_the_shop_allows_may(commerce: CommerceServices, who: str) -> None:
    """A guest is none of them and uploads nothing; staff always may; a follower once they follow."""
    stall = await on_air(commerce, who)
    fan = await new_account(commerce, "fan@example.com", "Fan")
    with pytest.raises(PicturesOff) as refused:
        await commerce.comment_pictures.take(fan, stall.show, drawn())
    assert refused.value.facts == {"who": who}
    assert (await rows(commerce), files(commerce)) == (0, 0)
    assert (await commerce.comment_pictures.rights(None, stall.show)).allowed is False
    assert (await commerce.comment_pictures.rights(stall.owner, stall.show)).allowed is True
    await commerce.community.follows.follow(stall.shop, fan, "en")
    assert (await commerce.comment_pictures.rights(fan, stall.show)).allowed is (who == "followers")


async def test_who_is_banned_uploads_nothing(commerce: CommerceServices) -> None:
    """Nobody would ever see it; once the ban is lifted they may again."""
    stall = await on_air(commerce)
    fan = await new_account(commerce, "fan@example.com", "Fan")
    await commerce.bans.ban(stall.shop, fan, stall.owner)
    with pytest.raises(PicturesOff):
        await commerce.comment_pictures.take(fan, stall.show, drawn())
    assert (await rows(commerce), files(commerce)) == (0, 0)
    await commerce.bans.unban(stall.shop, fan, stall.owner)
    assert (await commerce.comment_pictures.rights(fan, stall.show)).allowed is True


async def test_a_show_that_is_not_live_takes_none(commerce: CommerceServices) -> None:
    """Neither before nor of a show nobody knows."""
    stall = await new_stall(commerce)
    guest, _ = await new_guest(commerce)
    with pytest.raises(WrongState):
        await commerce.comment_pictures.take(guest.id, stall.show, drawn())
    with pytest.raises(NoSuchShow):
        await commerce.comment_pictures.take(guest.id, "sh_nothing", drawn())
    assert (await rows(commerce), files(commerce)) == (0, 0)


async def test_what_is_no_picture_leaves_nothing(commerce: CommerceServices) -> None:
    """Programs, bombs and halves are refused with their codes."""
    stall = await on_air(commerce)
    guest, _ = await new_guest(commerce)
    for raw, refusal in ((b"<svg/>", PictureType), (drawn()[:300], BadPicture)):
        with pytest.raises(refusal):
            await commerce.comment_pictures.take(guest.id, stall.show, raw)
    assert (await rows(commerce), files(commerce)) == (0, 0)


async def test_a_picture_is_its_owners_and_shown_once(commerce: CommerceServices) -> None:
    """Others and other shows cannot bind it; a repeat of its own comment can; another comment cannot."""
    stall = await on_air(commerce)
    other = await new_stall(commerce, "ren@example.com")
    await commerce.shows.start(other.show)
    mei, _ = await new_guest(commerce)
    lin, _ = await new_guest(commerce)
    pictures = commerce.comment_pictures
    made = await pictures.take(mei.id, stall.show, drawn())
    with pytest.raises(NoSuchPicture):
        await pictures.bind(lin.id, stall.show, made.id, "co_2", "key-0002")
    await pictures.bind(mei.id, stall.show, made.id, "co_1", "key-0001")
    assert (await pictures.bind(mei.id, stall.show, made.id, "co_1", "key-0001")).id == made.id
    with pytest.raises(NoSuchPicture):
        await pictures.bind(mei.id, stall.show, made.id, "co_3", "key-0003")
    await pictures.release(made.id, "co_9")
    assert await is_served(commerce, made.id)
    await pictures.release(made.id, "co_1")
    assert (await pictures.bind(mei.id, stall.show, made.id, "co_3", "key-0003")).id == made.id


@pytest.mark.parametrize(
    "action",
    [{"action": "delete", "target": "co_1"}, {"action": "deny", "target": "co_1"}, {"action": "ban"},
     {"action": "expire", "target": "co_1"},
     {"action": "timeout"}, {"action": "delete_person"}],
    ids=lambda action: str(action["action"]),
)  # fmt: skip
async def test_a_deleted_comments_picture_is_gone_until_that_is_undone(
    commerce: CommerceServices, action: dict[str, object]
) -> None:
    """Its address stops working, and works again when the action is taken back; others are not hurt."""
    stall = await on_air(commerce)
    guest, _ = await new_guest(commerce)
    other, _ = await new_guest(commerce)
    pictures = commerce.comment_pictures
    made = await pictures.take(guest.id, stall.show, drawn())
    kept = await pictures.take(other.id, stall.show, drawn((300, 300)))
    await pictures.bind(guest.id, stall.show, made.id, "co_1", "key-0001")
    await pictures.bind(other.id, stall.show, kept.id, "co_2", "key-0002")
    await act(commerce, stall, 1, person=guest.id, **action)
    assert (await is_served(commerce, made.id), await is_served(commerce, kept.id)) == (False, True)
    await act(commerce, stall, 2, action="undo", undo_of="ma_1")
    assert await is_served(commerce, made.id)


async def test_too_many_at_once_are_refused(
    commerce: CommerceServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Uploads that wait are counted, and how quickly they come."""
    stall = await on_air(commerce)
    guest, _ = await new_guest(commerce)
    pictures = commerce.comment_pictures
    for _ in range(5):
        await pictures.take(guest.id, stall.show, drawn((64, 64)))
    with pytest.raises(PictureWaits):
        await pictures.take(guest.id, stall.show, drawn((64, 64)))
    monkeypatch.setattr("commerce.comment_pictures.comment_pictures.WAITING_MOST", 50)
    with pytest.raises(TooManyPictures) as refused:
        await pictures.take(guest.id, stall.show, drawn((64, 64)))
    assert 0 < int(str(refused.value.facts["retry_after_ms"])) <= 10_000
    assert (await rows(commerce), files(commerce)) == (5, 10)


async def test_uploads_at_the_same_time_share_one_bound(
    commerce: CommerceServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came while a picture was drawn anew is counted too; the one too many leaves nothing."""
    stall = await on_air(commerce)
    guest, _ = await new_guest(commerce)
    monkeypatch.setattr("commerce.comment_pictures.comment_pictures.WAITING_MOST", 1)
    pictures, render = commerce.comment_pictures, commerce.pictures.render
    both = asyncio.Barrier(2)

    async def slowly(raw: bytes) -> Rendered:
        """Draw it once both uploads were counted."""
        await both.wait()
        return await render(raw)

    monkeypatch.setattr(commerce.pictures, "render", slowly)
    one, other = (pictures.take(guest.id, stall.show, drawn((64, 64))) for _ in range(2))
    done = await asyncio.gather(one, other, return_exceptions=True)
    assert sum(isinstance(each, PictureWaits) for each in done) == 1
    assert (await rows(commerce), files(commerce)) == (1, 2)


async def test_what_was_never_shown_and_what_is_old_is_swept(commerce: CommerceServices) -> None:
    """An hour for what waits, thirty days for what was shown; the files go with the rows."""
    stall = await on_air(commerce)
    guest, _ = await new_guest(commerce)
    pictures = commerce.comment_pictures
    waiting = await pictures.take(guest.id, stall.show, drawn())
    shown = await pictures.take(guest.id, stall.show, drawn())
    await pictures.bind(guest.id, stall.show, shown.id, "co_1", "key-0001")
    assert await pictures.sweep() == 0
    for age_ms, left in ((UNSAID_MS + 1_000, 1), (SAID_MS + 1_000, 0)):
        async with commerce.database.write() as sql:
            await sql.execute(sa.update(comment_pictures).values(created_at_ms=commerce.now_ms() - age_ms))
        assert await pictures.sweep() == 1
        assert (await rows(commerce), files(commerce)) == (left, 2 * left)
    with pytest.raises(NoSuchPicture):
        await pictures.bind(guest.id, stall.show, waiting.id, "co_2", "key-0002")


async def test_forgotten_people_leave_no_pictures(commerce: CommerceServices) -> None:
    """Rows and files of a deleted account are gone."""
    stall = await on_air(commerce)
    fan = await new_account(commerce, "fan@example.com", "Fan")
    made = await commerce.comment_pictures.take(fan, stall.show, drawn())
    await commerce.comment_pictures.bind(fan, stall.show, made.id, "co_1", "key-0001")
    await commerce.accounts.delete(fan, "correct horse")
    await commerce.outbox.send_due()
    assert (await rows(commerce), files(commerce)) == (0, 0)
    assert not await is_served(commerce, made.id)
