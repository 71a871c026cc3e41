"""SRTP through libsrtp, in place, in buffers that are kept (RFC 3711, RFC 7714, RFC 5764).

`pylibsrtp.Session` copies each packet twice, allocates a length for each call and refuses packets over
1356 bytes. Its binding, called directly, costs 1.3 us for 1,112 bytes (AES-128-GCM) instead of 3.2 us.

Nonces: with AES-GCM the same SSRC, rollover counter and sequence number must never protect two different
packets. The forwarder gives every viewer sequence numbers that only grow, and a plain repeat is the same
packet byte for byte.

Memory: what libsrtp holds of a viewer for sending (4.4 KiB in some fifteen pieces) is no longer in the cache
when its next packet comes, for hundreds of others and the kernel were there in between. Among what handshakes
leave behind, each piece lies on a page of its own: 1.9 us for a packet of sound instead of the 0.45 that
libsrtp takes when all is at hand (docs/decisions/0021). glibc gives a thread's allocations a heap of their
own, so sending ends are made in a thread that does nothing else, and lie side by side.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pylibsrtp
from pylibsrtp import _binding

ffi: Any = _binding.ffi
lib: Any = _binding.lib
MAX_PACKET_BYTES = 2048
TRAILER_BYTES = 148
# Behind an RTCP packet stand its index and the tag.
RTCP_INDEX_BYTES = 4
# How far back, in packets, a late one is taken, and one may be repeated plainly (2 s at 3 Mb/s; with RTX only
# sound is, 50 packets a second). libsrtp shifts the window at each packet: 77 ns of sending for 1,024.
RECEIVED_WINDOW, SENT_WINDOW, SENT_WINDOW_WITH_RTX = 1024, 512, 128
protect: Any = lib.srtp_protect
_beside_each_other = ThreadPoolExecutor(1, thread_name_prefix="srtp-memory")


@dataclass(slots=True, frozen=True)
class Profile:
    """An SRTP protection profile by OpenSSL's name, with the lengths of its key material and of its tag."""

    openssl_name: bytes
    libsrtp_number: int
    key_bytes: int
    salt_bytes: int
    tag_bytes: int


PROFILES = (
    Profile(b"SRTP_AEAD_AES_128_GCM", pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 16, 12, 16),
    Profile(b"SRTP_AES128_CM_SHA1_80", pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 16, 14, 10),
    Profile(b"SRTP_AEAD_AES_256_GCM", pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 32, 12, 16),
)


class Scratch:
    """One buffer of a process for packets that are protected or opened one at a time."""

    __slots__ = ("bytes", "length", "pointer", "view")

    def __init__(self) -> None:
        self.bytes = bytearray(MAX_PACKET_BYTES)
        self.view = memoryview(self.bytes)
        self.pointer: Any = ffi.from_buffer("char[]", self.bytes)
        self.length: Any = ffi.new("int *")


class SrtpEnd:
    """The keys of one direction of one peer. `context` is what `srtp_protect` takes."""

    __slots__ = ("_holder", "_policy", "context", "profile", "rtcp_trailer_bytes")

    def __init__(
        self, profile: Profile, key_and_salt: bytes, *, inbound: bool, window: int | None = None
    ) -> None:
        kind = pylibsrtp.Policy.SSRC_ANY_INBOUND if inbound else pylibsrtp.Policy.SSRC_ANY_OUTBOUND
        self.profile = profile
        self.rtcp_trailer_bytes = RTCP_INDEX_BYTES + profile.tag_bytes
        self._policy = pylibsrtp.Policy(key=key_and_salt, ssrc_type=kind, srtp_profile=profile.libsrtp_number)
        self._policy.allow_repeat_tx = True
        self._policy.window_size = window or (RECEIVED_WINDOW if inbound else SENT_WINDOW)
        holder = ffi.new("srtp_t *")
        if lib.srtp_create(holder, self._policy._policy) != 0:  # noqa: SLF001 the binding's own struct
            raise MemoryError("libsrtp could not make a session")
        self._holder: Any = ffi.gc(holder, lambda pointer: lib.srtp_dealloc(pointer[0]))
        self.context: Any = holder[0]

    @classmethod
    def sending(
        cls, profile: Profile, key_and_salt: bytes, ssrcs: Sequence[int], window: int = SENT_WINDOW
    ) -> "SrtpEnd":
        """Return an end for sending as these SSRCs (and others), in the memory of all such ends.

        `window` is how many packets back one may be repeated.
        """
        return _beside_each_other.submit(cls._with_streams, profile, key_and_salt, ssrcs, window).result()

    @classmethod
    def _with_streams(
        cls, profile: Profile, key_and_salt: bytes, ssrcs: Sequence[int], window: int
    ) -> "SrtpEnd":
        end, scratch = cls(profile, key_and_salt, inbound=False, window=window), Scratch()
        for ssrc in ssrcs:
            # libsrtp makes a stream at its first packet. This one, number 0, leaves nothing behind but the
            # stream, and is never sent: its nonce may be used again.
            scratch.view[:12] = b"\x80" + bytes(7) + ssrc.to_bytes(4, "big")
            end.protect(scratch, 12)
        return end

    def protect(self, scratch: Scratch, length: int) -> int:
        """Protect the RTP packet in `scratch`; its new length, or 0 when libsrtp refuses."""
        return self._call(lib.srtp_protect, scratch, length)

    def protect_rtcp(self, scratch: Scratch, length: int) -> int:
        """Protect the RTCP compound in `scratch`; its new length, or 0."""
        return self._call(lib.srtp_protect_rtcp, scratch, length)

    def unprotect(self, scratch: Scratch, length: int) -> int:
        """Open the SRTP packet in `scratch`; the plain length, or 0 for a bad tag or a repeat."""
        return self._call(lib.srtp_unprotect, scratch, length)

    def unprotect_rtcp(self, scratch: Scratch, length: int) -> int:
        """Open the SRTCP packet in `scratch`; the plain length, or 0."""
        return self._call(lib.srtp_unprotect_rtcp, scratch, length)

    def _call(self, function: Any, scratch: Scratch, length: int) -> int:
        scratch.length[0] = length
        if function(self.context, scratch.pointer, scratch.length) != 0:
            return 0
        return int(scratch.length[0])


def split_keys(profile: Profile, material: bytes, *, client: bool) -> tuple[bytes, bytes]:
    """(our sending key and salt, our receiving key and salt) from exported material (RFC 5764 4.2)."""
    key, salt = profile.key_bytes, profile.salt_bytes
    client_half = material[:key] + material[2 * key : 2 * key + salt]
    server_half = material[key : 2 * key] + material[2 * key + salt : 2 * key + 2 * salt]
    return (client_half, server_half) if client else (server_half, client_half)


def material_bytes(profile: Profile) -> int:
    """How many bytes to export from DTLS."""
    return 2 * (profile.key_bytes + profile.salt_bytes)
