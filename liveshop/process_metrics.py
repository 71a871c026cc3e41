"""The figures of one process, in the Prometheus text format.

Everything is registered in prometheus_client's default registry: any part of the process may add to it.
"""

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

METRICS_TYPE = CONTENT_TYPE_LATEST


def own_metrics() -> bytes:
    """Return all figures of this process."""
    return generate_latest()
