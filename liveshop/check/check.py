"""`check`: settings and every connection, one sentence for each fault.

Each check looks at one thing and answers with findings: a fault stops the server or loses data; a warning is
worth knowing. Nothing is changed but that the data folder is made. It may run beside the server: ports and
the data folder that the running server holds are no fault.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from liveshop.check.database_sql import check_database
from liveshop.check.findings import Finding, fault, fine, warning
from liveshop.check.machine_files import check_data_folder, check_libraries
from liveshop.check.mail_smtp import check_mail
from liveshop.check.primaries_redis import check_redis
from liveshop.check.turn_aioice import check_ice_servers
from liveshop.errors import DataFolderBusy, LiveshopError
from liveshop.folders.data_folder_files import orphans
from liveshop.folders.runtime_folder_files import runtime_folder
from liveshop.redis.embedded_redis_process import find_redis_server
from liveshop.redis.functions import all_libraries
from liveshop.settings.settings import Settings, read_settings
from liveshop.supervising.listening_sockets import free_media_port, hold_http_port
from streaming.transport.batch_native import Way, best_way
from streaming.transport.media_udp import SOCKET_BUFFER_BYTES, granted_buffer_bytes

FAULTS_EXIT = 1


def check(environ: Mapping[str, str]) -> int:
    """Print what is found; returns 1 if there is a fault, else 0."""
    try:
        settings = read_settings(environ)
    except LiveshopError as error:
        findings = [fault(str(error))]
    else:
        findings = [fine("All settings can be used."), *asyncio.run(all_findings(settings, environ))]
    for finding in findings:
        print(f"{finding.mark:8}{finding.sentence}")
    return FAULTS_EXIT if any(finding.mark == "fault" for finding in findings) else 0


async def all_findings(settings: Settings, environ: Mapping[str, str]) -> list[Finding]:
    """Look at everything the settings name, in the order a start would need it."""
    found = check_data_folder(settings.data)
    running = is_running(settings.data)
    if running:
        found.append(fine("The server is running; its ports are not tried."))
    else:
        found.extend(check_ports(settings))
    found.extend(await _redis(settings, environ, running=running))
    found.extend(await _database(settings))
    found.extend(await check_mail(settings.smtp_url))
    found.extend(await check_ice_servers(settings.ice))
    if settings.medias:
        found += [check_sending(best_way()), check_buffers(granted_buffer_bytes())]
    return [*found, *check_libraries(), *check_reach(settings)]


def check_sending(way: Way) -> Finding:
    """Say how packets will leave for viewers."""
    if way is Way.SEGMENTED:
        return fine(f"Media packets leave by {way.value}.")
    return warning(f"Media packets leave by {way.value}: Linux's UDP segmentation would cost less for each.")


def check_buffers(granted_bytes: int) -> Finding:
    """Say whether a frame to hundreds of viewers fits the sockets' buffers."""
    if granted_bytes >= SOCKET_BUFFER_BYTES:
        return fine(f"Media sockets get buffers of {granted_bytes >> 10} KiB.")
    return warning(
        f"Media sockets get buffers of {granted_bytes >> 10} KiB, not {SOCKET_BUFFER_BYTES >> 10}: shows of "
        f"many viewers want net.core.rmem_max and net.core.wmem_max to be {SOCKET_BUFFER_BYTES >> 1}."
    )


def is_running(data: Path) -> bool:
    """Whether a supervisor works on the data folder."""
    try:
        orphans(data)
    except DataFolderBusy:
        return True
    return False


def check_ports(settings: Settings) -> list[Finding]:
    """Take the ports for a moment."""
    findings = []
    try:
        if settings.fronts:
            hold_http_port(settings.host, settings.http_port).close()
            findings.append(fine(f"TCP port {settings.http_port} is free."))
    except LiveshopError as error:
        findings.append(fault(str(error)))
    try:
        if settings.medias:
            first = settings.media_port + settings.first_index if settings.media_port else 0
            port = free_media_port("0.0.0.0", first, settings.medias)
            findings.append(fine(f"Media port {port} is free."))
    except LiveshopError as error:
        findings.append(fault(str(error)))
    return findings


async def _redis(settings: Settings, environ: Mapping[str, str], *, running: bool) -> list[Finding]:
    if settings.redis_url is not None:
        return await check_redis(settings.redis_url, all_libraries(), settings.durability, settings.replicas)
    try:
        program = find_redis_server(settings.redis_server)
        folder = runtime_folder(settings.data, environ)
    except LiveshopError as error:
        return [fault(str(error))]
    version = ".".join(map(str, program.version))
    found = [fine(f"The embedded Redis is {program.path}, version {version}.")]
    if running:
        url = f"unix://{folder / 'redis.sock'}"
        found.extend(await check_redis(url, all_libraries(), settings.durability, settings.replicas))
    return found


async def _database(settings: Settings) -> list[Finding]:
    url = settings.effective_database_url()
    missing = missing_sqlite_file(url)
    if missing is not None:
        return [fine(f"The SQLite file {missing} is made at the first start.")]
    return await check_database(url)


def missing_sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite address if it is not there: looking must not make it."""
    path = Path(url.partition("///")[2])
    return path if url.startswith("sqlite") and not path.exists() else None


def check_reach(settings: Settings) -> list[Finding]:
    """Say what keeps people on other machines out; these are choices, not faults."""
    found = []
    if settings.host in {"127.0.0.1", "::1"} and settings.public_url is None:
        found.append(
            warning(f"Only this machine reaches the server, because LIVESHOP_HOST is {settings.host}.")
        )
    if settings.public_url is not None and settings.public_url.startswith("http://"):
        found.append(
            warning("LIVESHOP_PUBLIC_URL is http: browsers give a camera only over https or on localhost.")
        )
    if "sandbox" in settings.payments:
        found.append(warning("The sandbox payment provider is on: nobody pays real money."))
    calling = sorted(settings.payments & {"alipay", "stripe", "wechat_pay"})
    if calling and not (settings.public_url or "").startswith("https://"):
        found.append(warning(f"{_and(calling)} cannot send webhooks here: LIVESHOP_PUBLIC_URL is not https."))
    return found


def _and(names: list[str]) -> str:
    """Write names as a sentence has them: `a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
