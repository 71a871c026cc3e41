"""Webhook signatures after Standard Webhooks."""

from commerce.payments.signature import TOLERANCE_S, is_genuine, signed_headers

SECRET, BODY, NOW_S = b"k" * 32, b'{"a":1}', 1_700_000_000


def test_the_specifications_example_holds() -> None:
    """The signature of the example in the specification's reference libraries."""
    import base64

    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_signed_delivery_is_genuine() -> None:
    """Also beside signatures of other keys and versions."""
    headers = signed_headers(SECRET, "wh_1", NOW_S, BODY)
    assert is_genuine(SECRET, headers, BODY, NOW_S + TOLERANCE_S)
    headers["webhook-signature"] = f"v1a,zzz v1,AAAA {headers['webhook-signature']}"
    assert is_genuine(SECRET, headers, BODY, NOW_S)


def test_anything_else_is_not() -> None:
    """Another body, id, time, key; an old one; missing and odd headers."""
    headers = signed_headers(SECRET, "wh_1", NOW_S, BODY)
    assert not is_genuine(SECRET, headers, BODY + b" ", NOW_S)
    assert not is_genuine(b"x" * 32, headers, BODY, NOW_S)
    assert not is_genuine(SECRET, headers | {"webhook-id": "wh_2"}, BODY, NOW_S)
    assert not is_genuine(SECRET, headers | {"webhook-timestamp": str(NOW_S + 1)}, BODY, NOW_S)
    assert not is_genuine(SECRET, headers, BODY, NOW_S + TOLERANCE_S + 1)
    assert not is_genuine(SECRET, headers, BODY, NOW_S - TOLERANCE_S - 1)
    assert not is_genuine(SECRET, headers | {"webhook-signature": ""}, BODY, NOW_S)
    assert not is_genuine(SECRET, headers | {"webhook-signature": "v1,é"}, BODY, NOW_S)
    assert not is_genuine(SECRET, headers | {"webhook-timestamp": "-1"}, BODY, NOW_S)
    assert not is_genuine(SECRET, headers | {"webhook-timestamp": "9" * 400}, BODY, NOW_S)
    assert not is_genuine(SECRET, headers | {"webhook-timestamp": "²"}, BODY, NOW_S)
    assert not is_genuine(SECRET, {}, BODY, NOW_S)
