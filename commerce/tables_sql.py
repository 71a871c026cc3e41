"""Every table of commerce: importing this file makes `database_sql.metadata` complete."""

from commerce import outbox_tables_sql as outbox
from commerce.accounts import tables_sql as accounts
from commerce.buyers import tables_sql as buyers
from commerce.catalogue import tables_sql as catalogue
from commerce.comment_pictures import tables_sql as comment_pictures
from commerce.community import tables_sql as community
from commerce.conversations import tables_sql as conversations
from commerce.database_sql import metadata
from commerce.feeds import tables_sql as feeds
from commerce.fulfilment import tables_sql as fulfilment
from commerce.invoices import tables_sql as invoices
from commerce.moderation import tables_sql as moderation
from commerce.orders import rebuild_tables_sql as rebuilds
from commerce.orders import tables_sql as orders
from commerce.payments import tables_sql as payments
from commerce.payments.sandbox import tables_sql as sandbox
from commerce.returns import tables_sql as returns
from commerce.sharing import tables_sql as sharing
from commerce.shops import tables_sql as shops
from commerce.shows import tables_sql as shows
from commerce.terms import tables_sql as terms
from commerce.webhooks import tables_sql as webhooks

__all__ = [
    "accounts",
    "buyers",
    "catalogue",
    "comment_pictures",
    "community",
    "conversations",
    "feeds",
    "fulfilment",
    "invoices",
    "metadata",
    "moderation",
    "orders",
    "outbox",
    "payments",
    "rebuilds",
    "returns",
    "sandbox",
    "sharing",
    "shops",
    "shows",
    "terms",
    "webhooks",
]
