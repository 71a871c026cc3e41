"""What staff knows of a person: notes once for each key, ready answers, and never a sum of money."""

import msgspec
import pytest

from commerce.errors import IdempotencyConflict, InvalidField, KeyMissing, NoSuchPerson, NoSuchShop
from commerce.moderation.refusals import NoSuchNote
from commerce.moderation.structs import SavedReplies, SavedReply
from commerce.services import CommerceServices
from commerce.shops.bans_sql import BanTerms
from tests.commerce.builders import new_account, new_guest, new_stall


async def test_a_note_is_written_once_for_each_key(commerce: CommerceServices) -> None:
    """A repeat answers the same note, another text under the key is refused; removing it twice is refused."""
    stall = await new_stall(commerce)
    guest, _ = await new_guest(commerce)
    people = commerce.moderation.people
    note = await people.add_note(stall.shop, guest.id, stall.owner, "asked nicely", "note-key-1")
    assert await people.add_note(stall.shop, guest.id, stall.owner, "asked nicely", "note-key-1") == note
    with pytest.raises(IdempotencyConflict):
        await people.add_note(stall.shop, guest.id, stall.owner, "another", "note-key-1")
    assert (await people.get(stall.shop, guest.id)).notes == (note,)
    assert (note.author_name, note.text) == ("Mei", "asked nicely")
    await people.remove_note(stall.shop, note.id)
    with pytest.raises(NoSuchNote):
        await people.remove_note(stall.shop, note.id)
    assert (await people.get(stall.shop, guest.id)).notes == ()


async def test_empty_notes_and_unknown_people_are_refused(commerce: CommerceServices) -> None:
    """Nothing is written for any of them."""
    stall = await new_stall(commerce)
    guest, _ = await new_guest(commerce)
    people = commerce.moderation.people
    with pytest.raises(InvalidField):
        await people.add_note(stall.shop, guest.id, stall.owner, "  ", "note-key-1")
    with pytest.raises(KeyMissing):
        await people.add_note(stall.shop, guest.id, stall.owner, "well", None)
    with pytest.raises(NoSuchPerson):
        await people.add_note(stall.shop, "gu_nobody", stall.owner, "well", "note-key-2")
    with pytest.raises(NoSuchPerson):
        await people.get(stall.shop, "ac_nobody")
    assert (await people.get(stall.shop, guest.id)).notes == ()


async def test_a_note_of_one_shop_is_not_seen_or_removed_in_another(commerce: CommerceServices) -> None:
    """Shops keep their notes to themselves."""
    stall, other = await new_stall(commerce), await new_stall(commerce, "ren@example.com")
    guest, _ = await new_guest(commerce)
    people = commerce.moderation.people
    note = await people.add_note(stall.shop, guest.id, stall.owner, "rude", "note-key-1")
    assert (await people.get(other.shop, guest.id)).notes == ()
    with pytest.raises(NoSuchNote):
        await people.remove_note(other.shop, note.id)
    assert (await people.get(stall.shop, guest.id)).notes == (note,)


async def test_a_file_says_who_somebody_is_and_nothing_of_money(commerce: CommerceServices) -> None:
    """Name, kind, since when, ban and role are there; no key of it speaks of money or where they live."""
    stall = await new_stall(commerce)
    buyer = await new_account(commerce, "lin@example.com", "Lin")
    await commerce.bans.ban(stall.shop, buyer, stall.owner, BanTerms("rude", device="de_1"))
    file = await commerce.moderation.people.get(stall.shop, buyer)
    assert (file.name, file.kind, file.bought, file.role) == ("Lin", "account", False, None)
    assert file.ban is not None
    assert (file.ban.reason, file.ban.by_device, file.ban.by_address) == ("rude", True, False)
    assert (await commerce.moderation.people.get(stall.shop, stall.owner)).role == "owner"
    words = msgspec.json.encode(file).decode()
    assert "minor" not in words
    assert "lin@example.com" not in words
    assert "de_1" not in words


async def test_ready_answers_are_replaced_whole_and_bad_ones_change_nothing(
    commerce: CommerceServices,
) -> None:
    """What is put is what is there, in its order."""
    stall = await new_stall(commerce)
    people = commerce.moderation.people
    wanted = SavedReplies((SavedReply("Posting", "We post every day."), SavedReply("Size", "100 g")))
    assert await people.put_replies(stall.shop, wanted) == wanted
    with pytest.raises(InvalidField):
        await people.put_replies(stall.shop, SavedReplies((SavedReply("", "x"),)))
    with pytest.raises(NoSuchShop):
        await people.put_replies("sp_nowhere", wanted)
    assert await people.replies(stall.shop) == wanted
    assert await people.put_replies(stall.shop, SavedReplies(())) == SavedReplies(())
