"""What a worker does again and again; each job is idempotent, so two workers at once are waste, not harm."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from commerce.accounts.jobs import purge_people
from commerce.comment_pictures.jobs import sweep_comment_pictures
from commerce.community.jobs import purge_community, rank_supporters, tell_of_shows
from commerce.conversations.jobs import sweep_uploads
from commerce.operations_sql import purge_operations
from commerce.services import CommerceServices
from commerce.sharing.jobs import purge_sharing
from commerce.shows.jobs import close_ended_sales


@dataclass(frozen=True, slots=True)
class Job:
    """One job: `run` is called every `period_s` with the services, one call at a time for each worker."""

    name: str
    period_s: float
    run: Callable[[CommerceServices], Awaitable[object]]


async def expire_holds(services: CommerceServices) -> None:
    """End reservations past their deadline, drain sales that are over."""
    await services.jobs.sweep.expire_due()


async def copy_ledgers(services: CommerceServices) -> None:
    """Copy the shops' ledgers to SQL; expired holds move their orders."""
    await services.jobs.sweep.copy_ledgers()


async def settle_orders(services: CommerceServices) -> None:
    """Carry on orders whose time has come: asks providers, commits, captures, voids, closes."""
    await services.orders.settle_due()


async def carry_on_refunds(services: CommerceServices) -> None:
    """Ask providers for refunds that got no answer yet."""
    await services.after.refunds.carry_on_due()


async def issue_invoices(services: CommerceServices) -> None:
    """Issue the invoices of paid orders and the credit notes of refunds."""
    await services.after.invoices.issue_due()


async def apply_webhooks(services: CommerceServices) -> None:
    """Apply deliveries that were stored and not applied."""
    await services.payments.inbox.apply_waiting()


async def send_sandbox_webhooks(services: CommerceServices) -> None:
    """Send the sandbox provider's late and failed webhooks."""
    if services.payments.sandbox is not None:
        await services.payments.sandbox.bank.deliver_due()


async def send_outbox(services: CommerceServices) -> None:
    """Send what a crash or an absent Redis or mail server left in the outbox, mails with it."""
    await services.outbox.send_due()


async def send_webhooks(services: CommerceServices) -> None:
    """Start to send what shops' webhooks wait for; a slow receiver does not hold up the job."""
    await services.webhooks.sending.send_due()


async def purge_sale(services: CommerceServices) -> None:
    """Forget in Redis what is over and copied, and trim the ledgers."""
    await services.jobs.sweep.purge_due()


async def purge_tables(services: CommerceServices) -> None:
    """Forget old operations, deliveries (received and sent) and sandbox answers in SQL."""
    async with services.database.write() as sql:
        await purge_operations(sql, services.now_ms())
    await services.payments.inbox.purge()
    await services.webhooks.history.purge()
    if services.payments.sandbox is not None:
        await services.payments.sandbox.bank.purge()


async def run_imports(services: CommerceServices) -> None:
    """Carry on imports of products that were started."""
    await services.imports.run_due()


async def purge_imports(services: CommerceServices) -> None:
    """Forget old imports and their files."""
    await services.imports.purge()


async def compare_books(services: CommerceServices) -> None:
    """Compare counters, live holds and the copied ledger of every shop; see `Sweep.unsound_pools`."""
    await services.jobs.sweep.compare()


async def copy_moderation(services: CommerceServices) -> None:
    """Copy what staff did in the rooms from their logs to SQL."""
    await services.moderation.record.copy_due()


JOBS: tuple[Job, ...] = (
    Job("expire_holds", 1.0, expire_holds),
    Job("copy_ledgers", 0.5, copy_ledgers),
    Job("settle_orders", 1.0, settle_orders),
    Job("carry_on_refunds", 2.0, carry_on_refunds),
    Job("issue_invoices", 10.0, issue_invoices),
    Job("apply_webhooks", 2.0, apply_webhooks),
    Job("send_sandbox_webhooks", 1.0, send_sandbox_webhooks),
    Job("send_outbox", 2.0, send_outbox),
    Job("send_webhooks", 1.0, send_webhooks),
    Job("close_ended_sales", 30.0, close_ended_sales),
    Job("purge_people", 3600.0, purge_people),
    Job("purge_sale", 60.0, purge_sale),
    Job("purge_tables", 3600.0, purge_tables),
    Job("compare_books", 60.0, compare_books),
    Job("run_imports", 1.0, run_imports),
    Job("purge_imports", 3600.0, purge_imports),
    Job("copy_moderation", 1.0, copy_moderation),
    Job("tell_of_shows", 2.0, tell_of_shows),
    Job("rank_supporters", 5.0, rank_supporters),
    Job("purge_community", 3600.0, purge_community),
    Job("sweep_uploads", 600.0, sweep_uploads),
    Job("purge_sharing", 3600.0, purge_sharing),
    Job("sweep_comment_pictures", 600.0, sweep_comment_pictures),
)
