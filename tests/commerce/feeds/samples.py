"""The sample files: one tea shop, as four other systems would write it."""

from pathlib import Path

from commerce.feeds.drafts import Feed
from commerce.feeds.reading import read_feed

FILES = Path(__file__).parent / "files"
SHOPIFY = ("shopify_old.csv", "shopify_new.csv")
GOOGLE = ("google.tsv", "google.xml")


def sample(name: str) -> bytes:
    """Answer a sample file's bytes."""
    return (FILES / name).read_bytes()


def shopify(*lines: str, currency: str = "USD") -> Feed:
    """Read these lines as a CSV file."""
    return read_feed("\n".join(lines).encode(), currency)


def codes(feed: Feed) -> list[tuple[int, str, str]]:
    """Answer what is wrong with a file: (line, column, code)."""
    return [(fault.line, fault.column, fault.code) for fault in feed.faults]
