"""Puts the community together."""

from dataclasses import dataclass

from commerce.accounts.throttle_redis import Throttle
from commerce.community import follows_sql
from commerce.community.follows import Follows
from commerce.services import CommerceServices


@dataclass(slots=True)
class Community:
    """Everything around a shop's people."""

    follows: Follows


def fill_community(services: CommerceServices) -> None:
    """Set `services.community`, and let a guest's things follow into the account."""
    gate = Throttle(services.redis, services.new_id)
    services.community = Community(
        Follows(
            services.outbox,
            services.shops,
            services.keys,
            gate,
            services.now_ms,
            services.settings.public_url,
        )
    )
    services.sessions.merge_hooks.append(follows_sql.give_to)
    services.accounts.forget_hooks.append(follows_sql.forget)
