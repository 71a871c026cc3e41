"""The room as one client knows it, computed from the frames it is sent. Pure.

The rules are the server's own (`realtime.room.scene`), fed from frames instead of the log: a snapshot
replaces, a tick adds its facts in order, then its talk, then its state.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from realtime.asking.names import POLL, QUESTION
from realtime.log.entries import Entry, Kind
from realtime.room.scene import Scene

Json = dict[str, Any]


class GapError(Exception):
    """A frame that does not follow what was heard before: the room has to be entered without a position."""


class RoomView:
    """What the room looks like now. `position` is where a hello goes on from, None before the first."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.position: Json | None = None
        self.you: Json = {}
        self.whep: Json | None = None
        self.viewers_total = 0
        self.likes_total = 0
        self.tallies: dict[str, int] = {}
        self.left_out_total = 0
        self.shop_ahead_ms = 0

    @property
    def comments(self) -> Sequence[Mapping[str, Any]]:
        """The comments to show, oldest first."""
        return tuple(self.scene.comments)

    @property
    def questions(self) -> Sequence[Mapping[str, Any]]:
        """The open questions (`realtime.shapes.Question`): the most votes first, then the oldest."""
        asked = (value for name, value in self.scene.board.items() if name.startswith(QUESTION))
        waiting = [value for value in asked if value["state"] == "open"]
        return sorted(waiting, key=lambda one: (-self.tallies.get(f"ask:{one['id']}", 0), one["at_ms"]))

    @property
    def poll(self) -> Mapping[str, Any] | None:
        """The poll on the screens (`realtime.shapes.Poll`); `tallies` count its choices, as it says."""
        return self.scene.board.get(POLL)

    def take_hello(self, hello: Json) -> None:
        """Take the answer to a hello. Raises `GapError`."""
        self.you, self.whep = hello["you"], hello["whep"]
        self.scene.show = hello["show"] or self.scene.show
        self.shop_ahead_ms = hello["shop_time_ms"] - hello["server_time_ms"]
        if hello["snapshot"] is not None:
            self.take_snapshot(hello)
        elif hello["missed"] is not None and self.position is not None:
            self.take_tick(hello["missed"])
            self.scene.slow_mode_s = hello["slow_mode_s"]
        else:
            raise GapError("the hello holds neither a snapshot nor what was missed")

    def take_snapshot(self, frame: Json) -> None:
        """Take a `snapshot` frame, or a hello's: what the room was is forgotten."""
        snapshot, scene = frame["snapshot"], self.scene
        scene.forget()
        scene.refresh({**snapshot, "shop": snapshot["show"].get("shop", {}).get("id", "")})
        scene.comments.extend(snapshot["comments"])
        scene.orders.extend(snapshot["orders"])
        scene.host, scene.slow_mode_s = snapshot["host"], frame["slow_mode_s"]
        scene.board = {**snapshot["board"], **(frame.get("staff_board") or {})}
        scene.staff_notes.extend(frame.get("staff_notes") or ())
        self.viewers_total, self.likes_total = snapshot["viewers"], snapshot["likes"]
        self.tallies = {**snapshot.get("tallies", {}), **(frame.get("staff_tallies") or {})}
        self.left_out_total = 0
        self.position = frame["position"]

    def take_tick(self, tick: Json) -> None:
        """Take a tick. Raises `GapError` and changes nothing when it does not follow."""
        self._must_follow(tick)
        for fact in tick["facts"]:
            self.scene.apply(Entry(int(fact["seq"]), Kind.FACT, b"", "", fact))
        for comment in tick["talk"]:
            self.scene.apply(Entry(0, Kind.TALK, b"", "", comment))
        state = tick["state"]
        self.viewers_total = state.get("viewers", self.viewers_total)
        self.likes_total = state.get("likes", self.likes_total)
        self.tallies |= state.get("tallies", {})
        for pool, stock in state.get("stock", {}).items():
            self.scene.set_stock(pool, stock)
        self.left_out_total += tick["left_out"]
        self.position = tick["position"] or self.position

    def take_you(self, frame: Json) -> None:
        """Take what one votes for now; what else is told to one person concerns no room."""
        if frame["event"] != "voted":
            return
        if "poll" in frame:
            chosen = {**self.you.get("choices", {}), frame["poll"]: frame["choice"]}
            self.you = {**self.you, "choices": chosen}
        else:
            others = [each for each in self.you.get("votes", []) if each != frame["comment"]]
            self.you = {**self.you, "votes": [*others, *([frame["comment"]] if frame["on"] else [])]}

    def _must_follow(self, tick: Json) -> None:
        """Refuse what does not follow: facts come once and in order, in one log, none beyond its position."""
        new, last = tick["position"], self.position
        if last is None:
            raise GapError("a tick before a hello")
        if new is None:
            if tick["facts"]:  # talk may come: the own words of who is heard by nobody
                raise GapError("a tick without a position tells facts")
            return
        if new["epoch"] != last["epoch"] or new["offset"] < last["offset"]:
            raise GapError(f"the log went from {last} to {new} without a snapshot")
        places = [last["offset"], *(fact["seq"] for fact in tick["facts"])]
        if any(after <= before for before, after in pairwise(places)):
            raise GapError(f"facts out of order: {places}")
        if places[-1] > new["offset"]:
            raise GapError(f"a fact at {places[-1]} beyond {new['offset']}")
