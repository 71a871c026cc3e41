"""Figures of one process and of all."""

import asyncio
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from liveshop.folders.runtime_folder_files import write_restarts
from liveshop.serving.inside_http import inside_app
from liveshop.serving.serving_http import listen_unix, served
from liveshop.watching.metrics_client import gathered_metrics, merged
from liveshop.watching.process_metrics import measured, own_metrics


def values(text: str) -> dict[tuple[str, str], float]:
    """Read samples by name and process."""
    return {
        (sample.name, sample.labels.get("process", "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_a_process_exports_its_loop_and_the_machines_restarts(tmp_path: Path) -> None:
    """The histograms fill while measured, and the restarts are what the supervisor wrote."""
    write_restarts(tmp_path, {"media": 3})
    async with measured(tmp_path):
        before = values(own_metrics().decode())["liveshop_loop_delay_seconds_count", ""]
        passed = asyncio.Event()
        asyncio.get_running_loop().call_later(0.03, passed.set)
        await passed.wait()
        text = own_metrics().decode()
    assert values(text)["liveshop_loop_delay_seconds_count", ""] > before
    assert 'liveshop_restarts_total{kind="media"} 3.0' in text
    assert "liveshop_restarts" not in own_metrics().decode()


async def test_all_processes_answer_in_one_text(tmp_path: Path) -> None:
    """Each figure says of which process it is; one that does not answer is said to be down."""
    socket = tmp_path / "front-0.sock"
    async with served(
        inside_app(more_figures=lambda: "# TYPE doors gauge\ndoors 2\n"), [listen_unix(socket)]
    ):
        text = await gathered_metrics([("front-0", f"unix:{socket}"), ("media-0", f"unix:{tmp_path}/none")])
    found = values(text)
    assert found["doors", "front-0"] == 2
    assert found["liveshop_up", "front-0"] == 1
    assert found["liveshop_up", "media-0"] == 0
    assert found["process_start_time_seconds", "front-0"] > 0


def test_families_stay_together_when_texts_are_merged() -> None:
    """The format wants all samples of a family in one place, with one head."""
    one = '# HELP a A.\n# TYPE a counter\na_total{x="1"} 1\n# TYPE b gauge\nb 2\n'
    assert merged([("p", one), ("q", one)]) == [
        "# HELP a A.",
        "# TYPE a counter",
        'a_total{x="1",process="p"} 1',
        'a_total{x="1",process="q"} 1',
        "# TYPE b gauge",
        'b{process="p"} 2',
        'b{process="q"} 2',
    ]
