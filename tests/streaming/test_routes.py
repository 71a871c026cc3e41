"""The table of public doors says what the server does."""

import pytest
from starlette.routing import Route as Mounted

from streaming.routes import ROUTES
from streaming.routing import Route, handed_on
from tests.streaming.media_server import MediaServer


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_every_declared_door_is_served(media: MediaServer, route: Route) -> None:
    """Path and method of the table are mounted."""
    mounted = [one for one in media.inside.asgi.routes if isinstance(one, Mounted)]  # type: ignore[attr-defined] # Starlette
    assert any(one.path == route.path and route.method in (one.methods or ()) for one in mounted)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_refusal_has_a_code_of_its_own(route: Route) -> None:
    """Clients tell errors apart by code."""
    codes = [error.code for error in route.errors]
    assert len(set(codes)) == len(codes)
    assert all(400 <= error.status < 600 for error in route.errors)


async def test_doors_are_only_answered_by_media_processes() -> None:
    """Mounting the table by mistake fails loudly."""
    with pytest.raises(NotImplementedError):
        await handed_on(None, None)
