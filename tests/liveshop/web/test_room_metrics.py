"""What the room counts is what Prometheus reads."""

from prometheus_client import CollectorRegistry, generate_latest

from liveshop.web.room_metrics import RoomMetrics
from realtime import metrics as names


def test_prometheus_reads_what_was_counted() -> None:
    """Counters, with those that never rose, gauges and histograms, each under its name and kind."""
    registry = CollectorRegistry()
    metrics = RoomMetrics(registry)
    metrics.count(names.FRAMES_IN)
    metrics.count(names.FRAMES_IN, 2)
    metrics.gauge(names.CONNECTIONS, 5)
    metrics.observe(names.TICK_S, 0.004)
    lines = generate_latest(registry).decode().splitlines()
    assert "# TYPE liveshop_room_frames_in_total counter" in lines
    assert "liveshop_room_frames_in_total 3.0" in lines
    assert "liveshop_room_comments_total 0.0" in lines
    assert "liveshop_room_connections 5.0" in lines
    assert f'liveshop_{names.TICK_S}_bucket{{le="0.005"}} 1.0' in lines
