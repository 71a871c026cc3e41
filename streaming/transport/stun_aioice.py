"""The ICE-lite side of STUN (RFC 8445 section 2.5, RFC 8489): checks are answered.

Only the edge of a trunk (`streaming.trunk`) sends some: `build_check` and `answered_check` are for it.

A datagram is taken for a check only if header, length, method and class are right, its user name begins
with one of our fragments, and its integrity fits that fragment's password. Everything else is dropped
without an answer: an answer to a stranger could be aimed at somebody else.
"""

import hmac
import ipaddress
from dataclasses import dataclass
from struct import error as struct_error
from struct import pack, unpack_from
from zlib import crc32

from aioice import stun

HEADER_BYTES = 20
BINDING_REQUEST, BINDING_SUCCESS = 0x0001, 0x0101
MAX_CHECK_BYTES = 548
USERNAME, MESSAGE_INTEGRITY, XOR_MAPPED_ADDRESS, FINGERPRINT = 0x0006, 0x0008, 0x0020, 0x8028
SIGNATURE_BYTES, FINGERPRINT_BYTES = 24, 8
MAX_ATTRIBUTES_BEFORE_NAME = 8


@dataclass(slots=True, frozen=True)
class Check:
    """A well-formed check that names one of our fragments; its integrity is not yet known."""

    message: stun.Message
    local_ufrag: str
    remote_ufrag: str

    @property
    def nominates(self) -> bool:
        """Whether the peer has chosen this path (USE-CANDIDATE)."""
        return "USE-CANDIDATE" in self.message.attributes


def named_fragment(data: bytes | bytearray, length: int) -> str | None:
    """Return the local fragment of what looks like a check, or None; `data` may be longer than `length`.

    This is all that a stranger's datagram costs: whether the fragment is ours is a look into a table, and
    only then is the message parsed. User names stand at or near the front (all clients put them first).
    """
    if not HEADER_BYTES <= length <= MAX_CHECK_BYTES:
        return None
    kind, size, cookie = unpack_from("!HHI", data)
    if kind != BINDING_REQUEST or cookie != stun.COOKIE or size + HEADER_BYTES != length or size % 4:
        return None
    at = HEADER_BYTES
    for _ in range(MAX_ATTRIBUTES_BEFORE_NAME):
        if at + 4 > length:
            return None
        attribute, size = unpack_from("!HH", data, at)
        if attribute == USERNAME:
            name = bytes(data[at + 4 : at + 4 + size]) if at + 4 + size <= length else b""
            return name.partition(b":")[0].decode("ascii", "replace") or None
        at += 4 + size + -size % 4
    return None


def read_check(data: bytes) -> Check | None:
    """Read a binding request with a user name, or None for anything else."""
    if not HEADER_BYTES <= len(data) <= MAX_CHECK_BYTES:
        return None
    kind, length, cookie = unpack_from("!HHI", data)
    if kind != BINDING_REQUEST or cookie != stun.COOKIE or length + HEADER_BYTES != len(data) or length % 4:
        return None
    try:
        message = stun.parse_message(data)
    except (ValueError, struct_error, LookupError):
        return None
    local, separator, remote = message.attributes.get("USERNAME", "").partition(":")
    if not separator or "MESSAGE-INTEGRITY" not in message.attributes:
        return None
    return Check(message, local, remote)


def is_genuine(check: Check, password: bytes) -> bool:
    """Whether the sender knows our password."""
    return check.message.check_message_integrity(password)


def build_answer(check: Check, password: bytes, address: tuple[str, int]) -> bytes:
    """Write the success response: the address the check came from, signed.

    Byte for byte what aioice writes, in 5 us instead of 18: each viewer asks every few seconds.
    """
    transaction, (host, port) = check.message.transaction_id, address
    packed = ipaddress.ip_address(host).packed
    mask = (stun.COOKIE.to_bytes(4, "big") + transaction)[: len(packed)]
    hidden = int.from_bytes(packed, "big") ^ int.from_bytes(mask, "big")
    body = pack("!HHHH", XOR_MAPPED_ADDRESS, 4 + len(packed), len(packed) // 16 + 1, port ^ stun.COOKIE >> 16)
    body += hidden.to_bytes(len(packed), "big")
    head = pack("!HHI", BINDING_SUCCESS, len(body) + SIGNATURE_BYTES, stun.COOKIE) + transaction
    signature = hmac.digest(password, head + body, "sha1")
    body += pack("!HH", MESSAGE_INTEGRITY, len(signature)) + signature
    head = pack("!HHI", BINDING_SUCCESS, len(body) + FINGERPRINT_BYTES, stun.COOKIE) + transaction
    fingerprint = crc32(head + body) ^ stun.FINGERPRINT_XOR
    return head + body + pack("!HHI", FINGERPRINT, 4, fingerprint)


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
