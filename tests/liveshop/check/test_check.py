"""`check`: good settings, and a dozen broken ones."""

import contextlib
import io
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from liveshop.check.check import check, check_buffers, check_reach, check_sending
from liveshop.check.database_sql import newest_revision, state_finding
from liveshop.check.primaries_redis import functions_findings, memory_findings, version_findings
from liveshop.settings.settings import Settings
from streaming.transport.batch_native import Way
from streaming.transport.media_udp import SOCKET_BUFFER_BYTES
from tests.liveshop.running_server import ROOT, clean_environment, running


@dataclass(frozen=True)
class Checked:
    """What a check said."""

    code: int
    faults: list[str]
    warnings: list[str]
    fine: list[str]


def checked(data: Path, settings: Mapping[str, str]) -> Checked:
    """Check as the command does, in this process."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = check({**clean_environment(), "LIVESHOP_DATA": str(data), **settings})
    lines = printed.getvalue().splitlines()
    by_mark = {
        mark: [line.partition(mark)[2].strip() for line in lines if line.startswith(mark)]
        for mark in ("fault", "warning", "ok")
    }
    assert sum(map(len, by_mark.values())) == len(lines)
    return Checked(code, by_mark["fault"], by_mark["warning"], by_mark["ok"])


def test_the_command_prints_the_same_and_tells_by_its_exit_code(tmp_path: Path) -> None:
    """`python -m liveshop check` prints findings and no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "liveshop", "check"],
        cwd=ROOT,
        env={**clean_environment(), "LIVESHOP_DATA": str(tmp_path), "LIVESHOP_PAYMENTS": "paypal"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("fault   LIVESHOP_PAYMENTS names the unknown provider 'paypal'")


def test_good_settings_have_no_fault(tmp_path: Path) -> None:
    """On an empty folder everything is fine, and nothing is made but the folder."""
    found = checked(tmp_path / "data", {})
    assert (found.code, found.faults) == (0, [])
    assert any("made at the first start" in text for text in found.fine)
    assert list((tmp_path / "data").iterdir()) == []


def test_good_stores_have_no_fault(tmp_path: Path, redis_plain_url: str, database_url: str) -> None:
    """A Redis and a migrated database by address are looked into."""
    with redis.Redis.from_url(redis_plain_url) as client:
        client.config_set("appendonly", "yes")
        client.config_set("appendfsync", "always")
        client.config_set("maxmemory-policy", "noeviction")
        found = checked(tmp_path, {"REDIS_URL": redis_plain_url, "DATABASE_URL": database_url})
        client.config_set("appendonly", "no")
    assert (found.code, found.faults) == (0, [])
    assert any("keeps every acknowledged write and evicts nothing." in text for text in found.fine)
    assert any(f"revision {newest_revision()}, the newest" in text for text in found.fine)


def test_beside_a_running_server_its_ports_are_no_fault(tmp_path: Path) -> None:
    """The running server's own Redis is looked into."""
    with running(tmp_path) as server:
        port = server.address.rpartition(":")[2]
        found = checked(tmp_path, {"LIVESHOP_HTTP_PORT": port})
    assert (found.code, found.faults) == (0, [])
    assert any("The server is running" in text for text in found.fine)
    assert any(
        "has the Function libraries of this release: liveshop_server_1, " in text for text in found.fine
    )


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"LIVESHOP_HTTPPORT": "80"}, "LIVESHOP_HTTPPORT is not a setting of liveshop"),
        ({"LIVESHOP_HTTP_PORT": "http"}, "LIVESHOP_HTTP_PORT must be a port number"),
        ({"LIVESHOP_SECRET": "secret"}, "LIVESHOP_SECRET must have at least 32 characters"),
        ({"LIVESHOP_PAYMENTS": "paypal"}, "unknown provider 'paypal'"),
        ({"LIVESHOP_TRUSTED_PROXIES": "all"}, "LIVESHOP_TRUSTED_PROXIES must be"),
        ({"REDIS_URL": "redis://127.0.0.1:1"}, "Redis at redis://127.0.0.1:1 cannot be used"),
        ({"REDIS_URL": "unix:///nowhere/redis.sock"}, "cannot be used"),
        ({"DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/d"}, "The database at"),
        ({"DATABASE_URL": "mysql://h/d"}, "DATABASE_URL must begin with"),
        ({"LIVESHOP_SMTP_URL": "smtp://127.0.0.1:1"}, "The mail server 127.0.0.1:1 cannot be used"),
        ({"LIVESHOP_REDIS_SERVER": "/bin/true"}, "/bin/true, which is no redis-server"),
        ({"LIVESHOP_HOST": "203.0.113.1"}, "TCP port 0 on 203.0.113.1 cannot be used"),
        ({"LIVESHOP_DATA": "/dev/null/data"}, "The data folder /dev/null/data cannot be written"),
        ({"LIVESHOP_MEDIAS": "0", "LIVESHOP_FRONTS": "0"}, "REDIS_URL must be set"),
    ],
)
def test_a_broken_setting_is_one_sentence(tmp_path: Path, settings: dict[str, str], sentence: str) -> None:
    """Each fault is named alone, without a traceback and without a password."""
    found = checked(tmp_path, settings)
    assert found.code == 1
    assert len(found.faults) == 1
    assert sentence in found.faults[0]
    assert "hunter2" not in found.faults[0]


def test_a_taken_port_is_a_fault(tmp_path: Path) -> None:
    """Another program's port is named."""
    with socket.socket() as other, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packets:
        other.bind(("127.0.0.1", 0))
        other.listen()
        packets.bind(("0.0.0.0", 0))
        http, media = other.getsockname()[1], packets.getsockname()[1]
        found = checked(tmp_path, {"LIVESHOP_HTTP_PORT": str(http), "LIVESHOP_MEDIA_PORT": str(media)})
    assert len(found.faults) == 2
    assert found.faults[0].startswith(f"TCP port {http} is taken")
    assert found.faults[1].startswith(f"UDP port {media} is taken")


def test_a_redis_that_evicts_or_forgets_is_a_fault(tmp_path: Path, redis_plain_url: str) -> None:
    """Eviction sells stock twice; without an append-only file a crash loses holds."""
    with redis.Redis.from_url(redis_plain_url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        found = checked(tmp_path, {"REDIS_URL": redis_plain_url})
        client.config_set("maxmemory-policy", "noeviction")
    assert found.code == 1
    assert any("maxmemory-policy allkeys-lru" in text for text in found.faults)
    assert any("appendonly no" in text for text in found.faults)


@pytest.mark.parametrize(
    ("info", "mark", "words"),
    [
        ({"redis_version": "6.2.14", "role": "master"}, "fault", "7.0 or newer is needed"),
        ({"redis_version": "7.0.0", "role": "master"}, "ok", "Redis 7.0.0 answers"),
        (
            {"redis_version": "7.2.4", "server_name": "valkey", "valkey_version": "8.1.0"},
            "ok",
            "Valkey 8.1.0",
        ),
        ({"redis_version": "7.4.0", "role": "slave"}, "fault", "is a replica"),
    ],
)
def test_versions_and_roles(info: dict[str, str], mark: str, words: str) -> None:
    """Too old, new enough, Valkey, and a replica."""
    finding = version_findings(info, "redis://h")[-1]
    assert finding.mark == mark
    assert words in finding.sentence


def test_a_full_redis_is_a_warning() -> None:
    """From 80% of its limit on it is said; without a limit it is not."""
    assert memory_findings({"maxmemory": 100, "used_memory": 80}, "h") == []
    assert "81%" in memory_findings({"maxmemory": 100, "used_memory": 81}, "h")[0].sentence
    assert memory_findings({"maxmemory": 0, "used_memory": 81}, "h") == []


def test_other_sources_of_a_function_library_are_a_warning() -> None:
    """A library of the same name that differs is replaced by the next start."""
    assert "of this release: a." in functions_findings({"a": "1"}, [("a", "1")], "h")[0].sentence
    assert "not all loaded" in functions_findings({}, [("a", "1")], "h")[0].sentence
    assert "other sources for a" in functions_findings({"a": "2"}, [("a", "1")], "h")[0].sentence


def test_data_of_a_newer_release_is_a_fault() -> None:
    """An older release than the data needs must not touch it."""
    assert state_finding("0001", "0001", "99.0.0").mark == "fault"
    assert state_finding("0001", "0002", "0.1.0").mark == "ok"
    assert "0002" in state_finding("0001", "0002", "0.1.0").sentence


def test_user_add_makes_the_first_administrator(tmp_path: Path) -> None:
    """Twice is harmless; a bad password is one sentence."""
    environ = {**clean_environment(), "LIVESHOP_DATA": str(tmp_path)}

    def add(password: str, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "liveshop", "user", "add", "ana@example.org", "--password-stdin", *words],
            cwd=ROOT,
            env=environ,
            input=password + os.linesep,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    short = add("short")
    assert (short.returncode, short.stdout) == (1, "")
    assert short.stderr.startswith("liveshop: ana@example.org was not added: ")
    assert add("correct horse battery").stdout == "Added ana@example.org.\n"
    assert add("correct horse battery").returncode == 1
    assert "now an administrator" in add("another password", "--admin").stdout


def test_small_buffers_are_a_warning_that_names_the_settings() -> None:
    """Linux grants 416 KiB by default."""
    small, whole = check_buffers(425_984), check_buffers(SOCKET_BUFFER_BYTES)
    assert (small.mark, whole.mark) == ("warning", "ok")
    assert "416 KiB" in small.sentence
    assert "net.core.wmem_max to be 4194304" in small.sentence


def test_it_says_how_media_packets_leave() -> None:
    """The best way is fine, the others cost more and say so."""
    found = {way: check_sending(way) for way in Way}
    assert [found[way].mark for way in (Way.SEGMENTED, Way.MANY, Way.ONE)] == ["ok", "warning", "warning"]
    assert all(way.value in finding.sentence for way, finding in found.items())


@pytest.mark.parametrize(
    ("url", "warned"), [(None, True), ("http://shop.test", True), ("https://shop.test", False)]
)
def test_providers_that_call_back_need_a_public_address(
    tmp_path: Path, url: str | None, warned: bool
) -> None:
    """Stripe, Alipay and WeChat Pay send webhooks over https only; the sandbox needs nothing."""
    calling = Settings(data=tmp_path, public_url=url, payments=frozenset({"stripe", "alipay", "wechat_pay"}))
    said = [one.sentence for one in check_reach(calling) if "webhooks" in one.sentence]
    sentence = "alipay, stripe and wechat_pay cannot send webhooks here: LIVESHOP_PUBLIC_URL is not https."
    assert said == ([sentence] if warned else [])
    quiet = Settings(data=tmp_path, public_url=url, payments=frozenset({"sandbox", "bank_transfer"}))
    assert not any("webhooks" in one.sentence for one in check_reach(quiet))
