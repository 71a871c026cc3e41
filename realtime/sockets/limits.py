"""How often one socket may do what; the rest is refused with `rate_limited` and `retry_after_ms`."""

from realtime.messages import Limit
from realtime.sockets.rate_limit import Rate

FRAMES = Rate(burst=120, per_s=30)
"""Frames of any kind; more close the socket."""
RATES: dict[Limit, Rate] = {
    "talk": Rate(burst=5, per_s=0.7),
    "like": Rate(burst=6, per_s=4),
    "vote": Rate(burst=20, per_s=2),
    "buy": Rate(burst=10, per_s=2),
    "self": Rate(burst=5, per_s=0.2),
    "moderate": Rate(burst=30, per_s=2),
    "report": Rate(burst=5, per_s=0.05),
    "translate": Rate(burst=10, per_s=1),
}
STAFF_TALK = Rate(burst=30, per_s=4)
