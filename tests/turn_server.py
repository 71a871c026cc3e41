"""A coturn of Debian's package on loopback ports, as an unprivileged child, for the tests that need TURN."""

import asyncio
import contextlib
import datetime as dt
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from aioice import stun

from liveshop.demo.certificate_crypto import make_certificate
from tests.free_ports import free_port

SECRET = "the secret of the turn server"
READY_LIMIT_S = 20.0
RELAY_PORTS = 40


@dataclass(frozen=True)
class TurnServer:
    """Where it listens; `secret` is shared with it. `log` is what it has written."""

    port: int
    secure_port: int
    log: Path
    secret: str = SECRET

    @property
    def url(self) -> str:
        """Its address over UDP."""
        return f"turn:127.0.0.1:{self.port}?transport=udp"

    @property
    def secure_url(self) -> str:
        """Its address over TLS, with a certificate of its own making."""
        return f"turns:127.0.0.1:{self.secure_port}?transport=tcp"


@contextlib.asynccontextmanager
async def turn_server() -> AsyncIterator[TurnServer]:
    """Run a TURN server until the block is left."""
    program = shutil.which("turnserver")
    assert program is not None, "turnserver is missing; ./install.sh test brings it (package coturn)"
    with tempfile.TemporaryDirectory(prefix="coturn-") as folder:
        os.chmod(folder, 0o777)  # noqa: PTH101, S103 its user is nobody
        port, secure_port, relay = free_port(), free_port(), free_port()
        log = Path(folder) / "log"
        for name, pem in zip(("certificate", "key"), make_certificate(dt.datetime.now(dt.UTC)), strict=True):
            (Path(folder) / name).write_bytes(pem)
        process = await asyncio.create_subprocess_exec(
            program, "-n", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", f"--listening-port={port}",
            f"--tls-listening-port={secure_port}", f"--cert={folder}/certificate", f"--pkey={folder}/key",
            f"--min-port={min(relay, 65535 - RELAY_PORTS)}",
            f"--max-port={min(relay, 65535 - RELAY_PORTS) + RELAY_PORTS}",
            "--use-auth-secret", f"--static-auth-secret={SECRET}", "--realm=liveshop.test",
            "--no-cli", "--no-dtls", "--allow-loopback-peers", "--fingerprint",
            f"--userdb={folder}/db", f"--pidfile={folder}/pid", f"--log-file={log}", "--simple-log",
            "--verbose", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
            cwd=folder, user="nobody" if os.geteuid() == 0 else None,
        )  # fmt: skip
        try:
            await asyncio.wait_for(_answers(port, process), READY_LIMIT_S)
            yield TurnServer(port, secure_port, log)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _answers(port: int, process: asyncio.subprocess.Process) -> None:
    """Return when it answers a binding request."""
    loop = asyncio.get_running_loop()
    with socket.socket(type=socket.SOCK_DGRAM) as asking:
        asking.setblocking(False)
        asking.connect(("127.0.0.1", port))
        while True:
            assert process.returncode is None, f"turnserver ended with {process.returncode}"
            with contextlib.suppress(TimeoutError, ConnectionRefusedError):
                await loop.sock_sendall(asking, bytes(stun.Message(stun.Method.BINDING, stun.Class.REQUEST)))
                await asyncio.wait_for(loop.sock_recv(asking, 1500), 0.2)
                return
            await asyncio.sleep(0.05)
