"""Mails as files, for a shop without a mail server: `<data>/mail/<time>-<id>.eml`."""

import asyncio
from collections.abc import Callable
from email.message import EmailMessage
from functools import partial
from pathlib import Path

from commerce.mail_message import compose
from commerce.ports import Clock, NewId


class FileMailer:
    """A `Mailer` that writes each mail whole or not at all; any mail program opens them."""

    def __init__(self, folder: str, sender: str, now_ms: Clock, new_id: NewId) -> None:
        self._folder = Path(folder)
        self._sender = sender
        self._now_ms = now_ms
        self._new_id = new_id

    async def send(self, to: str, subject: str, text: str, html: str | None = None) -> None:
        """Write one mail."""
        now_ms, name = self._now_ms(), self._new_id("ml")
        make = partial(compose, self._sender, to, subject, text, html, message_id=name, now_ms=now_ms)
        await asyncio.to_thread(self._write, f"{now_ms}-{name}.eml", make)

    def _write(self, name: str, make: Callable[[], EmailMessage]) -> None:
        content = make().as_bytes()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self._folder / f".{name}.part"
        part.write_bytes(content)
        part.rename(self._folder / name)
