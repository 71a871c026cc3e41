"""Uploaded pictures: recognised by their first bytes, limited before decoding, written anew as WebP.

What comes out has none of what came in but its pixels: no EXIF (and so no place where it was taken), no
colour profile tricks, no second file hidden behind the first. SVG is a program, not a picture, and refused.
"""

import hashlib
import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from commerce.catalogue.pictures_limits import MAX_PIXELS, MAX_UPLOAD_BYTES, MIN_SIDE_PIXELS
from commerce.errors import BadPicture, PictureTooLarge, PictureType

WIDTHS = (320, 640, 1280)
TALLEST = 2
"""A picture may be this many times as high as wide; taller ones are made narrower."""

# The pixel limit is ours, judged between reading the header and decoding; Pillow's own only warns.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """One picture in three sizes as WebP. `width` and `height` are those of the largest."""

    hash: str
    width: int
    height: int
    files: dict[int, bytes]


def sniff(raw: bytes) -> str | None:
    """Answer Pillow's name of the format by the first bytes, or None when it is not one we take."""
    if raw.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return "WEBP"
    if raw[:6] in {b"GIF87a", b"GIF89a"}:
        return "GIF"
    if raw[4:12] in {b"ftypavif", b"ftypavis"}:
        return "AVIF"
    return None


def render(raw: bytes) -> Rendered:
    """Decode and write anew in 320, 640 and 1280 pixels' width (never larger than it came).

    Blocks for up to a second: call it in a thread. Raises PictureType, PictureTooLarge, BadPicture.
    """
    if len(raw) > MAX_UPLOAD_BYTES:
        raise PictureTooLarge(max_bytes=MAX_UPLOAD_BYTES)
    kind = sniff(raw)
    if kind is None:
        raise PictureType
    try:
        with Image.open(io.BytesIO(raw), formats=[kind]) as opened:
            _check_size(*opened.size)
            opened.load()
            upright = ImageOps.exif_transpose(opened)
            plain = upright.convert("RGBA" if _has_alpha(upright) else "RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise BadPicture from error
    sized = {width: _scaled(plain, width) for width in WIDTHS}
    # A small picture is the same in several widths: encoded once.
    encoded = {image.size: _webp(image) for image in {each.size: each for each in sized.values()}.values()}
    files = {width: encoded[image.size] for width, image in sized.items()}
    largest = sized[WIDTHS[-1]]
    name = hashlib.sha256(files[WIDTHS[-1]]).hexdigest()[:40]
    return Rendered(name, largest.width, largest.height, files)


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise BadPicture(
            "The picture has too many pixels.", width=width, height=height, max_pixels=MAX_PIXELS
        )
    if min(width, height) < MIN_SIDE_PIXELS:
        raise BadPicture("The picture is too small.", width=width, height=height)


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info


def _scaled(image: Image.Image, width: int) -> Image.Image:
    copy = image.copy()
    copy.thumbnail((width, width * TALLEST), Image.Resampling.LANCZOS)
    copy.info.clear()
    return copy


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=82, method=4, exif=b"", icc_profile=b"")
    return out.getvalue()
