"""How often somebody may try: sign-in, reset, new accounts; shared by all processes through Redis."""

from dataclasses import dataclass
from typing import Any

from commerce.errors import TooManyAttempts
from commerce.functions_redis import Library
from commerce.ports import NewId

_KEYS = ("{server}:throttle", "{server}:throttle:due")


@dataclass(frozen=True, slots=True)
class Allowance:
    """`burst` attempts at once, then one per `interval_ms`."""

    name: str
    burst: int
    interval_ms: int


SIGN_IN_EMAIL = Allowance("sign_in_email", 8, 60_000)
SIGN_IN_ADDRESS = Allowance("sign_in_address", 60, 5_000)
RESET_EMAIL = Allowance("reset_email", 3, 600_000)
RESET_ADDRESS = Allowance("reset_address", 20, 60_000)
CREATE_ADDRESS = Allowance("create_address", 60, 20_000)
GUEST_ADDRESS = Allowance("guest_address", 5_000, 20)


class Throttle:
    """Counts attempts by subject; subjects are HMACs, so Redis holds no e-mail and no address."""

    def __init__(self, redis: Any, new_id: NewId) -> None:
        self._library = Library(redis, "commerce.accounts", "lua/throttle.lua")
        self._new_id = new_id

    async def take(self, allowance: Allowance, subject: str) -> None:
        """Count one attempt; raises TooManyAttempts with retry_after_s when it may not be made."""
        wait_ms = await self._call(
            "throttle_1_take",
            f"{allowance.name}:{subject}",
            self._new_id("at"),
            str(allowance.interval_ms),
            str(allowance.burst),
        )
        if wait_ms > 0:
            raise TooManyAttempts(retry_after_s=wait_ms / 1000)

    async def clear(self, allowance: Allowance, subject: str) -> None:
        """Forget a subject's attempts."""
        await self._call("throttle_1_clear", f"{allowance.name}:{subject}")

    async def _call(self, function: str, *arguments: str) -> int:
        return await self._library.call(function, _KEYS, *arguments)
