"""Passwords: argon2id (RFC 9106, second recommended option: 64 MiB, 3 passes, 4 lanes), in a thread.

One hash takes about 60 ms of a core and 64 MiB, so at most two run at once in a process.
"""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

MAX_AT_ONCE = 2
MEMORY_KIB = 65_536


class Passwords:
    """Hashes and checks without blocking the loop."""

    def __init__(self, memory_kib: int = MEMORY_KIB) -> None:
        self._hasher = PasswordHasher(time_cost=3, memory_cost=memory_kib, parallelism=4, type=Type.ID)
        self._turns = asyncio.Semaphore(MAX_AT_ONCE)
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """Answer the encoded hash, salt and parameters inside."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Check a password; with None it takes as long and answers False, so timing names no account."""
        if password_hash is None:
            if self._decoy is None:
                self._decoy = await self.hash("decoy")
            await self._verify(self._decoy, password)
            return False
        return await self._verify(password_hash, password)

    async def _verify(self, password_hash: str, password: str) -> bool:
        async with self._turns:
            try:
                return await asyncio.to_thread(self._hasher.verify, password_hash, password)
            except (VerificationError, InvalidHashError):
                return False
