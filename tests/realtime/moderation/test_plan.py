"""What an action consists of, and what its undo is."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from realtime.errors import CannotUndo
from realtime.log.entries import Kind
from realtime.moderation.plan import (
    NOT_UNDONE,
    RESTORED_TOTAL,
    BanChange,
    Before,
    Plan,
    Record,
    Sanction,
    SanctionBefore,
    audit,
    banned_places,
    lifted_by,
    restored,
    reverse,
)


def _record(action: str, before: Before | None = None, **keep: Any) -> Record:
    return Record(audit("ma_1", action, "ac_mod", "gu_1"), before or Before(), keep)


def test_a_plan_travels_with_json_inside_as_text() -> None:
    """So that no empty list or long number changes in Lua; what is not wanted is not there."""
    plan = Plan(
        audit("ma_1", "ban", "ac_mod", None, reason=None),
        ban=BanChange("gu_1", banned=True, others={"de_1": 1}),
        sanction=Sanction("gu_1", shadow=False, warn={}),
        board=(("staff:x", {"texts": []}), ("modes", None)),
        facts=((Kind.FACT, b'{"kind":"x"}'),),
    )
    whole = json.loads(plan.json())
    assert json.loads(whole["audit"]) == {
        "kind": "moderation",
        "action_id": "ma_1",
        "action": "ban",
        "actor": "ac_mod",
        "target": None,
    }
    assert whole["board"] == [["m", "staff:x", '{"texts":[]}'], ["f", "modes", ""]]
    assert whole["sanction"] == {"person": "gu_1", "shadow": False, "warn": ""}
    assert set(whole) == {"id", "audit", "ban", "sanction", "board", "facts"}


@pytest.mark.parametrize("action", sorted(NOT_UNDONE))
def test_what_left_nothing_behind_is_not_undone(action: str) -> None:
    """A code of its own."""
    with pytest.raises(CannotUndo):
        reverse(_record(action), "ma_2", "ac_host", None)


def test_the_control_view_offers_no_undo_of_what_is_not_undone() -> None:
    """Its list is this one."""
    page = (Path(__file__).parents[3] / "static/control/moderation.js").read_text()
    final = re.search(r"const FINAL = Object\.freeze\(\[(.*?)\]\);", page, re.DOTALL)
    assert final is not None
    assert set(re.findall(r'"(\w+)"', final[1])) == NOT_UNDONE


def test_an_undo_names_what_it_takes_back() -> None:
    """Target and kind are those of the action; it cannot be undone itself."""
    plan = reverse(_record("timeout"), "ma_2", "ac_host", "my mistake")
    assert plan.audit == {
        "action_id": "ma_2",
        "action": "undo",
        "actor": "ac_host",
        "target": "gu_1",
        "reason": "my mistake",
        "undo_of": "ma_1",
        "detail": {"action": "timeout"},
    }
    assert plan.undoes == "ma_1"
    assert plan.keep is None


def test_sanctions_slow_mode_and_board_go_back_to_what_was() -> None:
    """Also to an earlier timeout, and to a warning that stood."""
    warning = '{"action":"ma_0","message":"Be kind."}'
    before = Before(
        SanctionBefore("gu_1", 1_790_000_000_000.0, shadow=True, warn=warning),
        slow_s=30.0,
        board=[("f", "modes", '{"unique":true}'), ("f", "shield", "")],
    )
    plan = reverse(_record("warn", before), "ma_2", "ac_host", None)
    assert plan.sanction == Sanction(
        "gu_1", muted_until_ms=1_790_000_000_000, shadow=True, warn={"action": "ma_0", "message": "Be kind."}
    )
    assert plan.slow_s == 30
    assert plan.board == (("modes", {"unique": True}), ("shield", None))


def test_a_ban_is_lifted_and_a_lifted_ban_stands_again() -> None:
    """With device and address."""
    ban = {"person": "gu_1", "banned": True, "until_ms": 5, "others": {"de_1": 1, "ak_1": 2}}
    lifted = reverse(_record("ban", ban=ban), "ma_2", "ac_host", None).ban
    assert lifted == BanChange("gu_1", banned=False, others={"de_1": 0, "ak_1": 0})
    keep = {
        "ban": {"person": "gu_1", "banned": False, "others": {"de_1": 0, "ak_2": 0}},
        "lifted": [
            {"person": "gu_1", "reason": "spam", "expires_at_ms": 50, "device": "de_1"},
            {"person": "gu_2", "address_key": "ak_2"},
            {"person": "gu_3", "expires_at_ms": 9, "device": "de_3"},
        ],
        "recalls": {"from:gu_1": '["ak_2"]'},
    }
    unban = _record("unban", Before(ban=[("gu_1", 1, 50.0), ("ak_1", 2, 50.0), ("ak_3", 1, 9.0)]), **keep)
    plan = reverse(unban, "ma_3", "ac_host", None, now_ms=10)
    assert plan.ban == BanChange(
        "gu_1",
        banned=True,
        until_ms=50,
        others={"ak_1": 2, "de_1": 1, "ak_2": 1},
        ends={"ak_1": 50, "de_1": 50, "ak_2": 0},
    )
    assert [order.person for order in lifted_by(unban, 10)] == ["gu_1", "gu_2"]
    assert plan.audit["detail"] == {"action": "unban", "device": True, "address": True}
    assert plan.recalls == {"from:gu_1": '["ak_2"]'}
    assert banned_places(unban, 10) == ["de_1", "ak_2"]


def test_the_undo_of_a_ban_leaves_the_bans_of_others() -> None:
    """Whether this ban was on the same device or only watched for it; what was banned until now is free."""
    others = {"de_1": 1, "de_2": 1, "de_3": 1, "ak_1": 2, "ak_2": 2}
    before = Before(ban=[("de_1", 1, 50.0), ("de_2", 1, 9.0), ("de_3", 2, 0.0), ("ak_1", 1, 0.0)])
    ban = {"person": "gu_1", "banned": True, "others": others}
    plan = reverse(_record("ban", before, ban=ban), "ma_2", "ac_host", None, now_ms=10)
    assert plan.ban == BanChange("gu_1", banned=False, others={"de_2": 0, "de_3": 0, "ak_2": 0})


def test_a_lifted_ban_that_would_be_over_does_not_come_back() -> None:
    """What else the unban lifted does."""
    keep = {
        "ban": {"person": "gu_1", "banned": False},
        "lifted": [{"person": "gu_1", "expires_at_ms": 50, "device": "de_1"}],
    }
    sanction = SanctionBefore("gu_1", 90.0, shadow=False, warn="")
    plan = reverse(_record("unban", Before(sanction), **keep), "ma_2", "ac_host", None, now_ms=50)
    assert plan.ban is None
    assert plan.sanction == Sanction("gu_1", muted_until_ms=90, shadow=False, warn={})


def test_comments_come_back_without_their_old_time_and_not_too_many() -> None:
    """The log gives the time; the newest are kept."""
    said = [{"id": f"co_{number}", "at_ms": number} for number in range(RESTORED_TOTAL + 5)]
    back = restored(said)
    assert len(back) == RESTORED_TOTAL
    assert back[-1] == (Kind.TALK, b'{"id":"co_%d"}' % (RESTORED_TOTAL + 4))


def test_the_undo_of_an_approval_deletes_the_comment() -> None:
    """And the case is up again, as it was before."""
    before = Before(board=[("m", "staff:held:co_1", '{"why":["term"]}')])
    plan = reverse(_record("approve", before, approved="co_1"), "ma_2", "ac_host", None)
    assert plan.board == (("staff:held:co_1", {"why": ["term"]}),)
    assert [json.loads(body) for _, body in plan.facts] == [{"kind": "comment_deleted", "comment": "co_1"}]
