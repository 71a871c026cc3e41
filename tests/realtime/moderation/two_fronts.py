"""Two fronts, two people and a moderator, and what tests of moderation ask of them."""

from dataclasses import dataclass

from tests.realtime.client import Json, RoomClient, new_key
from tests.realtime.stage import Front


@dataclass
class Two:
    """Two fronts: Mei and Lin on the first, a moderator on the second."""

    one: Front
    two: Front
    mei: RoomClient
    lin: RoomClient
    mod: RoomClient

    async def act(self, kind: str, **fields: object) -> str:
        """Let the moderator act; returns the action's id."""
        answer = await self.mod.ask(kind, key=new_key(), **fields)
        return str(answer["action"])

    async def entry(self, action: str) -> Json:
        """Return the record's entry of an action, as staff get it."""

        def found() -> list[Json]:
            return [fact for fact in self.mod.facts if fact.get("action_id") == action]

        await self.mod.until(found)
        return found()[0]


def pinned(client: RoomClient, name: str) -> object:
    """Return what this client last heard to be pinned up under a name, "never" when it heard nothing."""
    values = [fact["value"] for fact in client.facts if fact["kind"] == "board" and fact["name"] == name]
    return values[-1] if values else "never"
