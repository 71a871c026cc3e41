"""The asking side of STUN (RFC 8445, RFC 8489), for the edge of a trunk: checks are sent, answers read.

Peers' own checks are answered by `streaming.transport.ice_lite`.
"""

from struct import error as struct_error

from aioice import stun

from streaming.transport.ice_lite import HEADER_BYTES, MAX_CHECK_BYTES


def build_check(ufrag: str, password: bytes, *, nominates: bool) -> tuple[bytes, bytes]:
    """Write a check for a peer's fragment; returns its transaction id and the datagram."""
    message = stun.Message(
        stun.Method.BINDING,
        stun.Class.REQUEST,
        attributes={"USERNAME": f"{ufrag}:edge", "PRIORITY": 1, "ICE-CONTROLLING": 1},
    )
    if nominates:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(password)
    return message.transaction_id, bytes(message)


def answered_check(data: bytes, password: bytes) -> bytes | None:
    """Return the transaction id of the check that a genuine success response answers, else None."""
    if not HEADER_BYTES <= len(data) <= MAX_CHECK_BYTES:
        return None
    try:
        message = stun.parse_message(data)
    except (ValueError, struct_error, LookupError):
        return None
    is_answer = message.message_method is stun.Method.BINDING and message.message_class is stun.Class.RESPONSE
    if not is_answer or "MESSAGE-INTEGRITY" not in message.attributes:
        return None
    return message.transaction_id if message.check_message_integrity(password) else None
