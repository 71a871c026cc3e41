"""The buying door's figures as Prometheus reads them."""

from types import SimpleNamespace
from typing import Any

from prometheus_client import REGISTRY

from liveshop.web.door_metrics import door_metrics

NAMES = ("reservations_refused_busy_total", "sold_out_from_memory_total", "buyers_in_line")


def _read() -> list[float | None]:
    return [REGISTRY.get_sample_value(f"liveshop_{name}") for name in NAMES]


def test_the_doors_figures_are_read_when_asked_and_go_with_it() -> None:
    """Each is the newest value; a closed door exports nothing."""
    door: Any = SimpleNamespace(
        refused_busy_total=1, in_line_total=0, sold_out=SimpleNamespace(answered_total=0)
    )
    with door_metrics(door):
        assert _read() == [1, 0, 0]
        door.refused_busy_total, door.in_line_total, door.sold_out.answered_total = 3, 7, 40
        assert _read() == [3, 40, 7]
    assert _read() == [None, None, None]
