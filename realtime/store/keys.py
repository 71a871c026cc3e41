"""Every Redis key the room reads or writes, so that each Function call stays in one slot.

`{show:ID}` tag, owned by this package:

    log         stream   the room's log; entry ids are "<offset>-0"
    room        hash     epoch, offset, tag, clock_ms, slow_mode_s, likes, src:<stream key> = last id copied;
                         viewers and viewers_at_ms as the newest presence call found them, slots, sweep
    names       hash     person -> name shown
    folded      hash     folded name -> person
    sanctions   hash     person -> "muted_until_ms,version of the ban announced"
    marks       hash     person -> JSON: device and address key last spoken from, shadow ban, warning, strikes
    record      hash     action id -> JSON of what it did, for its undo; "by:<comment>" -> who reported it;
                         "from:<person>" -> banned device and address key they ask to be let in from,
                         "asks:<person, device or address key>" -> when they asked lately (ms)
    spoke       hash     person -> time of the last comment (ms); only while slow mode is on
    operations  hash     person -> packed operation records
    presence    hash     process -> "viewers,at_ms,likes,slot,joins";
                         "at:<slots>" -> how many people are with just these
    here        hash     mark of a person (8 bytes) -> slots of the processes they are with, such as "3,7"
    tallies     hash     sums of people's presses: "react:<name>" -> total, "p:<process>:..." -> its own;
                         of votes: "ask:<question>", "poll:<poll>:<choice>" -> how many
    votes       hash     person -> JSON: what they vote for, keys of the newest votes, whether they count
    board       hash     name -> JSON of what is pinned up (polls, modes, a pinned comment, ...)
    suspects    sorted   person -> how suspicious they look, as log2 of the score at time 0 (suspects.lua)
    signs       hash     person -> "1 when shown to staff|signs that made the score"; both expire

Of the same tag, `media` is streaming's and `bans` (hash; person, device or address key -> "version|state" or
"version|state|until_ms") is written by commerce;
`{shop:ID}:ledger` and `:people` are commerce's, `{server}:revocations` is read by every front.
"""

from dataclasses import dataclass

REVOCATIONS = "{server}:revocations"


def wake_channel(stream: str) -> str:
    """Return the pub/sub channel that says "look at this stream"."""
    return f"{stream}:wake"


def shop_ledger(shop: str) -> str:
    """Return the shop's ledger stream."""
    return f"{{shop:{shop}}}:ledger"


def shop_people(shop: str) -> str:
    """Return the channel on which commerce tells what happened to one person."""
    return f"{{shop:{shop}}}:people"


@dataclass(frozen=True, slots=True)
class ShowKeys:
    """Keys of one show."""

    log: str
    room: str
    names: str
    folded: str
    sanctions: str
    spoke: str
    operations: str
    presence: str
    bans: str
    board: str
    record: str
    marks: str
    tallies: str
    votes: str
    here: str
    suspects: str
    signs: str
    media: str

    @classmethod
    def of(cls, show: str) -> "ShowKeys":
        """Return the keys of this show's id."""
        tag = f"{{show:{show}}}:"
        parts = (
            "log",
            "room",
            "names",
            "folded",
            "sanctions",
            "spoke",
            "operations",
            "presence",
            "bans",
            "board",
            "record",
            "marks",
            "tallies",
            "votes",
            "here",
            "suspects",
            "signs",
            "media",
        )
        return cls(*(tag + name for name in parts))

    @property
    def own(self) -> tuple[str, ...]:
        """The keys that Functions take, in their order."""
        return (
            self.log,
            self.room,
            self.names,
            self.folded,
            self.sanctions,
            self.spoke,
            self.operations,
            self.presence,
            self.bans,
            self.board,
            self.record,
            self.marks,
            self.tallies,
            self.votes,
            self.here,
            self.suspects,
            self.signs,
        )
