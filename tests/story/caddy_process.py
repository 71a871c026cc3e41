"""A Caddy in front of the shop, as `compose.yaml` has it: HTTPS with a certificate of its own making."""

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ended_process import end
from tests.liveshop.running_server import until

CADDYFILE = """{
  admin off
  auto_https disable_redirects
  skip_install_trust
}
https://localhost:PORT {
  tls internal
  reverse_proxy BACKEND
}
"""
START_LIMIT_S = 30.0
STOP_LIMIT_S = 10.0


@contextmanager
def caddy(folder: Path, port: int, backend: str) -> Iterator[str]:
    """Run Caddy before `backend` (host:port) until the block is left; gives the address people type."""
    program = shutil.which("caddy")
    assert program, "the package caddy is missing; `make test` installs it"
    config = folder / "Caddyfile"
    config.write_text(CADDYFILE.replace("PORT", str(port)).replace("BACKEND", backend))
    environ = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    process = subprocess.Popen(
        [program, "run", "--adapter", "caddyfile", "--config", str(config)],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: _shakes_hands(port), START_LIMIT_S, "Caddy's start")
        yield f"https://localhost:{port}"
    finally:
        end(process, STOP_LIMIT_S)


def _shakes_hands(port: int) -> bool:
    """Whether the certificate is there: it is made after the port is open."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=2) as plain,
            context.wrap_socket(plain, server_hostname="localhost"),
        ):
            return True
    except OSError:
        return False
