"""A picture as somebody uploads it."""

import io

from PIL import Image


def picture(
    kind: str = "PNG", size: tuple[int, int] = (200, 100), mode: str = "RGB", **options: object
) -> bytes:
    """Make an uploaded file with a red left half."""
    image = Image.new(mode, size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
