"""Taking in pictures: rendered in a thread, kept as blobs, listed in SQL."""

import asyncio

from commerce import text
from commerce.catalogue import pictures_sql, products_sql
from commerce.catalogue.pictures_image import WIDTHS, Rendered, render
from commerce.catalogue.structs import Picture
from commerce.database_sql import Database, Sql
from commerce.errors import InvalidField, NoSuchPicture, NoSuchProduct
from commerce.ports import Blobs, Clock, NewId

MAX_AT_ONCE = 2
MAX_PER_PRODUCT = 8
ALT_CHARS = 300


class Pictures:
    """Stores and removes pictures; a picture's files are named by their content."""

    def __init__(self, database: Database, blobs: Blobs, now_ms: Clock, new_id: NewId) -> None:
        self._database = database
        self._blobs = blobs
        self._now_ms = now_ms
        self._new_id = new_id
        self._turns = asyncio.Semaphore(MAX_AT_ONCE)

    async def read(self, file_name: str) -> bytes | None:
        """Answer the bytes behind `/media/pictures/{file_name}`, or None. They are always image/webp."""
        return await self._blobs.get(f"pictures/{file_name}")

    async def add_to_product(
        self, shop: str, product: str, raw: bytes, alt: str = "", *, once: bool = False
    ) -> Picture:
        """Take in an upload as the product's last picture; `once`: one it has already is answered as it is.

        Raises NoSuchProduct, PictureType, PictureTooLarge, BadPicture.
        """
        label = text.line(alt, "alt", ALT_CHARS, min_chars=0)
        async with self._database.read() as sql:
            known = await products_sql.load(sql, [product])
        if not known or known[0].shop != shop:
            raise NoSuchProduct(product=product)
        rendered = await self._store(raw)
        async with self._database.write() as sql:
            if await products_sql.lock_product(sql, shop, product) is None:
                raise NoSuchProduct(product=product)
            there = (await pictures_sql.of_products(sql, [product])).get(product, [])
            same = pictures_sql.picture_url(rendered.hash, WIDTHS[-1])
            if once and (known_one := next((one for one in there if one.url_1280 == same), None)):
                return known_one
            if len(there) >= MAX_PER_PRODUCT:
                raise InvalidField(f"A product has {MAX_PER_PRODUCT} pictures at most.", field="pictures")
            return await self._add(sql, shop, rendered, label, product, len(there))

    async def add_loose(self, shop: str, raw: bytes, alt: str = "") -> Picture:
        """Take in an upload that belongs to the shop itself: an avatar, a show's poster."""
        label = text.line(alt, "alt", ALT_CHARS, min_chars=0)
        rendered = await self._store(raw)
        async with self._database.write() as sql:
            return await self._add(sql, shop, rendered, label, None, 0)

    async def remove(self, shop: str, product: str, picture: str) -> None:
        """Take a picture from a product; raises NoSuchProduct, NoSuchPicture."""
        async with self._database.write() as sql:
            if await products_sql.lock_product(sql, shop, product) is None:
                raise NoSuchProduct(product=product)
            if not await pictures_sql.remove(sql, product, picture):
                raise NoSuchPicture(picture=picture)

    async def render(self, raw: bytes) -> Rendered:
        """Check an upload and write it anew in all sizes, keeping nothing; two at once in a process.

        Raises PictureType, PictureTooLarge, BadPicture.
        """
        async with self._turns:
            return await asyncio.to_thread(render, raw)

    async def _store(self, raw: bytes) -> Rendered:
        rendered = await self.render(raw)
        for width, content in rendered.files.items():
            await self._blobs.put(f"pictures/{rendered.hash}-{width}.webp", content)
        return rendered

    async def _add(
        self, sql: Sql, shop: str, rendered: Rendered, alt: str, product: str | None, position: int
    ) -> Picture:
        picture = self._new_id("pi")
        values = {
            "id": picture,
            "shop": shop,
            "product": product,
            "position": position,
            "hash": rendered.hash,
            "alt": alt,
            "width": rendered.width,
            "height": rendered.height,
            "created_at_ms": self._now_ms(),
        }
        await pictures_sql.add(sql, values)
        return (await pictures_sql.by_id(sql, [picture]))[picture]
