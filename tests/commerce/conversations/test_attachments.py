"""Pictures and voice notes of messages: checked, written anew, seen by two sides only, swept when unsent."""

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from commerce.catalogue.pictures_image import Rendered
from commerce.conversations.files import HOUR_MS, blob_of
from commerce.conversations.tables_sql import attachments
from commerce.orders import orders_sql
from tests.commerce.conversations.talk import Talk, picture, recording
from tests.commerce.orders.a_market import Market


async def get(talk: Talk, url: str, **headers: str) -> Any:
    """Load an address as a page does, without a token."""
    return await talk.market.http.get(url, headers=headers)


def blob_files(market: Market) -> list[str]:
    """List the files that conversations keep."""
    folder = Path(market.services.settings.data_folder, "blobs", "conversations")
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


async def test_a_picture_is_seen_by_both_sides(talk: Talk) -> None:
    """It comes written anew as WebP in two sizes, without what else was in the file, and is private."""
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    one = await talk.uploaded("buyer", picture((2000, 1000), exif=exif))
    assert (one["kind"], one["width"], one["height"], one["duration_ms"]) == ("picture", 1280, 640, None)
    await talk.said("buyer", "Look", one["id"])
    (seen,) = (await talk.seen("shop"))["messages"][0]["attachments"]
    for url, width in ((seen["url"], 1280), (seen["thumbnail_url"], 320)):
        answer = await get(talk, url)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
        assert answer.headers["cache-control"] == "private, max-age=3600"
        opened = Image.open(io.BytesIO(answer.content))
        assert (opened.width, not opened.getexif()) == (width, True)
        assert b"secret" not in answer.content


@pytest.mark.parametrize(("kind", "codec"), [("webm", "libopus"), ("ogg", "libopus"), ("mp4", "aac")])
async def test_a_voice_note_is_played_in_parts(talk: Talk, kind: str, codec: str) -> None:
    """Whatever browser recorded it, it is served as MP3 with its length, whole and in ranges."""
    one = await talk.uploaded("shop", recording(kind, codec, 1.0))
    assert one["kind"] == "voice"
    assert 950 <= one["duration_ms"] <= 1_150
    await talk.said("shop", "", one["id"])
    (seen,) = (await talk.seen("buyer"))["messages"][0]["attachments"]
    whole = await get(talk, seen["url"])
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/mpeg")
    assert whole.headers["accept-ranges"] == "bytes"
    assert b"secret" not in whole.content
    part = await get(talk, seen["url"], range="bytes=100-199")
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"
    assert (await get(talk, seen["url"], range="bytes=99999999-")).status_code == 416


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 415, "attachment_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "attachment_type"),
        (picture()[:200], 422, "bad_picture"),
        (picture((8, 8)), 422, "bad_picture"),
        (b"\x1a\x45\xdf\xa3" + b"x" * 1_000, 422, "bad_voice"),
        (b"\x1a\x45\xdf\xa3" + b"x" * (2 * 1024 * 1024), 413, "voice_too_large"),
    ],
    ids=["nothing", "svg", "cut picture", "tiny picture", "no voice", "large voice"],
)
async def test_what_is_neither_is_refused_and_leaves_nothing(
    talk: Talk, content: bytes, status: int, code: str
) -> None:
    """A clear code for each, no row and no file."""
    before = await talk.everything()
    answer = await talk.upload("buyer", content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await talk.everything(), blob_files(talk.market)) == (before, [])


async def test_only_its_address_opens_an_attachment(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another id, name, time or signature opens nothing, and after two hours neither does the right one."""
    one = await talk.uploaded("buyer", picture())
    path, _, query = one["url"].partition("?")
    until, _, signature = query.removeprefix("until=").partition("&signature=")
    wrong = [
        path,
        f"{path}?until={until}&signature=",
        f"{path}?until={until}&signature={'0' * 32}",
        f"{path}?until={int(until) + 1}&signature={signature}",
        f"{path}?until=x&signature={signature}",
        f"{path.replace('1280', '320')}?{query}",
        f"{path.replace('1280.webp', 'voice.mp3')}?{query}",
        f"/api/v1/attachments/af_other/1280.webp?{query}",
    ]
    for url in wrong:
        answer = await get(talk, url)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_attachment"), url
    assert (await get(talk, one["url"])).status_code == 200
    files = talk.market.services.conversations.attachments
    later_ms = talk.market.services.now_ms() + 2 * HOUR_MS
    monkeypatch.setattr(files, "_now_ms", lambda: later_ms)
    assert (await get(talk, one["url"])).status_code == 404


async def test_an_upload_is_sent_once_by_its_own_side(talk: Talk) -> None:
    """The other side, another order and a second message cannot use it."""
    one = await talk.uploaded("buyer", picture())
    _, other = await talk.desk.paid(1, buyer=talk.buyer)
    elsewhere = Talk(talk.market, talk.desk, talk.buyer, other)
    before = await talk.everything()
    for refused in (await talk.say("shop", "Mine", one["id"]), await elsewhere.say("buyer", "", one["id"])):
        assert (refused.status_code, refused.json()["code"]) == (404, "no_such_attachment")
    assert await talk.everything() == before
    await talk.said("buyer", "", one["id"])
    again = await talk.say("buyer", "Again", one["id"])
    assert (again.status_code, again.json()["code"]) == (404, "no_such_attachment")


async def test_a_message_has_four_pictures_in_the_order_given(talk: Talk) -> None:
    """Five are one too many; the four stay as they were put."""
    ids = [(await talk.uploaded("buyer", picture((100 + n, 100))))["id"] for n in range(5)]
    before = await talk.everything()
    refused = await talk.say("buyer", "", *ids)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert await talk.everything() == before
    made = await talk.said("buyer", "", *ids[3::-1])
    assert [one["id"] for one in made["attachments"]] == ids[3::-1]


async def test_uploads_that_were_never_sent_are_swept(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a day row and files are gone; what was sent stays."""
    sent = await talk.uploaded("buyer", picture())
    await talk.said("buyer", "", sent["id"])
    unsent = await talk.uploaded("buyer", picture((300, 300)))
    files = talk.market.services.conversations.attachments
    assert await files.sweep() == 0
    async with talk.market.services.database.write() as sql:
        await sql.execute(sa.update(attachments).values(created_at_ms=1))
    assert await files.sweep() == 1
    kept = [blob_of(sent["id"], name).partition("/")[2] for name in ("1280.webp", "320.webp")]
    assert blob_files(talk.market) == kept
    assert (await get(talk, unsent["url"])).status_code == 404
    assert (await talk.say("buyer", "", unsent["id"])).json()["code"] == "no_such_attachment"


async def test_too_much_that_waits_is_refused(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who uploads without sending is stopped before anything is stored."""
    monkeypatch.setattr("commerce.conversations.attachments.WAITING_MOST", 2)
    for _ in range(2):
        await talk.uploaded("buyer", picture())
    before = await talk.everything()
    refused = await talk.upload("buyer", picture())
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_waiting")
    assert await talk.everything() == before


async def test_uploads_at_the_same_time_share_one_bound(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came while a picture was drawn anew is counted too; the one too many leaves nothing."""
    monkeypatch.setattr("commerce.conversations.attachments.WAITING_MOST", 1)
    pictures, both = talk.market.services.pictures, asyncio.Barrier(2)
    render = pictures.render

    async def slowly(raw: bytes) -> Rendered:
        """Draw it once both uploads were counted."""
        await both.wait()
        return await render(raw)

    monkeypatch.setattr(pictures, "render", slowly)
    answers = await asyncio.gather(*(talk.upload("buyer", picture()) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert len(blob_files(talk.market)) == 2


async def test_a_busy_converter_says_come_again(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Voice notes beyond those that may wait are refused at once, and nothing is kept of them."""
    monkeypatch.setattr("commerce.conversations.attachments.VOICES_WAITING", 0)
    before = await talk.everything()
    refused = await talk.upload("buyer", recording())
    assert (refused.status_code, refused.json()["code"]) == (503, "busy")
    assert (await talk.everything(), blob_files(talk.market)) == (before, [])


async def test_forgotten_people_leave_no_files(market: Market, talk: Talk) -> None:
    """The buyer's pictures go with the account, from the table and from the disk; the shop's stay."""
    account = await market.services.accounts.create(
        "mei@example.com", "correct horse battery", "Mei", confirmed=True
    )
    async with market.services.database.write() as sql:
        await orders_sql.give_to(sql, talk.buyer.person, account)
    talk.buyer.person = account
    theirs = await talk.uploaded("buyer", picture())
    await talk.said("buyer", "", theirs["id"])
    ours = await talk.uploaded("shop", picture((200, 200)))
    await talk.said("shop", "", ours["id"])
    await market.services.accounts.delete(account, "correct horse battery")
    await market.services.outbox.send_due()
    assert (await get(talk, theirs["url"])).status_code == 404
    assert (await get(talk, ours["url"])).status_code == 200
    assert len(blob_files(market)) == 2
