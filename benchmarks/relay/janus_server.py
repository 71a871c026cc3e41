"""Janus' streaming plugin with the same source: Debian's package, one event loop, ICE-lite.

Packets go into a mountpoint of plain RTP; viewers come through the HTTP API (create, attach, watch, start).
Janus passes the loopback interface over, so it needs the namespace of `own_network.py`.
"""

import json
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from benchmarks.own_network import ADDRESS, INTERFACE
from benchmarks.relay.descriptions import SOUND_TYPE, description
from benchmarks.relay.http import Http
from benchmarks.relay.peer import MediaPeer
from streaming.transport.dtls_crypto import DtlsIdentity

HTTP_PORT, SOUND_PORT, VIDEO_PORT = 18088, 15002, 15004
VIDEO_TYPE = 100
CONFIGURATION = Path("/etc/janus")
JSON = {"content-type": "application/json"}
START_LIMIT_S = 20


class JanusServer:
    """A running Janus, killed by `close`."""

    name = "janus"
    sound_type, video_type = SOUND_TYPE, VIDEO_TYPE

    def __init__(self, root: Path) -> None:
        folder = root / "janus"
        folder.mkdir()
        _write(folder)
        self._log = (folder / "log").open("wb")
        command = ["janus", f"--configs-folder={folder}", "--disable-colors"]
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        self.pid = self._process.pid

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._log.close()


def is_installed() -> bool:
    """Whether there is a Janus to compare with."""
    return shutil.which("janus") is not None and CONFIGURATION.is_dir()


def _write(folder: Path) -> None:
    plugins = Path(shutil.which("janus") or "").parents[1]
    found = next(plugins.glob("lib/*/janus/plugins/libjanus_streaming.so"))
    (folder / "janus.jcfg").write_text(
        f'general: {{ plugins_folder = "{found.parent}" transports_folder = "{found.parents[1]}/transports" '
        f'events_folder = "{found.parents[1]}/events" loggers_folder = "{found.parents[1]}/loggers" '
        "event_loops = 1 debug_level = 3 }\n"
        f'nat: {{ ice_lite = true ice_enforce_list = "{INTERFACE}" nice_debug = false }}\n'
        'plugins: { disable = "libjanus_audiobridge.so,libjanus_duktape.so,libjanus_echotest.so,'
        "libjanus_lua.so,libjanus_nosip.so,libjanus_recordplay.so,libjanus_sip.so,libjanus_textroom.so,"
        'libjanus_videocall.so,libjanus_videoroom.so,libjanus_voicemail.so" }\n'
        'transports: { disable = "libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,'
        'libjanus_rabbitmq.so,libjanus_websockets.so" }\n'
    )
    (folder / "janus.transport.http.jcfg").write_text(
        f'general: {{ json = "compact" base_path = "/janus" http = true port = {HTTP_PORT} '
        'ip = "127.0.0.1" https = false }\n'
    )
    (folder / "janus.plugin.streaming.jcfg").write_text(
        'show: { type = "rtp" id = 1 audio = true video = true '
        f'audioport = {SOUND_PORT} audiopt = {SOUND_TYPE} audiocodec = "opus" '
        f'videoport = {VIDEO_PORT} videopt = {VIDEO_TYPE} videocodec = "vp8" iface = "{ADDRESS}" }}\n'
    )


async def watch(http: Http, identity: DtlsIdentity) -> MediaPeer:
    """Connect one viewer of the mountpoint."""
    session = (await _ask(http, "/janus", {"janus": "create"}))["data"]["id"]
    plugin = {"janus": "attach", "plugin": "janus.plugin.streaming"}
    handle = (await _ask(http, f"/janus/{session}", plugin))["data"]["id"]
    path = f"/janus/{session}/{handle}"
    await _ask(http, path, {"janus": "message", "body": {"request": "watch", "id": 1}})
    offer = await _next_offer(http, session)
    peer = MediaPeer(identity)
    peer.socket.bind((ADDRESS, 0))
    answer = description(peer, "recvonly", setup="active", audio=SOUND_TYPE, video=VIDEO_TYPE)
    answer = _with_candidate(_with_mids_of(offer, answer), peer)
    jsep = {"type": "answer", "sdp": answer}
    await _ask(http, path, {"janus": "message", "body": {"request": "start"}, "jsep": jsep})
    await peer.connect(offer)
    return peer


async def _ask(http: Http, path: str, body: Mapping[str, object]) -> dict[str, dict[str, int]]:
    whole = {**body, "transaction": secrets.token_hex(6)}
    answer = await http.post(path, json.dumps(whole), JSON)
    found: dict[str, dict[str, int]] = json.loads(answer.body)
    return found


async def _next_offer(http: Http, session: int) -> str:
    while True:
        answer = await http.get(f"/janus/{session}?maxev=1")
        event = json.loads(answer.body)
        for one in event if isinstance(event, list) else [event]:
            if "jsep" in one:
                return str(one["jsep"]["sdp"])


def _with_mids_of(offer: str, answer: str) -> str:
    mids = [line[6:] for line in offer.splitlines() if line.startswith("a=mid:")]
    answer = answer.replace("a=mid:0", f"a=mid:{mids[0]}").replace("a=mid:1", f"a=mid:{mids[1]}")
    return answer.replace("BUNDLE 0 1", "BUNDLE " + " ".join(mids))


def _with_candidate(answer: str, peer: MediaPeer) -> str:
    """Name our address: Janus' ICE does not learn it from checks alone."""
    host, port = peer.socket.getsockname()
    return answer.replace(
        "a=rtcp-mux\r\n", f"a=rtcp-mux\r\na=candidate:1 1 udp 2130706431 {host} {port} typ host\r\n"
    )
