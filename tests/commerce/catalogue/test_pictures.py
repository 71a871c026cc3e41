"""Uploaded pictures: what is taken, what is refused, and that only pixels come through."""

import io
import struct
import zlib

import pytest
from PIL import Image

from commerce.catalogue.pictures_image import render, sniff
from commerce.catalogue.pictures_limits import MAX_UPLOAD_BYTES
from commerce.errors import (
    BadPicture,
    CommerceError,
    InvalidField,
    NoSuchPicture,
    NoSuchProduct,
    PictureTooLarge,
    PictureType,
)
from commerce.services import CommerceServices
from tests.commerce.a_picture import picture
from tests.commerce.builders import new_stall


def png_bomb(width: int, height: int) -> bytes:
    """Make a small PNG that says it is huge."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
def test_common_formats_become_webp(kind: str) -> None:
    """Each is recognised by its bytes and written anew, never larger than it came."""
    rendered = render(picture(kind))
    assert set(rendered.files) == {320, 640, 1280}
    for content in rendered.files.values():
        assert sniff(content) == "WEBP"
        assert Image.open(io.BytesIO(content)).size == (200, 100)


def test_large_pictures_are_made_in_three_widths() -> None:
    """The height follows, and a very tall picture is limited by its height."""
    rendered = render(picture(size=(2000, 1000)))
    sizes = {width: Image.open(io.BytesIO(content)).size for width, content in rendered.files.items()}
    assert sizes == {320: (320, 160), 640: (640, 320), 1280: (1280, 640)}
    assert (rendered.width, rendered.height) == (1280, 640)
    tall = render(picture(size=(1000, 4000)))
    assert (tall.width, tall.height) == (640, 2560)


def test_a_camera_held_upright_gives_an_upright_picture_without_its_place() -> None:
    """Orientation is applied, everything else of EXIF is gone."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right by 90 degrees
    exif[0x010F] = "Secret Camera"
    raw = picture("JPEG", exif=exif.tobytes())
    assert b"Secret Camera" in raw
    rendered = render(raw)
    assert (rendered.width, rendered.height) == (100, 200)
    for content in rendered.files.values():
        assert b"Secret Camera" not in content
        assert len(Image.open(io.BytesIO(content)).getexif()) == 0


def test_transparency_stays() -> None:
    """A clear corner is still clear."""
    out = io.BytesIO()
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(out, "PNG")
    made = Image.open(io.BytesIO(render(out.getvalue()).files[320])).convert("RGBA")
    assert made.getpixel((0, 0))[3] == 0  # type: ignore[index]  # RGBA pixels are tuples


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", PictureType),
        (b"hello", PictureType),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', PictureType),
        (b'<?xml version="1.0"?><svg/>', PictureType),
        (b"BM" + b"\0" * 100, PictureType),
        (b"%PDF-1.7", PictureType),
        (b"\x89PNG\r\n\x1a\n", BadPicture),
        (picture("JPEG")[:300], BadPicture),
        (picture()[:-40], BadPicture),
        (b"\xff\xd8\xff" + b"\0" * 500, BadPicture),
        (b"GIF89a" + b"\xff" * 50, BadPicture),
        (png_bomb(60_000, 60_000), BadPicture),
        (png_bomb(7_000, 7_000), BadPicture),
        (picture(size=(8, 8)), BadPicture),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * MAX_UPLOAD_BYTES, PictureTooLarge),
    ],
)
def test_what_is_no_good_picture_is_refused(raw: bytes, error: type[CommerceError]) -> None:
    """Types by bytes and not by name; bombs before they are decoded; broken files without a crash."""
    with pytest.raises(error):
        render(raw)


async def test_pictures_of_a_product_are_kept_in_order_and_removed(commerce: CommerceServices) -> None:
    """The files are served by their content's hash; a refused upload leaves everything as it is."""
    stall = await new_stall(commerce)
    add = commerce.pictures.add_to_product
    first = await add(stall.shop, stall.product.id, picture(), "A tin")
    second = await add(stall.shop, stall.product.id, picture("JPEG", (300, 300)))
    product = await commerce.catalogue.get(stall.shop, stall.product.id)
    assert product.picture == first
    assert product.pictures == (first, second)
    assert first.alt == "A tin"
    for url in (first.url_320, first.url_640, first.url_1280):
        assert url.startswith("/media/pictures/")
        content = await commerce.pictures.read(url.rsplit("/", 1)[1])
        assert content is not None
        assert sniff(content) == "WEBP"
    with pytest.raises(PictureType):
        await add(stall.shop, stall.product.id, b"<svg/>")
    with pytest.raises(NoSuchProduct):
        await add("sp_other", stall.product.id, picture())
    assert (await commerce.catalogue.get(stall.shop, stall.product.id)).pictures == (first, second)
    await commerce.pictures.remove(stall.shop, stall.product.id, first.id)
    with pytest.raises(NoSuchPicture):
        await commerce.pictures.remove(stall.shop, stall.product.id, first.id)
    assert (await commerce.catalogue.get(stall.shop, stall.product.id)).picture == second


async def test_a_picture_that_is_there_already_is_not_added_twice(commerce: CommerceServices) -> None:
    """Where it is asked for once; otherwise the same picture may stand twice."""
    stall = await new_stall(commerce)
    first = await commerce.pictures.add_to_product(stall.shop, stall.product.id, picture(), "Leaves")
    again = await commerce.pictures.add_to_product(stall.shop, stall.product.id, picture(), "Tea", once=True)
    assert again == first
    assert (await commerce.catalogue.get(stall.shop, stall.product.id)).pictures == (first,)
    await commerce.pictures.add_to_product(stall.shop, stall.product.id, picture())
    assert len((await commerce.catalogue.get(stall.shop, stall.product.id)).pictures) == 2


async def test_a_product_has_eight_pictures_at_most(commerce: CommerceServices) -> None:
    """The ninth is refused."""
    stall = await new_stall(commerce)
    for _ in range(8):
        await commerce.pictures.add_to_product(stall.shop, stall.product.id, picture(size=(16, 16)))
    with pytest.raises(InvalidField):
        await commerce.pictures.add_to_product(stall.shop, stall.product.id, picture(size=(16, 16)))
    assert len((await commerce.catalogue.get(stall.shop, stall.product.id)).pictures) == 8
