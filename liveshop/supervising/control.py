"""What a supervisor and its child say to each other, one JSON object a line over a socket pair.

The socket is also the sign of life: its end means that the other side is gone. Pure: encodes and decodes.
"""

from dataclasses import replace

import msgspec

from liveshop.settings.settings import Settings


class Go(msgspec.Struct, frozen=True, tag="go"):
    """Supervisor: everything is prepared, start. Holds what was decided for this start.

    `name` is "front-0": a spare process learns only here what it is.
    """

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


Order = Go | Drain | Stop
Answer = Ready | Drained | Failed | Said

decode_order = msgspec.json.Decoder(Order).decode
decode_answer = msgspec.json.Decoder(Answer).decode


def line(message: Order | Answer) -> bytes:
    """Encode one message as a line."""
    return msgspec.json.encode(message) + b"\n"
