"""A viewer by aiortc: it decodes VP8, H.264 and Opus, and so judges publishers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import numpy as np
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, VideoFrame
from numpy.typing import NDArray

LIMIT_S = 20.0
SOUND_ABOVE = 0.01
BRIGHT_ABOVE = 100
CHANGED_POINTS = 20


@dataclass
class AiortcViewer:
    """A connected viewer; it counts from the first picture and the first sound it decodes."""

    session: httpx.URL
    pictures: list[NDArray[np.int16]] = field(default_factory=list)
    sounds: list[NDArray[np.int16]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, track: MediaStreamTrack) -> None:
        """Decode a track to its end."""
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, VideoFrame):
                    self.pictures.append(np.asarray(frame.reformat(64, 64, "gray").to_ndarray(), np.int16))
                elif isinstance(frame, AudioFrame):
                    self.sounds.append(np.asarray(frame.to_ndarray(), np.int16))
                self.arrived.set()

    async def sees_and_hears(self, pictures: int = 20) -> None:
        """Wait for so many more pictures: bright, moving, and with a sound that is no silence."""
        seen, heard = len(self.pictures), len(self.sounds)
        async with asyncio.timeout(LIMIT_S):
            while len(self.pictures) < seen + pictures or not self._loud(heard):
                self.arrived.clear()
                await self.arrived.wait()
        first, *others = self.pictures[seen:]
        assert np.any(first > BRIGHT_ABOVE)
        assert max(np.count_nonzero(abs(first - other) > 8) for other in others) > CHANGED_POINTS

    def _loud(self, since: int) -> bool:
        return any(np.abs(sound.astype(int)).max() > SOUND_ABOVE * 32768 for sound in self.sounds[since:])


@contextlib.asynccontextmanager
async def watching(server: str, show: str) -> AsyncIterator[AiortcViewer]:
    """Watch a show until the block ends; the session is deleted then."""
    connection = RTCPeerConnection()
    async with httpx.AsyncClient(base_url=server) as http:
        for kind in ("audio", "video"):
            connection.addTransceiver(kind, direction="recvonly")
        await connection.setLocalDescription(await connection.createOffer())
        headers = {"Content-Type": "application/sdp"}
        offer = connection.localDescription.sdp
        response = await http.post(f"/whep/{show}", content=offer, headers=headers)
        assert response.status_code == 201, response.text
        viewer = AiortcViewer(httpx.URL(response.headers["location"]))
        readers: list[asyncio.Task[None]] = []
        connection.on("track", lambda track: readers.append(asyncio.create_task(viewer.read(track))))
        await connection.setRemoteDescription(RTCSessionDescription(response.text, "answer"))
        try:
            yield viewer
            assert (await http.delete(viewer.session)).status_code == 200
        finally:
            await connection.close()
            await asyncio.gather(*readers)
