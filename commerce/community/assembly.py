"""Puts the community together."""

from dataclasses import dataclass

from commerce.accounts.throttle_redis import Throttle
from commerce.community import follows_sql
from commerce.community.follows import Follows
from commerce.community.notices import Notices
from commerce.community.push import Pushes
from commerce.community.push_crypto import Vapid
from commerce.community.supporters import Supporters
from commerce.services import CommerceServices
from commerce.webhooks.addresses import AddressRules, rules_for
from commerce.webhooks.post_client import WebhookPost


@dataclass(slots=True)
class Community:
    """Everything around a shop's people."""

    follows: Follows
    notices: Notices
    pushes: Pushes
    supporters: Supporters


def fill_community(services: CommerceServices) -> None:
    """Set `services.community`, and let a guest's things follow into the account."""
    gate = Throttle(services.redis, services.new_id)
    settings, now_ms = services.settings, services.now_ms
    contact = f"mailto:{settings.mail_from.rpartition('<')[2].strip('> ')}"
    # https alone, on a developer's server too: no browser has a push service of another kind.
    rules = AddressRules(http=False, allowed=rules_for(settings.public_url, settings.webhook_allow).allowed)
    services.community = Community(
        Follows(
            services.outbox,
            services.shops,
            services.keys,
            gate,
            services.now_ms,
            settings.public_url,
        ),
        Notices(
            services.outbox,
            services.shops,
            services.keys,
            now_ms,
            settings.public_url,
            settings.remind_s * 1000,
        ),
        Pushes(services.outbox, Vapid(services.keys, contact), WebhookPost(rules), now_ms),
        Supporters(services.database, now_ms),
    )
    services.sessions.merge_hooks.append(follows_sql.give_to)
    services.accounts.forget_hooks.append(follows_sql.forget)
