"""Addresses of Redis Clusters: `redis://user:password@h1:7001,h2:7002/?cluster=1` names some of the nodes."""

from urllib.parse import parse_qs, unquote, urlsplit


def names_cluster(url: str) -> bool:
    """Tell whether an address is that of a cluster."""
    return parse_qs(urlsplit(url).query).get("cluster", [""])[-1] in {"1", "yes", "true"}


def cluster_hosts(url: str) -> list[tuple[str, int]]:
    """Read the nodes a cluster's address names; 6379 is the usual port. ValueError when it names none."""
    places = urlsplit(url).netloc.rpartition("@")[2]
    hosts = []
    for place in places.split(","):
        one = urlsplit(f"//{place}")
        if not one.hostname:
            raise ValueError("The address of a Redis Cluster names no node.")
        hosts.append((one.hostname, one.port or 6379))
    return hosts


def sign_in(url: str) -> tuple[str | None, str | None]:
    """Read user and password of a cluster's address; None for what it does not have."""
    before, at, _ = urlsplit(url).netloc.rpartition("@")
    if not at:
        return None, None
    user, _, password = before.partition(":")
    return unquote(user) or None, unquote(password) or None
