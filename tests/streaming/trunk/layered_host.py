"""A publisher of simulcast layers, packet by packet."""

import contextlib
from collections.abc import AsyncIterator

import httpx

from streaming.rtp.packet import RtpPacket
from tests.streaming.raw_peer import VP8, RawPeer, connected

RIDS = ("q", "f")
RID_ID = 9


class LayeredHost(RawPeer):
    """Sends the layers `RIDS`; the SSRC of layer i is `layer_ssrc(i)`."""

    def offer(self) -> str:
        """Name the layers in the video section."""
        lines = [line for line in super().offer().splitlines() if not line.startswith("a=ssrc")]
        rids = [f"a=rid:{rid} send" for rid in RIDS]
        extension = f"a=extmap:{RID_ID} urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
        return "\r\n".join([*lines, extension, *rids, f"a=simulcast:send {';'.join(RIDS)}"]) + "\r\n"

    def layer_ssrc(self, layer: int) -> int:
        """Tell a layer's SSRC."""
        return 1_000_000 + layer

    async def send_layer(self, layer: int, sequence: int, payload: bytes, timestamp: int) -> None:
        """Send one packet of a layer."""
        extensions = {RID_ID: RIDS[layer].encode()}
        number = self.videos[0].payload_type
        ssrc = self.layer_ssrc(layer)
        await self.send(RtpPacket(True, number, sequence, timestamp, ssrc, payload, extensions))


@contextlib.asynccontextmanager
async def layered_host(http: httpx.AsyncClient, show: str = "s1") -> AsyncIterator[LayeredHost]:
    """Publish with two layers."""
    peer = LayeredHost("sendonly", [VP8])
    async with connected(peer, http, f"/whip/{show}"):
        yield peer
