"""What became of HTTP connections on which nothing was asked."""

from prometheus_client import Counter

GIVEN_UP = Counter(
    "liveshop_http_connections_given_up",
    "Connections closed because no request came or only a part of one (`never_asked`, `head_unfinished`, "
    "`body_paused`), or because too many were idle (`too_many`).",
    ["reason"],
)
