"""Why a websocket of the room was closed, and whether to come back.

4000-4499: come back (after a random wait). 4500-4999: do not, something must change first. Browsers cannot
see HTTP status of a refused handshake, so the server accepts and then closes with one of these.
"""

from enum import IntEnum


class CloseCode(IntEnum):
    """Close codes of `/ws/shows/{show}`."""

    DRAIN = 4000
    TOO_SLOW = 4001
    HEARTBEAT_MISSED = 4002
    SERVER_ERROR = 4003
    RATE_LIMITED = 4008
    BAD_MESSAGE = 4500
    HELLO_MISSING = 4501
    UNAUTHORISED = 4502
    BANNED = 4503
    NO_SUCH_SHOW = 4504
    ORIGIN_REFUSED = 4505
    VERSION = 4506
    TOO_MANY_CONNECTIONS = 4507
    SIGNED_OUT = 4508

    @property
    def come_back(self) -> bool:
        """Whether a client should reconnect by itself."""
        return self < 4500


EXPLANATIONS: dict[CloseCode, str] = {
    CloseCode.DRAIN: "This server process is going away; another one is ready.",
    CloseCode.TOO_SLOW: "The client read more slowly than the room speaks; it may also see 1006.",
    CloseCode.HEARTBEAT_MISSED: "No frame came from the client for 11 seconds, no answer to the ping either.",
    CloseCode.SERVER_ERROR: "The server failed; it has counted and logged the reason.",
    CloseCode.RATE_LIMITED: "Too many frames, or too many sockets at once; wait before coming back.",
    CloseCode.BAD_MESSAGE: "Not a JSON text frame of this protocol, or too many wrong messages.",
    CloseCode.HELLO_MISSING: "The first frame must be a hello and come within 10 seconds.",
    CloseCode.UNAUTHORISED: "The token is wrong, or expired and was not refreshed; get another first.",
    CloseCode.BANNED: "The person is banned from this shop's shows.",
    CloseCode.NO_SUCH_SHOW: "There is no such show.",
    CloseCode.ORIGIN_REFUSED: "Pages of this origin may not connect.",
    CloseCode.VERSION: "The client asked for a protocol version this server does not speak.",
    CloseCode.TOO_MANY_CONNECTIONS: "This person has too many sockets open.",
    CloseCode.SIGNED_OUT: "The person signed out on this device.",
}
