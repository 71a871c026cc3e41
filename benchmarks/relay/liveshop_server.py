"""The real server: a shop with one show, published over WHIP and open to outside players over WHEP."""

import re
import time
from typing import Any

import httpx

from benchmarks.relay.descriptions import SOUND_TYPE, Features, description
from benchmarks.relay.http import Http
from benchmarks.relay.peer import MediaPeer
from streaming.transport.dtls_crypto import DtlsIdentity
from tests.liveshop.running_server import RunningServer

Json = dict[str, Any]
SDP = {"content-type": "application/sdp"}
VIDEO_TYPE = 96
PASSWORD = "correct horse battery staple"  # noqa: S105 of a server that lives for a minute


class LiveshopServer:
    """A running liveshop. `pid` is its media process, whose costs are measured."""

    name = "liveshop"
    sound_type, video_type = SOUND_TYPE, VIDEO_TYPE

    def __init__(self, server: RunningServer, shows: list[tuple[str, str]]) -> None:
        self._server = server
        self.shows = shows
        self.pid = server.marks()["media-0"].pid
        self.address = server.address

    def packets_out(self) -> int:
        """How many packets left so far."""
        return self.counted("packets_out")

    def counted(self, name: str) -> int:
        """Return one of the media process's counters. Raises `ValueError` when it tells none."""
        told = self._server.inside("media-0", "/metrics")
        match = re.search(rf"^streaming_{name}_total (\d+)".encode(), told, re.MULTILINE)
        if match is None:
            raise ValueError(f"no {name} among the media process's figures: {told[:200]!r}")
        return int(match[1])


def open_shows(address: str, count: int) -> list[tuple[str, str]]:
    """Set up a shop; returns (show, stream key) of each show."""
    with httpx.Client(base_url=f"{address}/api/v1", timeout=30) as http:
        account = {"email": "owner@example.org", "password": PASSWORD, "name": "Olive"}
        session = _call(http, "POST", "/setup", {**account, "shop_name": "Bench", "currency": "USD"})
        http.headers["authorization"] = f"Bearer {session['access_token']}"
        shop = session["person"]["shops"][0]["id"]
        shows = []
        for number in range(count):
            body = {"title": f"Show {number}", "description": "", "starts_at_ms": time.time_ns() // 1_000_000}
            show = _call(http, "POST", f"/shops/{shop}/shows", {**body, "outside_players": True})
            _call(http, "POST", f"/shows/{show['id']}/start", None)
            shows.append((show["id"], _call(http, "GET", f"/shows/{show['id']}/stream-key", None)["key"]))
    return shows


def _call(http: httpx.Client, method: str, path: str, body: Json | None) -> Json:
    answer = http.request(method, path, json=body, headers={"idempotency-key": f"{path}-{time.time_ns()}"})
    answer.raise_for_status()
    found: Json = answer.json()
    return found


async def publish(http: Http, show: str, key: str, identity: DtlsIdentity, features: Features) -> MediaPeer:
    """Connect the publisher."""
    headers = {**SDP, "authorization": f"Bearer {key}"}
    return await _connect(http, f"/whip/{show}", MediaPeer(identity), "sendonly", headers, features)


async def watch(http: Http, show: str, identity: DtlsIdentity, features: Features) -> MediaPeer:
    """Connect one viewer."""
    return await _connect(http, f"/whep/{show}", MediaPeer(identity), "recvonly", SDP, features)


async def _connect(
    http: Http, path: str, peer: MediaPeer, direction: str, headers: dict[str, str], features: Features
) -> MediaPeer:
    types = {"audio": SOUND_TYPE, "video": VIDEO_TYPE}
    offer = description(peer, direction, setup="actpass", features=features, **types)
    answer = await http.post(path, offer, headers)
    if answer.status != 201:
        peer.close()
        raise ValueError(f"{path}: {answer.status} {answer.body[:200]}")
    await peer.connect(answer.body)
    return peer
