"""A shop's moderation put together."""

from dataclasses import dataclass

from commerce.moderation.audit import AuditLog
from commerce.moderation.copying import RoomRecord
from commerce.moderation.person_files import PersonFiles
from commerce.moderation.policies import Policies
from commerce.moderation.standing_sql import Standing
from commerce.outbox_sql import Outbox
from commerce.ports import Clock
from commerce.shops.bans_sql import Bans


@dataclass(frozen=True, slots=True)
class Moderation:
    """The parts by name."""

    record: RoomRecord
    audit: AuditLog
    people: PersonFiles
    policies: Policies
    standing: Standing


def open_moderation(outbox: Outbox, bans: Bans, now_ms: Clock) -> Moderation:
    """Put the parts together; opens and starts nothing."""
    database = outbox.database
    return Moderation(
        RoomRecord(database, now_ms),
        AuditLog(database),
        PersonFiles(outbox, bans),
        Policies(outbox),
        Standing(database),
    )
