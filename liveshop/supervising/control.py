"""What a supervisor and its children say to each other, one JSON object a line over a socket pair.

The socket is also the sign of life: its end means that the other side is gone. The fork server tells its news
in packets of one object each; what it is asked is a child's name, with that child's socket.
Pure: encodes and decodes.
"""

from dataclasses import replace

import msgspec

from liveshop.settings.settings import Settings


class Go(msgspec.Struct, frozen=True, tag="go"):
    """Supervisor: everything is prepared, start. Holds what was decided for this start."""

    name: str
    boot_id: str
    home: str
    folder: str
    redis_url: str
    database_url: str
    secret: str
    http_port: int
    media_port: int
    payments: tuple[str, ...] = ()
    log_level: str = "info"
    demo: bool = False

    def over(self, settings: Settings) -> Settings:
        """Return the settings of the environment with what was decided for this start."""
        return replace(
            settings,
            http_port=self.http_port,
            media_port=self.media_port,
            payments=frozenset(self.payments),
            log_level=self.log_level,
        )


class Drain(msgspec.Struct, frozen=True, tag="drain"):
    """Supervisor: no new sales; tell those connected to come back."""


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    """Supervisor: finish and end."""


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """Child: it serves."""


class Drained(msgspec.Struct, frozen=True, tag="drained"):
    """Child: what was under way is done."""


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """Child: it cannot start, and why, in one sentence."""

    reason: str


class Said(msgspec.Struct, frozen=True, tag="said"):
    """Child: a line for the person at the terminal."""

    text: str


class Imported(msgspec.Struct, frozen=True, tag="imported"):
    """Fork server: it can fork from now on."""


class Forked(msgspec.Struct, frozen=True, tag="forked"):
    """Fork server: the child that was asked for longest ago has begun."""

    pid: int


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """Fork server: a child has ended; `code` is negative for a signal."""

    pid: int
    code: int


Order = Go | Drain | Stop
Answer = Ready | Drained | Failed | Said
News = Imported | Forked | Ended

PACKET_BYTES = 256
"""No news is longer."""

decode_order = msgspec.json.Decoder(Order).decode
decode_answer = msgspec.json.Decoder(Answer).decode
decode_news = msgspec.json.Decoder(News).decode


def line(message: Order | Answer) -> bytes:
    """Encode one message as a line."""
    return msgspec.json.encode(message) + b"\n"


def packet(news: News) -> bytes:
    """Encode the fork server's news as a packet."""
    return msgspec.json.encode(news)
