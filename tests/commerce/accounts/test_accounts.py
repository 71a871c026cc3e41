"""Accounts on both databases and both kinds of Redis."""

import re

import pytest

from commerce.errors import (
    BadToken,
    EmailTaken,
    InvalidField,
    LastOwner,
    NoSession,
    SetupDone,
    TooManyAttempts,
    WrongPassword,
)
from commerce.services import CommerceServices
from tests.commerce.builders import PASSWORD, new_account, new_guest, new_stall
from tests.fixtures_sql import KeptMail

ADDRESS = "192.0.2.1"


def link_in(mailbox: KeptMail, word: str) -> str:
    """Answer the token of the newest mailed link of a kind."""
    for _, _, text in reversed(mailbox.letters):
        found = re.search(rf"/account#{word}=(\S+)", text)
        if found:
            return found.group(1)
    raise AssertionError(f"no link {word} in {mailbox.letters}")


async def test_signing_up_mails_a_link_that_confirms_once(
    commerce: CommerceServices, mailbox: KeptMail
) -> None:
    """The link confirms the address; used again it is void."""
    opened = await commerce.accounts.sign_up(" Mei@Example.COM ", PASSWORD, "Mei", None, ADDRESS)
    assert opened.answer.person.email == "mei@example.com"
    assert not opened.answer.person.email_confirmed
    token = link_in(mailbox, "confirm")
    await commerce.accounts.confirm(token)
    person = await commerce.accounts.person(opened.answer.person.id)
    assert person is not None
    assert person.email_confirmed
    with pytest.raises(BadToken):
        await commerce.accounts.confirm(token)


async def test_an_email_has_one_account_however_it_is_written(commerce: CommerceServices) -> None:
    """A second sign-up with the same address in other letters is refused and makes nothing."""
    first = await new_account(commerce, "mei@example.com")
    with pytest.raises(EmailTaken):
        await commerce.accounts.create("MEI@example.com", PASSWORD, "Other")
    found = await commerce.accounts.find("mei@EXAMPLE.com")
    assert found is not None
    assert (found.id, found.name) == (first, "Mei")


@pytest.mark.parametrize(
    ("email", "password", "name"),
    [
        ("no-at-sign", PASSWORD, "Mei"),
        ("a b@example.com", PASSWORD, "Mei"),
        ("a@localhost", PASSWORD, "Mei"),
        ("a@example.com\u202e", PASSWORD, "Mei"),
        ("mei@example.com", "short", "Mei"),
        ("mei@example.com", "x" * 201, "Mei"),
        ("mei@example.com", PASSWORD, "  \u200d "),
        ("mei@example.com", PASSWORD, "x" * 41),
    ],
)
async def test_a_wrong_field_is_named_and_makes_no_account(
    commerce: CommerceServices, email: str, password: str, name: str
) -> None:
    """Each field is judged before anything is written."""
    with pytest.raises(InvalidField) as caught:
        await commerce.accounts.create(email, password, name)
    assert caught.value.facts["field"] in {"email", "password", "name"}
    assert await commerce.accounts.find("mei@example.com") is None


async def test_only_the_right_password_signs_in(commerce: CommerceServices) -> None:
    """Wrong password and unknown e-mail get the same answer; the right one gets a token."""
    account = await new_account(commerce)
    for email, password in (("mei@example.com", "wrong horse"), ("nobody@example.com", PASSWORD)):
        with pytest.raises(WrongPassword):
            await commerce.sessions.sign_in(email, password, None, ADDRESS)
    opened = await commerce.sessions.sign_in("MEI@example.com", PASSWORD, None, ADDRESS)
    identity = commerce.sessions.verify_access_token(opened.answer.access_token)
    assert identity is not None
    assert (identity.person, identity.kind, identity.name) == (account, "account", "Mei")


async def test_guessing_is_slowed_down_for_one_email_only(commerce: CommerceServices) -> None:
    """After eight guesses even the right password must wait; another account does not."""
    await new_account(commerce)
    await new_account(commerce, "lin@example.com", "Lin")
    for _ in range(8):
        with pytest.raises(WrongPassword):
            await commerce.sessions.sign_in("mei@example.com", "wrong horse", None, ADDRESS)
    with pytest.raises(TooManyAttempts) as caught:
        await commerce.sessions.sign_in("mei@example.com", PASSWORD, None, ADDRESS)
    assert caught.value.retry_after_s is not None
    assert 0 < caught.value.retry_after_s <= 60
    await commerce.sessions.sign_in("lin@example.com", PASSWORD, None, ADDRESS)


async def test_a_forgotten_password_is_reset_by_mail_and_signs_out_everywhere(
    commerce: CommerceServices, mailbox: KeptMail
) -> None:
    """The link sets a new password once; old sessions and the old password are void."""
    await new_account(commerce)
    before = await commerce.sessions.sign_in("mei@example.com", PASSWORD, None, ADDRESS)
    await commerce.accounts.ask_reset("mei@example.com", ADDRESS)
    await commerce.outbox.send_due()
    token = link_in(mailbox, "reset")
    with pytest.raises(InvalidField):
        await commerce.accounts.complete_reset(token, "short")
    await commerce.accounts.complete_reset(token, "new horse battery")
    assert commerce.sessions.verify_access_token(before.answer.access_token) is None
    with pytest.raises(NoSession):
        await commerce.sessions.resume(before.cookie)
    with pytest.raises(WrongPassword):
        await commerce.sessions.sign_in("mei@example.com", PASSWORD, None, ADDRESS)
    await commerce.sessions.sign_in("mei@example.com", "new horse battery", None, ADDRESS)
    with pytest.raises(BadToken):
        await commerce.accounts.complete_reset(token, "another horse")


async def test_a_reset_for_an_unknown_email_says_and_sends_nothing(
    commerce: CommerceServices, mailbox: KeptMail
) -> None:
    """The answer does not tell whether there is an account."""
    await commerce.accounts.ask_reset("nobody@example.com", ADDRESS)
    assert await commerce.outbox.waiting() == 0
    assert mailbox.letters == []


async def test_changing_the_password_needs_the_present_one(
    commerce: CommerceServices, mailbox: KeptMail
) -> None:
    """A wrong proof changes nothing; the right one keeps this browser signed in and ends the others."""
    account = await new_account(commerce)
    here = await commerce.sessions.sign_in("mei@example.com", PASSWORD, None, ADDRESS)
    there = await commerce.sessions.sign_in("mei@example.com", PASSWORD, None, ADDRESS)
    with pytest.raises(WrongPassword):
        await commerce.accounts.change_password(account, "wrong horse", "new horse battery", here.cookie)
    assert commerce.sessions.verify_access_token(there.answer.access_token) is not None
    changed = await commerce.accounts.change_password(account, PASSWORD, "new horse battery", here.cookie)
    assert commerce.sessions.verify_access_token(changed.answer.access_token) is not None
    assert commerce.sessions.verify_access_token(there.answer.access_token) is None
    assert mailbox.letters[-1][1] == "Your password was changed"
    await commerce.sessions.sign_in("mei@example.com", "new horse battery", None, ADDRESS)


async def test_deleting_scrubs_the_person_and_frees_the_email(commerce: CommerceServices) -> None:
    """After deletion nothing signs in, and the address may be used for a new account."""
    account = await new_account(commerce)
    opened = await commerce.sessions.sign_in("mei@example.com", PASSWORD, None, ADDRESS)
    with pytest.raises(WrongPassword):
        await commerce.accounts.delete(account, "wrong horse")
    assert await commerce.accounts.person(account) is not None
    await commerce.accounts.delete(account, PASSWORD)
    assert await commerce.accounts.person(account) is None
    assert commerce.sessions.verify_access_token(opened.answer.access_token) is None
    with pytest.raises(WrongPassword):
        await commerce.sessions.sign_in("mei@example.com", PASSWORD, None, ADDRESS)
    assert await new_account(commerce) != account


async def test_the_last_owner_of_a_shop_cannot_vanish(commerce: CommerceServices) -> None:
    """Deleting is refused while a shop would have no owner, and the account stays as it was."""
    stall = await new_stall(commerce)
    with pytest.raises(LastOwner) as caught:
        await commerce.accounts.delete(stall.owner, PASSWORD)
    assert caught.value.facts["shops"] == [stall.shop]
    person = await commerce.accounts.person(stall.owner)
    assert person is not None
    assert person.email == "mei@example.com"
    assert [shop.role for shop in person.shops] == ["owner"]


async def test_a_forgotten_person_is_told_to_other_domains_in_the_same_transaction(
    commerce: CommerceServices,
) -> None:
    """A domain that cannot forget keeps the whole account from being deleted."""
    account = await new_account(commerce)

    async def cannot(_sql: object, person: str) -> None:
        raise RuntimeError(person)

    commerce.accounts.forget_hooks.append(cannot)
    with pytest.raises(RuntimeError, match=account):
        await commerce.accounts.delete(account, PASSWORD)
    assert await commerce.accounts.person(account) is not None


async def test_only_the_first_administrator_is_made_by_setup(commerce: CommerceServices) -> None:
    """The first-run door closes once there is an administrator."""
    assert await commerce.accounts.setup_needed()
    await commerce.accounts.create(
        "root@example.com", PASSWORD, "Root", admin=True, confirmed=True, only_as_first_admin=True
    )
    assert not await commerce.accounts.setup_needed()
    with pytest.raises(SetupDone):
        await commerce.accounts.create(
            "evil@example.com", PASSWORD, "Evil", admin=True, confirmed=True, only_as_first_admin=True
        )
    assert await commerce.accounts.find("evil@example.com") is None


async def test_guests_and_accounts_change_their_names(commerce: CommerceServices) -> None:
    """A name is cleaned; a wrong one changes nothing."""
    guest, _ = await new_guest(commerce)
    changed = await commerce.accounts.change_profile(guest.id, "  Lin   Wei ", announce_purchases=False)
    assert (changed.name, changed.announce_purchases) == ("Lin Wei", False)
    with pytest.raises(InvalidField):
        await commerce.accounts.change_profile(guest.id, "")
    assert await commerce.accounts.person(guest.id) == changed
