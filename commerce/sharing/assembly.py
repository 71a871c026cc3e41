"""Puts sharing together."""

from dataclasses import dataclass

from commerce.services import CommerceServices
from commerce.sharing import links_sql
from commerce.sharing.codes import new_code
from commerce.sharing.counting import ShareCounter
from commerce.sharing.links import ShareLinks


@dataclass(frozen=True, slots=True)
class Sharing:
    """The parts by name."""

    links: ShareLinks
    counter: ShareCounter


def fill_sharing(services: CommerceServices) -> None:
    """Set `services.sharing`; close its counter before the database."""
    services.sharing = Sharing(
        ShareLinks(services.database, services.now_ms, new_code),
        ShareCounter(services.database, services.keys, services.now_ms),
    )
    services.sessions.merge_hooks.append(links_sql.give_to)
    services.accounts.forget_hooks.append(links_sql.forget)
