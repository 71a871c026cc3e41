"""What stands for a network address."""

from realtime.address_keys import address_key


def test_the_same_address_has_the_same_key_and_the_key_does_not_tell_it() -> None:
    """Only with the same secret; an IPv6 network of 64 bits, and IPv4 in IPv6, count as one."""
    one = address_key(b"secret", "192.0.2.7")
    assert one == address_key(b"secret", "::ffff:192.0.2.7")
    assert one != address_key(b"other", "192.0.2.7")
    assert one != address_key(b"secret", "192.0.2.8")
    assert one.startswith("ak_")
    assert address_key(b"secret", "2001:db8:1:2::1") == address_key(b"secret", "2001:db8:1:2:ffff::9")
    assert address_key(b"secret", "2001:db8:1:2::1") != address_key(b"secret", "2001:db8:1:3::1")


def test_without_a_secret_or_an_address_there_is_no_key() -> None:
    """A Unix socket's other end has none."""
    assert (
        address_key(b"", "192.0.2.7") == address_key(b"secret", "") == address_key(b"secret", "nowhere") == ""
    )
