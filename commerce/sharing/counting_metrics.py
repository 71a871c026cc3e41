"""What the counting of share links left out, for Prometheus."""

from prometheus_client import Counter

NOT_COUNTED = Counter(
    "liveshop_share_not_counted_total", "Visits by share links that no room was left to count"
)
