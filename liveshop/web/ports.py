"""The room's ports, filled with commerce: the two packages never meet anywhere else."""

from collections.abc import Awaitable, Callable
from typing import Any

from commerce.accounts.tokens import read_access_token
from commerce.services import CommerceServices
from realtime.ports import Json, Person
from realtime.shapes import Role

STAFF = {"owner": "host", "host": "host", "moderator": "moderator"}
