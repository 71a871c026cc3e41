"""How mails are put together, and how they leave: as files, or over SMTP."""

import asyncio
from email import message_from_bytes, policy
from pathlib import Path

import aiosmtplib
import pytest

from commerce.mail import mailer_for
from commerce.mail_files import FileMailer
from commerce.mail_message import compose
from commerce.mail_smtp import SmtpMailer, SmtpServer, smtp_server
from commerce.settings import CommerceSettings


class MailServer:
    """A mail server that speaks as much of RFC 5321 as a client needs; it refuses one recipient."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.recipients: list[str] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold one conversation."""
        writer.write(b"220 test\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line.upper()
            if verb.startswith("DATA"):
                writer.write(b"354 go on\r\n")
                self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
            if verb.startswith("RCPT"):
                self.recipients.append(line)
            refused = verb.startswith("RCPT") and "nobody@" in line
            writer.write(
                b"550 unknown\r\n" if refused else b"221 bye\r\n" if verb == "QUIT" else b"250 ok\r\n"
            )
            await writer.drain()
            if verb == "QUIT":
                break
        writer.close()


def test_a_header_cannot_be_smuggled_in() -> None:
    """A line break in a name is a space in the mail."""
    mail = compose("a@shop.example", "b@c.dd", "Hi\r\nBcc: x@y.zz", "text", None, message_id="ml_1", now_ms=0)
    read = message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert read["Bcc"] is None
    assert read["Subject"] == "Hi Bcc: x@y.zz"
    assert read["Message-ID"] == "<ml_1@shop.example>"


async def test_mails_are_files_without_a_server(tmp_path: Path) -> None:
    """Whole files only, readable by any mail program."""
    settings = CommerceSettings("sqlite://", str(tmp_path), b"s" * 32)
    mailer = mailer_for(settings, lambda: 1_700_000_000_000, lambda prefix: f"{prefix}_1")
    assert isinstance(mailer, FileMailer)
    await mailer.send("mei@example.com", "订单", "text", "<p>html</p>")
    (path,) = (tmp_path / "mail").iterdir()
    assert path.name == "1700000000000-ml_1.eml"
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["Subject"] == "订单"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_an_smtp_address_is_read() -> None:
    """With the ports that go with each way, and passwords unquoted."""
    assert smtp_server("smtp://mail.example") == SmtpServer("mail.example", 25, False, None, None)
    assert smtp_server("smtp://a%40b:p%2Fw@mail.example") == SmtpServer(
        "mail.example", 587, False, "a@b", "p/w"
    )
    assert smtp_server("smtps://mail.example:8465").port == 8465
    for wrong in ("mail.example", "http://mail.example", "smtp://"):
        with pytest.raises(ValueError, match="smtp://"):
            smtp_server(wrong)
    settings = CommerceSettings("sqlite://", "/nowhere", b"s" * 32, smtp_url="smtp://mail.example")
    assert isinstance(mailer_for(settings, lambda: 0, lambda prefix: prefix), SmtpMailer)


async def test_a_mail_is_handed_over_by_smtp() -> None:
    """Both parts arrive; a refused recipient is an error, so that the outbox keeps the mail."""
    mails = MailServer()
    server = await asyncio.start_server(mails.talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    mailer = SmtpMailer(
        f"smtp://127.0.0.1:{port}", "shop@shop.example", lambda: 0, lambda prefix: f"{prefix}_1"
    )
    await mailer.send("mei@example.com", "Your order", "text\n.\n", "<p>html</p>")
    with pytest.raises(aiosmtplib.SMTPException):
        await mailer.send("nobody@example.com", "Your order", "text", None)
    server.close()
    await server.wait_closed()
    mail = message_from_bytes(mails.mails[0].removesuffix(b".\r\n"), policy=policy.default)
    assert (mail["To"], mail["From"]) == ("mei@example.com", "shop@shop.example")
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert len(mails.mails) == 1
