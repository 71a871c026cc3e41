"""Sends what waits: right after the commit in the process that wrote it, and by a worker until it is taken.

Each endpoint has up to four **lanes** in a process; a lane claims the endpoint's longest waiting delivery,
posts it, writes down how that ended, and goes on until nothing is due or a try failed. Endpoints that fail
have a small number of lanes among them all, so that many dead receivers never hold up the living. Nothing is
promised about order: an event has one id for all its tries, and its receiver may see it twice.

A claim ends by itself after a minute, so what a crash interrupts is sent again: at least once.
"""

import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from commerce.keys_crypto import Keys
from commerce.outbox_sql import Outbox, OutboxRow, Unit
from commerce.payments.after_answer import AfterAnswer
from commerce.payments.signature import signed_headers
from commerce.ports import Clock
from commerce.webhooks import deliveries_sql, endpoints_sql
from commerce.webhooks.deliveries_sql import Due
from commerce.webhooks.letters import tell_owners
from commerce.webhooks.outgoing_sql import OUTBOX_KIND
from commerce.webhooks.post_client import Outcome, Trouble, WebhookPost
from commerce.webhooks.schedule import GONE, DeliveryState, next_try_at_ms, off_reason
from commerce.webhooks.signing import signing_keys

log = logging.getLogger(__name__)

LANES_PER_ENDPOINT: Final = 4
LANES: Final = 64
"""Lanes of a process for endpoints that work; one more is left to the worker's next round."""
FAILING_LANES: Final = 16
"""Lanes of a process for all endpoints that fail."""
ENDPOINTS_PER_ROUND: Final = 200
USER_AGENT: Final = "liveshop-webhooks/1"


class WebhookSending:
    """The sender of one process. `chance` answers a random number from 0 to 1."""

    def __init__(
        self,
        outbox: Outbox,
        post: WebhookPost,
        keys: Keys,
        now_ms: Clock,
        chance: Callable[[], float],
        public_url: str,
    ) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self.post = post
        self._keys = keys
        self._now_ms = now_ms
        self._chance = chance
        self._public_url = public_url
        self._lanes: Counter[str] = Counter()
        self._failing: Counter[str] = Counter()
        # Twice the lanes: one that ends is still counted there while its successor starts.
        self.background = AfterAnswer(limit=2 * (LANES + FAILING_LANES))
        self.left_total = 0
        outbox.handle(OUTBOX_KIND, self._written)

    async def send_due(self) -> int:
        """Start to send everything that is due (the worker's job); returns how many lanes were started.

        It does not wait for answers: a slow receiver holds up only its own lanes.
        """
        async with self._database.read() as sql:
            found = await deliveries_sql.endpoints_with_due(sql, self._now_ms(), ENDPOINTS_PER_ROUND)
        return sum(
            self._start(endpoint, failing=failing)
            for endpoint, failing, due in found
            for _ in range(min(due, LANES_PER_ENDPOINT))
        )

    async def idle(self) -> None:
        """Wait until nothing is being sent."""
        await self.background.idle()

    async def close(self) -> None:
        """Let running tries end, for a few seconds; what is cut off is sent again later."""
        await self.background.close()

    async def _written(self, row: OutboxRow) -> None:
        """Carry out `webhook`: start to send to the endpoints that got something to send."""
        for endpoint in row.payload["endpoints"]:
            self._start(endpoint, failing=False)

    def _start(self, endpoint: str, *, failing: bool) -> bool:
        """Start a lane unless there are enough of them."""
        lanes, limit = (self._failing, FAILING_LANES) if failing else (self._lanes, LANES)
        if self._lanes[endpoint] + self._failing[endpoint] >= LANES_PER_ENDPOINT or lanes.total() >= limit:
            self.left_total += 1
            return False
        lanes[endpoint] += 1
        self.background.start(self._lane(endpoint, lanes))
        return True

    async def _lane(self, endpoint: str, lanes: Counter[str]) -> None:
        try:
            while (due := await self._claim(endpoint)) is not None:
                if not await self._carry_out(due):
                    return
        finally:
            lanes[endpoint] -= 1
            if not lanes[endpoint]:
                del lanes[endpoint]

    async def _claim(self, endpoint: str) -> Due | None:
        async with self._database.write() as sql:
            return await deliveries_sql.claim(sql, endpoint, self._now_ms())

    async def _carry_out(self, due: Due) -> bool:
        """Try once; returns whether it was taken."""
        now_ms = self._now_ms()
        keys = signing_keys(self._keys, due.endpoint, due.secrets, now_ms)
        if keys:
            headers = {
                "content-type": "application/json",
                "user-agent": USER_AGENT,
                **signed_headers(keys[0], due.event, now_ms // 1000, due.body, *keys[1:]),
            }
            outcome = await self.post.send(due.url, headers, due.body)
        else:
            outcome = Outcome(None, Trouble.NO_KEY)
        await self._write_down(due, outcome)
        return outcome.taken

    async def _write_down(self, due: Due, outcome: Outcome) -> None:
        async with self._outbox.write() as unit:
            endpoint = await endpoints_sql.row(unit.sql, due.endpoint, lock=True)
            if endpoint is None:  # removed meanwhile, its deliveries with it
                return
            now_ms = self._now_ms()
            again_at_ms = None
            if not outcome.taken and outcome.status != GONE:
                again_at_ms = next_try_at_ms(due.tries + 1, now_ms, self._chance())
            state = DeliveryState.DELIVERED if outcome.taken else DeliveryState.WAITING
            if not outcome.taken and again_at_ms is None:
                state = DeliveryState.FAILED
            await deliveries_sql.settle(
                unit.sql,
                due,
                state,
                again_at_ms,
                tried_at_ms=now_ms,
                took_ms=outcome.took_ms,
                status=outcome.status,
                trouble=outcome.trouble,
                answer=outcome.answer,
            )
            await self._note_health(unit, endpoint, outcome, now_ms)

    async def _note_health(self, unit: Unit, endpoint: Any, outcome: Outcome, now_ms: int) -> None:
        """Keep since when an endpoint fails, and switch off one that is gone or has failed for days."""
        if outcome.taken:
            if endpoint.failing_since_ms is not None:
                await endpoints_sql.change(unit.sql, endpoint.id, {"failing_since_ms": None})
            return
        since_ms = now_ms if endpoint.failing_since_ms is None else endpoint.failing_since_ms
        values: dict[str, object] = {"failing_since_ms": since_ms}
        reason = off_reason(outcome.status, since_ms, now_ms) if endpoint.enabled else None
        if reason is not None:
            log.warning("webhook %s of shop %s is switched off: %s", endpoint.id, endpoint.shop, reason)
            values |= {"enabled": False, "off_reason": reason.value}
            await tell_owners(unit, endpoint, reason, self._public_url)
        await endpoints_sql.change(unit.sql, endpoint.id, values)
