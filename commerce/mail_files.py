"""Mails as files, for a shop without a mail server: `<data>/mail/<time>-<id>.eml`."""

import asyncio
from collections.abc import Callable
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

from commerce.durable_files import make_folder, write_durably
from commerce.mail_message import compose
from commerce.ports import Clock, NewId


class FileMailer:
    """A `Mailer` whose mails are on the disk before they count as sent; any mail program opens them."""

    def __init__(self, folder: str, sender: str, now_ms: Clock, new_id: NewId) -> None:
        self._folder = Path(folder)
        self._sender = sender
        self._now_ms = now_ms
        self._new_id = new_id

    async def send(
        self, to: str, subject: str, text: str, html: str | None = None, *, unsubscribe: str | None = None
    ) -> None:
        """Write one mail."""
        now_ms, name = self._now_ms(), self._new_id("ml")
        how: dict[str, Any] = {"message_id": name, "now_ms": now_ms, "unsubscribe": unsubscribe}
        make = partial(compose, self._sender, to, subject, text, html, **how)
        await asyncio.to_thread(self._write, f"{now_ms}-{name}.eml", make)

    def _write(self, name: str, make: Callable[[], EmailMessage]) -> None:
        make_folder(self._folder, 0o700)
        write_durably(self._folder / name, make().as_bytes())
