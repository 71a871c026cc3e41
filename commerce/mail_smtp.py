"""Mails over SMTP (RFC 5321), with STARTTLS where the server offers it."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosmtplib

from commerce.mail_message import compose
from commerce.ports import Clock, NewId

TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mails are handed over. `tls` from the first byte; else STARTTLS when it is offered."""

    host: str
    port: int
    tls: bool
    user: str | None
    password: str | None


def smtp_server(url: str) -> SmtpServer:
    """Read `smtp://[user:password@]host[:port]` or `smtps://…`; ValueError, without the password, else."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError(
            "An SMTP address is smtp://[user:password@]host[:port], or smtps:// for TLS at once."
        )
    tls = parts.scheme == "smtps"
    return SmtpServer(
        host=parts.hostname,
        port=parts.port or (465 if tls else 587 if parts.username else 25),
        tls=tls,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


class SmtpMailer:
    """A `Mailer`. Each mail has a connection of its own: they are few, and servers close idle ones."""

    def __init__(self, url: str, sender: str, now_ms: Clock, new_id: NewId) -> None:
        self._server = smtp_server(url)
        self._sender = sender
        self._now_ms = now_ms
        self._new_id = new_id

    async def send(
        self, to: str, subject: str, text: str, html: str | None = None, *, unsubscribe: str | None = None
    ) -> None:
        """Hand one mail over; raises `aiosmtplib.SMTPException` or OSError."""
        name = self._new_id("ml")
        how: dict[str, Any] = {"message_id": name, "now_ms": self._now_ms(), "unsubscribe": unsubscribe}
        make = partial(compose, self._sender, to, subject, text, html, **how)
        message = await asyncio.to_thread(make)
        server = self._server
        await aiosmtplib.send(
            message,
            hostname=server.host,
            port=server.port,
            use_tls=server.tls,
            username=server.user,
            password=server.password,
            timeout=TIMEOUT_S,
        )
