"""A small HTTP server that receives webhooks as a shop's own program would, and answers as a test says."""

import asyncio
import base64
import datetime as dt
import hashlib
import hmac
import ipaddress
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LIMIT_S = 20.0


@dataclass(frozen=True)
class Received:
    """One request. Header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The event's id."""
        return self.headers["webhook-id"]


def signed_with(secret: str, got: Received) -> bool:
    """Verify as a receiver does, by the specification alone."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    wanted = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return f"v1,{wanted}" in got.headers["webhook-signature"].split(" ")


@dataclass
class Receiver:
    """What it answers may be changed at any time; while `gate` is closed it answers nothing at all."""

    port: int = 0
    status: str = "200 OK"
    headers: tuple[str, ...] = ()
    answer: bytes = b"thank you"
    raw: bytes | None = None
    drips: bool = False
    got: list[Received] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    serving: set[asyncio.Task[object]] = field(default_factory=set)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hooks?from=liveshop"

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection with one request."""
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            pairs = [line.partition(": ") for line in head[1:-2]]
            headers = {name.lower(): value for name, _, value in pairs}
            body = await reader.readexactly(int(headers["content-length"]))
            async with self._news:
                self.got.append(Received(head[0].split(" ")[1], headers, body))
                self._news.notify_all()
            await self.gate.wait()
            await self._write(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _write(self, writer: asyncio.StreamWriter) -> None:
        if self.raw is not None:
            writer.write(self.raw)
            await writer.drain()
            return
        lines = [f"HTTP/1.1 {self.status}", *self.headers]
        if not self.drips:
            lines.append(f"Content-Length: {len(self.answer)}")
        writer.write("\r\n".join([*lines, "", ""]).encode() + self.answer)
        await writer.drain()
        while self.drips:
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.05)

    async def until(self, count: int) -> None:
        """Wait until so many requests have come."""
        async with asyncio.timeout(LIMIT_S), self._news:
            await self._news.wait_for(lambda: len(self.got) >= count)


class Serving:
    """A receiver on a loopback port; with `tls` it speaks HTTPS and notes the names it was asked for."""

    def __init__(self, receiver: Receiver, tls: ssl.SSLContext | None = None) -> None:
        self.receiver = receiver
        self._tls = tls

    async def __aenter__(self) -> Receiver:
        if self._tls is not None:
            self._tls.sni_callback = lambda _socket, name, _context: self.receiver.names.append(name)
        self._server = await asyncio.start_server(self.receiver, "127.0.0.1", 0, ssl=self._tls)
        self.receiver.port = self._server.sockets[0].getsockname()[1]
        self.receiver.gate.set()
        return self.receiver

    async def __aexit__(self, *_: object) -> None:
        self.receiver.drips = False
        self.receiver.gate.set()
        self._server.close()
        await self._server.wait_closed()
        await asyncio.gather(*self.receiver.serving)


def certificate_for(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate for a name; returns the server's TLS and that of a client who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a receiver of tests")])
    now = dt.datetime.now(dt.UTC)
    alternative: list[x509.GeneralName] = [x509.DNSName(name)]
    if name.replace(".", "").isdigit():
        alternative = [x509.IPAddress(ipaddress.ip_address(name))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternative), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, secret = folder / f"{name}.pem", folder / f"{name}.key"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(chain, secret)
    return server, ssl.create_default_context(cafile=str(chain))
