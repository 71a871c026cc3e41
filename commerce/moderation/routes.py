"""The doors of a shop's moderation: what the control view reads and writes beside the room itself."""

from commerce.errors import (
    IdempotencyConflict,
    InvalidField,
    KeyMissing,
    NoSuchPerson,
    NoSuchShop,
    NoSuchShow,
    TooManyOperations,
)
from commerce.moderation.refusals import NoSuchNote, PolicyChanged
from commerce.moderation.structs import (
    ActionList,
    Note,
    NoteRequest,
    PersonFile,
    PolicyRequest,
    RoomPolicy,
    SavedReplies,
)
from commerce.routing import Call, Reply, Route
from commerce.services import CommerceServices
from commerce.shows import shows_sql

POLICY_BYTES = 512 * 1024


async def list_actions(services: CommerceServices, call: Call) -> ActionList:
    """List what staff did in a show."""
    cursor, action = call.query.get("cursor"), call.query.get("action", "")
    return await services.moderation.audit.page(call.path["show"], cursor, action)


async def export_actions(services: CommerceServices, call: Call) -> Reply:
    """Write down what staff did in a show as CSV."""
    show = call.path["show"]
    rows = await services.moderation.audit.csv(show)
    name = (("content-disposition", f'attachment; filename="moderation-{show}.csv"'),)
    return Reply(rows, content_type="text/csv; charset=utf-8", headers=name)


async def _shop(services: CommerceServices, call: Call) -> str:
    async with services.database.read() as sql:
        shop = await shows_sql.shop_of(sql, call.path["show"])
    if shop is None:
        raise NoSuchShow(show=call.path["show"])
    return shop


async def show_person(services: CommerceServices, call: Call) -> PersonFile:
    """Show what the shop's staff knows of a person."""
    return await services.moderation.people.get(await _shop(services, call), call.path["person"])


async def add_note(services: CommerceServices, call: Call) -> Note:
    """Write a note about a person for the other moderators."""
    assert call.identity is not None
    request: NoteRequest = call.body
    shop, person = await _shop(services, call), call.path["person"]
    return await services.moderation.people.add_note(
        shop, person, call.identity.person, request.text, call.operation_key
    )


async def remove_note(services: CommerceServices, call: Call) -> None:
    """Remove a note."""
    await services.moderation.people.remove_note(await _shop(services, call), call.path["note"])


async def get_replies(services: CommerceServices, call: Call) -> SavedReplies:
    """List the ready answers."""
    return await services.moderation.people.replies(await _shop(services, call))


async def put_replies(services: CommerceServices, call: Call) -> SavedReplies:
    """Replace the ready answers."""
    replies: SavedReplies = call.body
    return await services.moderation.people.put_replies(await _shop(services, call), replies)


async def get_policy(services: CommerceServices, call: Call) -> RoomPolicy:
    """Show the rules of the shop's rooms."""
    return await services.moderation.policies.get(call.path["shop"])


async def get_show_policy(services: CommerceServices, call: Call) -> RoomPolicy:
    """Show the rules that hold in a show's room."""
    return await services.moderation.policies.get(await _shop(services, call))


async def put_policy(services: CommerceServices, call: Call) -> RoomPolicy:
    """Replace the rules of the shop's rooms."""
    assert call.identity is not None
    request: PolicyRequest = call.body
    return await services.moderation.policies.put(call.path["shop"], call.identity.person, request)


_ACTIONS = "/shows/{show}/moderation"
_PERSON = "/shows/{show}/people/{person}"
_REPLIES = "/shows/{show}/saved-replies"
_POLICY = "/shops/{shop}/room-policy"

_KEYED = (KeyMissing, IdempotencyConflict, TooManyOperations)

ROUTES: tuple[Route, ...] = (
    Route(
        "GET", _ACTIONS, list_actions, None, ActionList, (NoSuchShow, InvalidField), "moderator",
        summary="List what staff did in a show",
        query=(("cursor", "`next` of the page before"), ("action", "only actions of this kind")),
    ),
    Route(
        "GET", "/shows/{show}/moderation.csv", export_actions, None, bytes, (NoSuchShow,), "moderator",
        summary="What staff did in a show, as CSV", content_type="text/csv; charset=utf-8",
    ),
    Route(
        "GET", _PERSON, show_person, None, PersonFile, (NoSuchPerson, NoSuchShow), "moderator",
        summary="Show what the shop's staff knows of a person",
    ),
    Route(
        "POST", _PERSON + "/notes", add_note, NoteRequest, Note,
        (NoSuchPerson, NoSuchShow, NoSuchNote, InvalidField, *_KEYED),
        "moderator", 201, "Write a note about a person",
    ),
    Route(
        "DELETE", "/shows/{show}/notes/{note}", remove_note, None, None, (NoSuchNote, NoSuchShow),
        "moderator", 204, "Remove a note",
    ),
    Route(
        "GET", _REPLIES, get_replies, None, SavedReplies, (NoSuchShow,), "moderator",
        summary="List the ready answers",
    ),
    Route(
        "PUT", _REPLIES, put_replies, SavedReplies, SavedReplies, (NoSuchShow, NoSuchShop, InvalidField),
        "moderator", summary="Replace the ready answers", max_body_bytes=POLICY_BYTES,
    ),
    Route(
        "GET", "/shows/{show}/room-policy", get_show_policy, None, RoomPolicy, (NoSuchShow, NoSuchShop),
        "moderator", summary="Show the rules that hold in a show's room",
    ),
    Route(
        "GET", _POLICY, get_policy, None, RoomPolicy, (NoSuchShop,), "producer",
        summary="Show the rules of the shop's rooms",
    ),
    Route(
        "PUT", _POLICY, put_policy, PolicyRequest, RoomPolicy, (NoSuchShop, InvalidField, PolicyChanged),
        "producer", summary="Replace the rules of the shop's rooms", max_body_bytes=POLICY_BYTES,
    ),
)  # fmt: skip
