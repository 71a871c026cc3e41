"""Taking network ports before any child needs them, so that a taken one is named in one sentence.

Every front listens on the same TCP port (SO_REUSEPORT); the kernel would let a second liveshop of the same
user do that too, and mix their visitors. So the supervisor first binds without the option, and then keeps a
socket that is bound and never listens: it gets no connections and keeps the port for its children.
"""

import errno
import socket

from liveshop.errors import SettingError

BACKLOG = 4096


def family_of(host: str) -> socket.AddressFamily:
    """Address family of an IP address."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def hold_http_port(host: str, port: int) -> socket.socket:
    """Take the HTTP port (0: any) and keep it; raises `SettingError` if somebody else has it."""
    with socket.socket(family_of(host), socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(probe, host, port, "LIVESHOP_HTTP_PORT")
        chosen = int(probe.getsockname()[1])
    held = _reusable(host)
    _bind(held, host, chosen, "LIVESHOP_HTTP_PORT")
    return held


def listen_http(host: str, port: int) -> socket.socket:
    """Return a front's own listening socket on the shared port."""
    listening = _reusable(host)
    _bind(listening, host, port, "LIVESHOP_HTTP_PORT")
    listening.listen(BACKLOG)
    listening.setblocking(False)
    return listening


def listen_inside(host: str, port: int) -> socket.socket:
    """Return a media process's listening socket for the other machines; `SettingError` if it is taken."""
    listening = socket.socket(family_of(host), socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _bind(listening, host, port, "LIVESHOP_INSIDE_ADDRESS")
    listening.listen(BACKLOG)
    listening.setblocking(False)
    return listening


def free_media_port(host: str, first: int, count: int) -> int:
    """Return `first` if `count` UDP and TCP ports from it are free (0: find some); else `SettingError`."""
    if first:
        for port in range(first, first + count):
            _probe_media(host, port)
        return first
    for _ in range(50):
        with socket.socket(family_of(host), socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
            first = int(probe.getsockname()[1])
        try:
            return free_media_port(host, first, count)
        except SettingError:
            continue
    raise SettingError("LIVESHOP_MEDIA_PORT", "No free ports for media were found.")


def _probe_media(host: str, port: int) -> None:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(family_of(host), kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            _bind(probe, host, port, "LIVESHOP_MEDIA_PORT")


def _reusable(host: str) -> socket.socket:
    made = socket.socket(family_of(host), socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    return made


def _bind(sock: socket.socket, host: str, port: int, setting: str) -> None:
    try:
        sock.bind((host, port))
    except OSError as error:
        kind = "UDP" if sock.type == socket.SOCK_DGRAM else "TCP"
        if error.errno == errno.EADDRINUSE:
            raise SettingError(
                setting, f"{kind} port {port} is taken by another program; set {setting} to a free one."
            ) from error
        reason = error.strerror or str(error)
        raise SettingError(setting, f"{kind} port {port} on {host} cannot be used: {reason}.") from error
