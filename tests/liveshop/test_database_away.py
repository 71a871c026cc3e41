"""PostgreSQL goes away under the running server, and comes back."""

from pathlib import Path

import httpx
import pytest

from tests.fixtures_sql import Cluster
from tests.liveshop.running_server import running

pytestmark = pytest.mark.together


async def test_requests_are_answered_while_the_database_is_away_and_served_when_it_is_back(
    tmp_path: Path, postgres_cluster: Cluster, postgres_empty_url: str
) -> None:
    """503 with a code that says to come again, not 500; nobody has to start anything anew."""
    name = postgres_empty_url.partition("@/")[2].partition("?")[0]
    guest = {"guest_name": "Lin"}
    with running(tmp_path / "data", DATABASE_URL=postgres_empty_url) as server:
        async with httpx.AsyncClient(base_url=f"{server.address}/api/v1", timeout=30) as http:
            assert (await http.post("/session", json=guest)).is_success
            postgres_cluster.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            everybody = f"FROM pg_stat_activity WHERE datname = '{name}'"
            postgres_cluster.run(f"SELECT pg_terminate_backend(pid) {everybody}")
            refused = await http.post("/session", json=guest)
            assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
            assert refused.headers["retry-after"] == "1"
            assert "postgres" not in refused.text.lower()
            postgres_cluster.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            assert (await http.post("/session", json=guest)).is_success
