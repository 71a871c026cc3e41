"""Ports for servers that tests start."""

import random

from tests.free_ports import free_port


def found_with(seed: int) -> list[int]:
    """Find some ports as a worker does whose test has just begun."""
    random.seed(seed)
    return [free_port() for _ in range(3)]


def test_workers_with_the_same_seed_find_other_ports() -> None:
    """Two that start a server at the same moment do not meet at one port."""
    assert found_with(7) != found_with(7)
