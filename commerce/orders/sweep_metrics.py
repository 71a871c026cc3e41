"""What the comparison of the books found, for Prometheus."""

from prometheus_client import Gauge

UNSOUND = Gauge(
    "liveshop_unsound_pools", "Pools whose counters, holds and copied ledger do not agree", ["shop"]
)
