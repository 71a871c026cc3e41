"""The ICE-lite side of STUN (RFC 8445 section 2.5, RFC 8489): checks are read and answered.

A datagram is taken for a check only if header, length, method and class are right, its user name begins
with one of our fragments, and its integrity fits that fragment's password. Everything else is dropped
without an answer: an answer to a stranger could be aimed at somebody else.

Every viewer asks every few seconds, so this is written for it: a check is read, verified and answered in
11 us of a warm cache instead of 21 with aioice's messages. The tests hold it against those.
"""

import functools
import hmac
import ipaddress
from dataclasses import dataclass
from struct import pack, unpack_from
from zlib import crc32

HEADER_BYTES = 20
COOKIE, COOKIE_BYTES = 0x2112A442, b"\x21\x12\xa4\x42"
BINDING_REQUEST, BINDING_SUCCESS = 0x0001, 0x0101
MAX_CHECK_BYTES = 548
USERNAME, MESSAGE_INTEGRITY, XOR_MAPPED_ADDRESS = 0x0006, 0x0008, 0x0020
USE_CANDIDATE, FINGERPRINT, FINGERPRINT_XOR = 0x0025, 0x8028, 0x5354554E
DIGEST_BYTES, SIGNATURE_BYTES, FINGERPRINT_BYTES = 20, 24, 8
MAX_ATTRIBUTES_BEFORE_NAME = 8


@dataclass(slots=True, frozen=True)
class Check:
    """A well-formed check that names one of our fragments; its integrity is not yet known.

    `signature_at` is where its attribute MESSAGE-INTEGRITY begins; `nominates` whether the peer has chosen
    this path (USE-CANDIDATE).
    """

    data: bytes
    local_ufrag: str
    remote_ufrag: str
    nominates: bool
    signature_at: int


def named_fragment(data: bytes | bytearray, length: int) -> str | None:
    """Return the local fragment of what looks like a check, or None; `data` may be longer than `length`.

    This is all that a stranger's datagram costs: whether the fragment is ours is a look into a table, and
    only then is the message read. User names stand at or near the front (all clients put them first).
    """
    if not _looks_like_check(data, length):
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
    """Read a signed binding request with a user name, or None for anything else.

    What follows the signature is not covered by it and counts for nothing, but a fingerprint must be right.
    """
    if not _looks_like_check(data, len(data)):
        return None
    name, nominates, at = b"", False, HEADER_BYTES
    while at < len(data):
        attribute, size = unpack_from("!HH", data, at)
        value = at + 4
        if value + size > len(data):
            return None
        if attribute == MESSAGE_INTEGRITY:
            local, separator, remote = name.decode("utf-8", "replace").partition(":")
            if not separator or size != DIGEST_BYTES or not _has_right_fingerprint(data, value + size):
                return None
            return Check(data, local, remote, nominates, at)
        if attribute == USERNAME:
            name = data[value : value + size]
        elif attribute == USE_CANDIDATE:
            nominates = True
        at = value + size + -size % 4
    return None


def is_genuine(check: Check, password: bytes) -> bool:
    """Whether the sender knows our password."""
    data, at = check.data, check.signature_at
    covered = pack("!HH", BINDING_REQUEST, at + SIGNATURE_BYTES - HEADER_BYTES) + data[4:at]
    expected = hmac.digest(password, covered, "sha1")
    return hmac.compare_digest(expected, data[at + 4 : at + SIGNATURE_BYTES])


def build_answer(check: Check, password: bytes, address: tuple[str, int]) -> bytes:
    """Write the success response: the address the check came from, signed."""
    transaction, (host, port) = check.data[8:HEADER_BYTES], address
    packed = _packed(host)
    mask = (COOKIE_BYTES + transaction)[: len(packed)]
    hidden = int.from_bytes(packed, "big") ^ int.from_bytes(mask, "big")
    body = pack("!HHHH", XOR_MAPPED_ADDRESS, 4 + len(packed), len(packed) // 16 + 1, port ^ COOKIE >> 16)
    body += hidden.to_bytes(len(packed), "big")
    head = pack("!HHI", BINDING_SUCCESS, len(body) + SIGNATURE_BYTES, COOKIE) + transaction
    body += pack("!HH", MESSAGE_INTEGRITY, DIGEST_BYTES) + hmac.digest(password, head + body, "sha1")
    head = pack("!HHI", BINDING_SUCCESS, len(body) + FINGERPRINT_BYTES, COOKIE) + transaction
    return head + body + pack("!HHI", FINGERPRINT, 4, crc32(head + body) ^ FINGERPRINT_XOR)


@functools.lru_cache(maxsize=4096)
def _packed(host: str) -> bytes:
    return ipaddress.ip_address(host).packed


def _looks_like_check(data: bytes | bytearray, length: int) -> bool:
    if not HEADER_BYTES <= length <= MAX_CHECK_BYTES:
        return False
    kind, size, cookie = unpack_from("!HHI", data)
    return (kind, cookie, size) == (BINDING_REQUEST, COOKIE, length - HEADER_BYTES) and length % 4 == 0


def _has_right_fingerprint(data: bytes, at: int) -> bool:
    """Whether the first fingerprint from `at` on, if there is one, is that of all before it."""
    while at < len(data):
        attribute, size = unpack_from("!HH", data, at)
        if at + 4 + size > len(data):
            return False
        if attribute == FINGERPRINT:
            return data[at + 4 : at + 4 + size] == pack("!I", crc32(data[:at]) ^ FINGERPRINT_XOR)
        at += 4 + size + -size % 4
    return True
