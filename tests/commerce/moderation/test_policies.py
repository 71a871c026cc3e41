"""The rules of a shop's rooms: versioned, told to the rooms through the ledger, and in every snapshot."""

from typing import Any

import pytest

from commerce.errors import InvalidField, NoSuchShop
from commerce.moderation.refusals import PolicyChanged
from commerce.moderation.structs import PolicyRequest, RoomPolicy
from commerce.services import CommerceServices
from tests.commerce.builders import new_stall, notes

TERMS = {"terms": [{"text": "scam", "effect": "block"}]}


async def policy_notes(commerce: CommerceServices, shop: str) -> list[dict[str, Any]]:
    """List what the ledger says of rules."""
    return [body for name, body in await notes(commerce, shop) if name == "policy"]


async def test_rules_reach_the_ledger_and_the_snapshot(commerce: CommerceServices) -> None:
    """Before any are set the snapshot has none; then both say the same, with the version inside."""
    stall = await new_stall(commerce)
    before = await commerce.snapshot(stall.show)
    assert before is not None
    assert "policy" not in before
    assert await commerce.moderation.policies.get(stall.shop) == RoomPolicy(0, {}, "", None)
    put = await commerce.moderation.policies.put(stall.shop, stall.owner, PolicyRequest(0, TERMS))
    assert (put.version, put.actor_name) == (1, "Mei")
    whole = {**TERMS, "version": 1}
    assert await policy_notes(commerce, stall.shop) == [{"version": 1, "policy": whole}]
    after = await commerce.snapshot(stall.show)
    assert after is not None
    assert after["policy"] == whole


async def test_a_repeat_changes_nothing_and_an_older_hand_is_told(commerce: CommerceServices) -> None:
    """The same rules from the same version are a repeat; others from an old version are refused."""
    stall = await new_stall(commerce)
    policies = commerce.moderation.policies
    first = await policies.put(stall.shop, stall.owner, PolicyRequest(0, TERMS))
    assert await policies.put(stall.shop, stall.owner, PolicyRequest(0, TERMS)) == first
    with pytest.raises(PolicyChanged) as refused:
        await policies.put(stall.shop, stall.owner, PolicyRequest(0, {"terms": []}))
    assert refused.value.facts == {"version": 1}
    assert await policies.get(stall.shop) == first
    assert len(await policy_notes(commerce, stall.shop)) == 1


async def test_rules_that_no_room_can_follow_are_refused(commerce: CommerceServices) -> None:
    """Whoever knows the rooms says what is wrong; nothing is kept."""

    def check(_: dict[str, Any]) -> dict[str, Any]:
        raise ValueError("The pattern ( is not one.")

    stall = await new_stall(commerce)
    commerce.moderation.policies.check = check
    with pytest.raises(InvalidField, match="The pattern"):
        await commerce.moderation.policies.put(stall.shop, stall.owner, PolicyRequest(0, TERMS))
    with pytest.raises(NoSuchShop):
        await commerce.moderation.policies.get("sp_nowhere")
    assert (await commerce.moderation.policies.get(stall.shop)).version == 0
    assert await policy_notes(commerce, stall.shop) == []
