"""Secrets of webhooks: their form, their rotation, and that SQL alone does not tell them."""

import base64

from commerce.keys_crypto import Keys
from commerce.webhooks.signing import OLD_LIVES_MS, old_until_ms, rotated, shown, signing_keys

KEYS = Keys(b"k" * 32)


def test_a_secret_has_the_specifications_form() -> None:
    """`whsec_` and the base64 of 24 to 64 bytes; what signs is those bytes."""
    column = rotated(KEYS, "we_1", "[]", 0)
    secret = shown(KEYS, "we_1", column)
    assert secret is not None
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    assert len(key) == 32
    assert signing_keys(KEYS, "we_1", column, 0) == [key]
    assert secret.removeprefix("whsec_") not in column


def test_an_old_secret_signs_for_a_day() -> None:
    """Beside the new one, which stands first; a second rotation does not make its life longer."""
    first = rotated(KEYS, "we_1", "[]", 0)
    second = rotated(KEYS, "we_1", first, 1_000)
    [old] = signing_keys(KEYS, "we_1", first, 0)
    assert signing_keys(KEYS, "we_1", second, 999 + OLD_LIVES_MS)[1:] == [old]
    assert old not in signing_keys(KEYS, "we_1", second, 1_000 + OLD_LIVES_MS)
    third = rotated(KEYS, "we_1", second, 2_000)
    assert len(signing_keys(KEYS, "we_1", third, 3_000)) == 3
    assert old not in signing_keys(KEYS, "we_1", third, 1_500 + OLD_LIVES_MS)
    assert [old_until_ms(one, 2_000) for one in (first, second)] == [None, 1_000 + OLD_LIVES_MS]


def test_a_sealed_secret_opens_for_its_own_endpoint_and_server_only() -> None:
    """A row copied to another endpoint, or read by a server with another secret, tells nothing."""
    column = rotated(KEYS, "we_1", "[]", 0)
    for keys, endpoint in ((KEYS, "we_2"), (Keys(b"x" * 32), "we_1")):
        assert shown(keys, endpoint, column) is None
        assert signing_keys(keys, endpoint, column, 0) == []
