"""Derived keys and sealing."""

from commerce.keys_crypto import Keys

SECRET = b"s" * 32


def test_keys_differ_by_purpose_and_by_secret() -> None:
    """The same purpose and secret give the same key; anything else another one."""
    keys = Keys(SECRET)
    assert keys.derive("a") == Keys(SECRET).derive("a")
    assert len({keys.derive("a"), keys.derive("b"), Keys(b"t" * 32).derive("a")}) == 3
    assert len(keys.derive("a")) == 32


def test_what_is_sealed_opens_only_where_it_belongs() -> None:
    """Another row, another purpose, another secret, a changed byte: nothing."""
    keys = Keys(SECRET)
    sealed = keys.seal("stream-key", "live_梅", "sh_1")
    assert keys.unseal("stream-key", sealed, "sh_1") == "live_梅"
    assert "live" not in sealed
    assert keys.unseal("stream-key", sealed, "sh_2") is None
    assert keys.unseal("other", sealed, "sh_1") is None
    assert Keys(b"t" * 32).unseal("stream-key", sealed, "sh_1") is None
    changed = sealed[:20] + ("A" if sealed[20] != "A" else "B") + sealed[21:]
    assert keys.unseal("stream-key", changed, "sh_1") is None
    assert keys.unseal("stream-key", "rubbish", "sh_1") is None


def test_sealing_twice_looks_different() -> None:
    """Equal texts cannot be recognised."""
    keys = Keys(SECRET)
    assert keys.seal("p", "text", "row") != keys.seal("p", "text", "row")
