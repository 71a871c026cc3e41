"""The doors of accounts and sessions.

The refresh cookie is HttpOnly and goes only to /api/v1/session; every door that changes who a browser is
answers with a new one.
"""

from commerce.accounts.sessions import Opened
from commerce.accounts.structs import (
    AccountRequest,
    LinkRequest,
    PasswordRequest,
    Person,
    ProfileRequest,
    ProofRequest,
    ResetCompleteRequest,
    ResetRequest,
    SessionAnswer,
    SessionRequest,
    SetupRequest,
    SetupState,
)
from commerce.errors import (
    BadToken,
    Busy,
    EmailTaken,
    InvalidField,
    LastOwner,
    NoSession,
    NoSuchAccount,
    SetupDone,
    TooManyAttempts,
    WrongPassword,
)
from commerce.language import Language, preferred_language
from commerce.routing import Call, Identity, Reply, Route
from commerce.services import CommerceServices
from commerce.shops.structs import ShopRequest

COOKIE = "liveshop_refresh"
COOKIE_PATH = "/api/v1/session"
NO_STORE = ("cache-control", "no-store")


def _set_cookie(call: Call, value: str, max_age_s: int) -> tuple[str, str]:
    secure = "; Secure" if call.scheme == "https" else ""
    cookie = f"{COOKIE}={value}; Path={COOKIE_PATH}; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}"
    return ("set-cookie", cookie)


def _opened(services: CommerceServices, call: Call, opened: Opened, status: int = 200) -> Reply:
    headers = [NO_STORE]
    if opened.cookie is not None:
        headers.append(_set_cookie(call, opened.cookie, services.settings.session_s))
    return Reply(opened.answer, status, tuple(headers))


def _caller(call: Call) -> Identity:
    assert call.identity is not None  # the web layer let only known callers through
    return call.identity


async def open_session(services: CommerceServices, call: Call) -> Reply:
    """Sign in, become a guest, or go on by cookie."""
    body: SessionRequest = call.body or SessionRequest()
    cookie, address = call.cookies.get(COOKIE), call.client_address
    if body.email is not None and body.password is not None and body.guest_name is None:
        opened = await services.sessions.sign_in(body.email, body.password, cookie, address)
    elif body.guest_name is not None and body.email is None and body.password is None:
        opened = await services.sessions.open_guest(body.guest_name, cookie, address)
    elif body == SessionRequest():
        opened = await services.sessions.resume(cookie)
    else:
        raise InvalidField("Send nothing, a guest_name, or email and password.", field="email")
    return _opened(services, call, opened)


async def close_session(services: CommerceServices, call: Call) -> Reply:
    """Sign this browser out."""
    await services.sessions.sign_out(call.identity, call.cookies.get(COOKIE))
    return Reply(None, 204, (_set_cookie(call, "", 0),))


async def me(services: CommerceServices, call: Call) -> Person:
    """Who am I."""
    person: Person | None = await services.accounts.person(_caller(call).person)
    if person is None:
        raise NoSuchAccount
    return person


def _language(call: Call) -> Language:
    """Return the language to write mails in."""
    return preferred_language(call.headers.get("accept-language", ""))


async def change_me(services: CommerceServices, call: Call) -> Person:
    """Change name or whether purchases are announced."""
    body: ProfileRequest = call.body
    return await services.accounts.change_profile(
        _caller(call).person, body.name, announce_purchases=body.announce_purchases
    )


async def change_password(services: CommerceServices, call: Call) -> Reply:
    """Set a new password; every other device is signed out."""
    body: PasswordRequest = call.body
    opened = await services.accounts.change_password(
        _caller(call).person, body.current, body.new, call.cookies.get(COOKIE), language=_language(call)
    )
    return _opened(services, call, opened)


async def sign_out_everywhere(services: CommerceServices, call: Call) -> Reply:
    """End all sessions, this one too."""
    await services.sessions.sign_out_everywhere(_caller(call).person)
    return Reply(None, 204, (_set_cookie(call, "", 0),))


async def delete_me(services: CommerceServices, call: Call) -> Reply:
    """Delete the account: personal data goes, orders stay."""
    body: ProofRequest = call.body
    await services.accounts.delete(_caller(call).person, body.password)
    return Reply(None, 204, (_set_cookie(call, "", 0),))


async def sign_up(services: CommerceServices, call: Call) -> Reply:
    """Make an account and sign in."""
    body: AccountRequest = call.body
    opened = await services.accounts.sign_up(
        body.email,
        body.password,
        body.name,
        call.cookies.get(COOKIE),
        call.client_address,
        language=_language(call),
    )
    return _opened(services, call, opened, 201)


async def confirm(services: CommerceServices, call: Call) -> None:
    """Confirm an e-mail address by its mailed link."""
    body: LinkRequest = call.body
    await services.accounts.confirm(body.token)


async def resend(services: CommerceServices, call: Call) -> None:
    """Send the confirmation link again."""
    await services.accounts.resend_confirmation(_caller(call).person, language=_language(call))


async def ask_reset(services: CommerceServices, call: Call) -> None:
    """Mail a link to choose a new password; always 204."""
    body: ResetRequest = call.body
    await services.accounts.ask_reset(body.email, call.client_address, language=_language(call))


async def complete_reset(services: CommerceServices, call: Call) -> None:
    """Choose a new password by a mailed link."""
    body: ResetCompleteRequest = call.body
    await services.accounts.complete_reset(body.token, body.password)


async def setup_state(services: CommerceServices, _call: Call) -> SetupState:
    """Tell whether the first-run page is needed."""
    return SetupState(await services.accounts.setup_needed())


async def setup(services: CommerceServices, call: Call) -> Reply:
    """Make the first administrator and their shop."""
    body: SetupRequest = call.body
    # Checked before the account is made: a slip in the shop's part leaves nothing half done.
    shop = services.shops.checked(ShopRequest(name=body.shop_name, currency=body.currency))
    account = await services.accounts.create(
        body.email, body.password, body.name, admin=True, confirmed=True, only_as_first_admin=True
    )
    await services.shops.found(account, shop)
    opened = await services.sessions.open_account(account, call.cookies.get(COOKIE))
    return _opened(services, call, opened, 201)


ROUTES: tuple[Route, ...] = (
    Route(
        "POST", "/session", open_session, SessionRequest, SessionAnswer,
        (NoSession, WrongPassword, TooManyAttempts, InvalidField, Busy),
        summary="Sign in, become a guest, or go on by cookie",
    ),
    Route("DELETE", "/session", close_session, status=204, summary="Sign out"),
    Route("GET", "/me", me, None, Person, (NoSuchAccount,), "person", summary="Who am I"),
    Route(
        "PATCH", "/me", change_me, ProfileRequest, Person, (NoSuchAccount, InvalidField), "person",
        summary="Change name or announcement",
    ),
    Route(
        "POST", "/me/password", change_password, PasswordRequest, SessionAnswer,
        (WrongPassword, TooManyAttempts, InvalidField, NoSuchAccount), "account",
        summary="Change the password and sign out elsewhere",
    ),
    Route(
        "POST", "/me/sign-out-everywhere", sign_out_everywhere, None, None, (), "person", 204,
        "Sign out on every device",
    ),
    Route(
        "DELETE", "/me", delete_me, ProofRequest, None,
        (WrongPassword, TooManyAttempts, LastOwner, NoSuchAccount), "account", 204,
        "Delete the account; orders stay without its name",
    ),
    Route(
        "POST", "/accounts", sign_up, AccountRequest, SessionAnswer,
        (EmailTaken, InvalidField, TooManyAttempts, Busy), status=201, summary="Sign up",
    ),
    Route(
        "POST", "/accounts/confirm", confirm, LinkRequest, None, (BadToken,), status=204,
        summary="Confirm an e-mail",
    ),
    Route(
        "POST", "/accounts/confirm/resend", resend, None, None, (TooManyAttempts,), "account", 204,
        "Send the confirmation again",
    ),
    Route(
        "POST", "/accounts/reset", ask_reset, ResetRequest, None, (InvalidField, TooManyAttempts), status=204,
        summary="Ask for a link to choose a new password",
    ),
    Route(
        "POST", "/accounts/reset/complete", complete_reset, ResetCompleteRequest, None,
        (BadToken, InvalidField), status=204, summary="Choose a new password by link",
    ),
    Route("GET", "/setup", setup_state, None, SetupState, summary="Is the first-run page needed"),
    Route(
        "POST", "/setup", setup, SetupRequest, SessionAnswer, (SetupDone, EmailTaken, InvalidField),
        status=201, summary="Make the first administrator",
    ),
)  # fmt: skip
