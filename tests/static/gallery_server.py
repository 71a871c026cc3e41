"""Nothing but appearances: the pages in every state, by `python -m tests.static.gallery_server`.

It serves `static/` with the real content policy and answers the API and the room from `gallery_data`,
in memory, for one person per process. Behaviour is proved on the real server.
"""

import asyncio
import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

import uvicorn
from PIL import Image, ImageDraw
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from liveshop.web.pages_http import page_routes
from tests.static import gallery_data as data
from tests.static.gallery_shop import GALLERY, Refused

Json = dict[str, Any]
STATIC = Path(__file__).parents[2] / "static"


def problem(status: int, code: str, **facts: object) -> Response:
    """Answer a problem document."""
    return JSONResponse(
        {"type": "about:blank", "title": code, "status": status, "code": code, "detail": code, **facts},
        status,
    )


async def session(request: Request) -> Response:
    """Sign in, as a guest or with any password but `wrong`."""
    if request.method == "DELETE":
        GALLERY.person = {}
        return Response(status_code=204)
    body = await request.json()
    if body.get("password") == "wrong":
        return problem(401, "wrong_password")
    if "guest_name" in body:
        GALLERY.person = {"id": "gu_you", "kind": "guest", "name": body["guest_name"], "email": None}
    if "email" in body:
        GALLERY.person = {
            "id": "ac_you",
            "kind": "account",
            "name": body.get("name", "Mei Lin"),
            "email": body["email"],
        }
    if not GALLERY.person:
        return problem(401, "no_session")
    GALLERY.person.update(email_confirmed=False, admin=False, announce_purchases=True, shops=[])
    return JSONResponse(
        {"access_token": "gallery", "expires_at_ms": data.now_ms() + 900_000, "person": GALLERY.person}
    )


async def me(request: Request) -> Response:
    """Change or show oneself."""
    if request.method == "PATCH":
        GALLERY.person.update(await request.json())
    return JSONResponse(GALLERY.person)


async def done(_request: Request) -> Response:
    """Agree to anything."""
    return Response(status_code=204)


async def shows(request: Request) -> Response:
    """List shows by state; `liveshop_gallery=empty` as a cookie shows an empty lobby."""
    if request.cookies.get("liveshop_gallery") == "empty":
        return JSONResponse({"shows": []})
    if request.cookies.get("liveshop_gallery") == "broken":
        return problem(503, "busy")
    state = request.query_params.get("state")
    return JSONResponse({"shows": [one for one in GALLERY.shows.values() if one["state"] == state]})


async def one_show(request: Request) -> Response:
    """Answer one show."""
    found = GALLERY.shows.get(request.path_params["show"])
    return JSONResponse(found) if found else problem(404, "no_such_show")


async def shop(request: Request) -> Response:
    """Answer the shop."""
    return JSONResponse(data.LONG_SHOP if request.path_params["shop"] == "sp_long" else data.SHOP)


async def reservations(request: Request) -> Response:
    """Hold over HTTP."""
    try:
        return JSONResponse(GALLERY.reserve(await request.json()), 201)
    except Refused as refused:
        return problem(409, refused.code, **refused.facts)


async def quote(request: Request) -> Response:
    """Say what it costs."""
    return JSONResponse(GALLERY.quote(await request.json()))


async def buying(request: Request) -> Response:
    """Show or forget what is remembered."""
    if request.method == "DELETE":
        GALLERY.saved = {"contact": None, "address": None, "shipping": {}, "means": []}
        return Response(status_code=204)
    return JSONResponse(GALLERY.saved)


async def payment_methods(_request: Request) -> Response:
    """Offer the test payment and paying by hand."""
    return JSONResponse({"methods": data.METHODS})


async def one_hold(request: Request) -> Response:
    """Take another variant."""
    body = await request.json()
    GALLERY.reservations.pop(request.path_params["reservation"])
    return JSONResponse(GALLERY.reserve({"lines": [body["to"]]}))


async def orders(request: Request) -> Response:
    """List orders, or make one."""
    if request.method == "POST":
        return JSONResponse(GALLERY.order(await request.json()), 201)
    return JSONResponse({"orders": list(reversed(GALLERY.orders.values())), "next": None})


async def one_order(request: Request) -> Response:
    """Answer, cancel or pay one order."""
    order = GALLERY.orders.get(request.path_params["order"])
    if order is None:
        return problem(404, "no_such_order")
    what = request.path_params.get("what")
    if what == "cancel":
        order["state"] = "cancelled"
    if what == "after":
        return JSONResponse(data.after_sale(order))
    if what == "pay":
        return JSONResponse(GALLERY.pay(order["id"], "/shows/sh_live"))
    return JSONResponse(order)


async def payment(request: Request) -> Response:
    """Answer a test payment, or act on it."""
    found = GALLERY.payments.get(request.path_params["payment"])
    if found is None:
        return problem(404, "not_found")
    if request.method == "POST":
        return JSONResponse(await GALLERY.act(found["id"], (await request.json())["action"]))
    return JSONResponse(found)


async def drawing(request: Request) -> Response:
    """Draw a picture for a product: a ground and a bowl."""
    name, _, width = request.path_params["file"].removesuffix(".webp").rpartition("-")
    hue, size = int(name.rpartition("_")[2]), min(int(width), 640)
    ground = Image.new("HSV", (size, size), (hue * 255 // 360, 90, 200)).convert("RGB")
    pen = ImageDraw.Draw(ground)
    cup = Image.new("HSV", (1, 1), (hue * 255 // 360, 150, 110)).convert("RGB").getpixel((0, 0))
    pen.ellipse((size * 0.2, size * 0.42, size * 0.8, size * 0.6), fill=(250, 246, 236))
    pen.pieslice((size * 0.2, size * 0.2, size * 0.8, size * 0.84), 0, 180, fill=cup)
    out = io.BytesIO()
    ground.save(out, "WEBP")
    return Response(out.getvalue(), media_type="image/webp")


def hello(frame: Json, show: Json) -> Json:
    """Answer a hello with a snapshot."""
    position = {"epoch": "gallery", "offset": 1, "tag": "t"}
    ordered = (
        [
            {
                "kind": "order",
                "seq": 1,
                "at_ms": data.now_ms() - 57_500,
                "name": "Wu",
                "product": show["products"][0]["id"],
                "variant": "va_x",
                "quantity": 2,
                "order_ref": "r1",
            }
        ]
        if show["products"]
        else []
    )
    snapshot = {
        "show": show,
        "pinned": show["pinned_product"],
        "products": show["products"],
        "sales": show["sales"],
        "stock": {
            **{v["pool"]: v["stock"] for p in show["products"] for v in p["variants"]},
            "po_fs_flash": data.stock(7, 4, 9),
        },
        "comments": data.comments() if show["products"] and show["state"] != "scheduled" else [],
        "viewers": show["viewers"],
        "likes": 1284,
        "host": "live" if show["host_present"] else "away" if show["state"] == "live" else "off",
        "run_of_show": [p["id"] for p in show["products"]],
        "orders": ordered if show["state"] != "scheduled" else [],
        "prices": {},
    }
    return {
        "type": "hello",
        "re": frame["id"],
        "v": 1,
        "front": "gallery",
        "heartbeat_ms": 15_000,
        "server_time_ms": data.now_ms(),
        "shop_time_ms": data.now_ms(),
        "you": GALLERY.you(),
        "show": show,
        "snapshot": snapshot,
        "missed": None,
        "position": position,
        "whep": {"url": f"/whep/{show['id']}", "token": "gallery"},
        "limits": {"comment_chars": 200, "likes_per_frame": 20, "translate": True},
        "slow_mode_s": 0,
    }


def tick(**more: object) -> Json:
    """Make a tick; its facts get the next places of the log."""
    told: Any = more.pop("facts", [])
    facts = [{**fact, "seq": next(GALLERY.offsets)} for fact in told]
    return {
        "type": "tick",
        "position": {"epoch": "gallery", "offset": next(GALLERY.offsets), "tag": "t"},
        "server_time_ms": data.now_ms(),
        "facts": facts,
        "talk": [],
        "left_out": 0,
        "state": {},
        **more,
    }


async def answer(socket: WebSocket, frame: Json, show: Json) -> None:
    """Do what one frame of the room asks."""
    match frame["type"]:
        case "hello":
            await socket.send_text(json.dumps(hello(frame, show)))
        case "comment":
            said = {
                "id": f"co_{next(GALLERY.ids)}x",
                "person": "gu_you",
                "name": GALLERY.person.get("name"),
                "badge": None,
                "text": frame["text"],
                "at_ms": data.now_ms(),
                "reply_to": frame.get("reply_to"),
            }
            await socket.send_text(json.dumps({"type": "ok", "re": frame["id"], "comment": said}))
            await GALLERY.tell(tick(talk=[said]))
        case "like":
            await GALLERY.tell(tick(state={"likes": 1284 + next(GALLERY.ids) + frame["count"]}))
        case "reserve" | "change" | "release":
            await socket.send_text(json.dumps(bought(frame)))
        case "translate":
            texts = {comment: f"In English: {comment}" for comment in frame["comments"]}
            await socket.send_text(json.dumps({"type": "ok", "re": frame["id"], "translations": texts}))
        case "pong":
            pass
        case _:
            await socket.send_text(json.dumps({"type": "ok", "re": frame["id"]}))


def bought(frame: Json) -> Json:
    """Hold, change or release, and answer as the room does."""
    try:
        if frame["type"] == "reserve":
            held = GALLERY.reserve(frame)
        elif frame["type"] == "change":
            held = GALLERY.change(frame["reservation"], frame["pool"], frame["quantity"])
        else:
            held = {**GALLERY.reservations.pop(frame["reservation"]), "state": "released"}
    except Refused as refused:
        return {
            "type": "error",
            "re": frame["id"],
            "code": refused.code,
            "message": refused.code,
            "temporary": True,
            "retry_after_ms": None,
            **refused.facts,
        }
    return {"type": "ok", "re": frame["id"], "reservation": held}


async def follow(request: Request) -> Response:
    """Follow the shop, or not."""
    if request.method != "GET":
        GALLERY.follows = request.method == "PUT"
    many = 1287 + GALLERY.follows
    return JSONResponse({"following": GALLERY.follows, "by_mail": True, "followers": many, "reachable": True})


async def picture_rights(_request: Request) -> Response:
    """Tell whether pictures may be shown with comments."""
    return JSONResponse({"allowed": False, "who": "off"})


async def conversation(request: Request) -> Response:
    """Show what was said about an order: nothing."""
    nothing: dict[str, object] = {"messages": [], "before": None, "unread": 0, "seen": 0, "closed": False}
    return JSONResponse({"order": request.path_params["order"], **nothing})


async def reminder(_request: Request) -> Response:
    """Tell nobody of a show."""
    return JSONResponse({"reminded": False, "reachable": False})


async def reminders(_request: Request) -> Response:
    """Remind of nothing yet."""
    return JSONResponse({"shows": [], "reachable": False})


async def followed(_request: Request) -> Response:
    """List what is followed: nothing, or the tea shop."""
    return JSONResponse({"follows": [{"shop": data.SHOP, "by_mail": True}] if GALLERY.follows else []})


async def room(socket: WebSocket) -> None:
    """Serve the room of one show."""
    await socket.accept("liveshop.v1")
    show = GALLERY.shows.get(socket.path_params["show"])
    if show is None:
        await socket.close(4504)
        return
    GALLERY.sockets.add(socket)
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await answer(socket, json.loads(await socket.receive_text()), show)
    GALLERY.sockets.discard(socket)


async def say(request: Request) -> Response:
    """Send any frame to all rooms, or close them: what the pages do then is what one came to see."""
    frame = await request.json()
    if "close" in frame:
        for socket in list(GALLERY.sockets):
            await socket.close(frame["close"])
    else:
        await GALLERY.tell(tick(**frame) if "type" not in frame else frame)
    return Response(status_code=204)


def make_app() -> Starlette:
    """Put the gallery together."""
    api = "/api/v1"
    everything = ["GET", "POST", "PATCH", "DELETE"]
    routes = [
        Route(f"{api}/session", session, methods=["POST", "DELETE"]),
        Route(f"{api}/me", me, methods=["GET", "PATCH"]),
        Route(f"{api}/me/buying", buying, methods=["GET", "DELETE"]),
        Route(f"{api}/me/follows", followed),
        Route(f"{api}/me/reminders", reminders),
        Route(f"{api}/me/{{what}}", done, methods=["POST"]),
        Route(f"{api}/accounts", session, methods=["POST"]),
        Route(f"{api}/accounts/{{what:path}}", done, methods=["POST"]),
        Route(f"{api}/shows", shows),
        Route(f"{api}/shows/{{show}}", one_show),
        Route(f"{api}/shows/{{show}}/reminder", reminder),
        Route(f"{api}/shows/{{show}}/comment-pictures", picture_rights),
        Route(f"{api}/shops/{{shop}}", shop),
        Route(f"{api}/shops/{{shop}}/follow", follow, methods=["GET", "PUT", "DELETE"]),
        Route(f"{api}/shops/{{shop}}/reservations", reservations, methods=["POST"]),
        Route(f"{api}/shops/{{shop}}/orders", orders, methods=["POST"]),
        Route(f"{api}/shops/{{shop}}/quote", quote, methods=["POST"]),
        Route(f"{api}/shops/{{shop}}/payment-methods", payment_methods),
        Route(f"{api}/shops/{{shop}}/reservations/{{reservation}}", one_hold, methods=["PATCH"]),
        Route(f"{api}/orders", orders),
        Route(f"{api}/orders/{{order}}", one_order),
        Route(f"{api}/orders/{{order}}/messages", conversation),
        Route(f"{api}/orders/{{order}}/{{what}}", one_order, methods=everything),
        Route("/api/sandbox/payments/{payment}", payment),
        Route("/api/sandbox/payments/{payment}/act", payment, methods=["POST"]),
        Route("/media/pictures/{file}", drawing),
        Route("/gallery/say", say, methods=["POST"]),
        WebSocketRoute("/ws/shows/{show}", room),
        *page_routes(STATIC, sandbox=True),
    ]
    return Starlette(routes=routes)


def main(port: int = 8765) -> None:
    """Serve on the loopback until interrupted."""
    config = uvicorn.Config(make_app(), host="127.0.0.1", port=port, log_level="warning")
    asyncio.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8765)
