"""DTLS without sockets: both roles, lost datagrams, wrong fingerprints, goodbyes; and STUN's reader."""

import datetime as dt
import hashlib
import warnings
from struct import error as struct_error

import pytest
from aioice import stun
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from OpenSSL import SSL, crypto

from streaming.transport.dtls_crypto import (
    MAX_DATAGRAM_BYTES,
    DtlsEnd,
    DtlsIdentity,
    DtlsState,
    looks_like_close_alert,
    pack_records,
)
from streaming.transport.ice_lite import build_answer, is_genuine, read_check
from streaming.transport.srtp_native import Scratch, SrtpEnd

NOW = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
SERVER, CLIENT = DtlsIdentity(NOW), DtlsIdentity(NOW)


def pair(*, wrong: bool = False) -> tuple[DtlsEnd, DtlsEnd]:
    """A server and a client that know each other's digest, or a wrong one."""
    digest = "00:11" if wrong else CLIENT.fingerprint
    server = DtlsEnd(SERVER, [("sha-256", digest)], client=False)
    return server, DtlsEnd(CLIENT, [("sha-256", SERVER.fingerprint)], client=True)


def exchange(server: DtlsEnd, client: DtlsEnd) -> int:
    """Carry datagrams until nobody has any; how many there were."""
    client.start()
    carried = 0
    while True:
        out, back = client.take_datagrams(), server.take_datagrams()
        if not out and not back:
            return carried
        for datagram in out:
            server.receive(datagram)
        for datagram in back:
            client.receive(datagram)
        carried += len(out) + len(back)
        assert all(len(datagram) <= MAX_DATAGRAM_BYTES for datagram in out + back)


def test_both_ends_get_the_same_keys_crosswise() -> None:
    """What one sends with, the other opens with; AES-GCM is chosen."""
    server, client = pair()
    assert exchange(server, client) <= 8
    assert (server.state, client.state) == (DtlsState.CONNECTED, DtlsState.CONNECTED)
    assert server.keys == client.keys[::-1]
    assert server.profile is not None
    assert server.profile.openssl_name == b"SRTP_AEAD_AES_128_GCM"


def test_a_packet_protected_by_one_end_is_opened_by_the_other() -> None:
    """In place, at full length; a repeat is refused, and so is a changed byte."""
    server, client = pair()
    exchange(server, client)
    assert server.profile is not None
    sending, receiving = (SrtpEnd(server.profile, server.keys[0], inbound=False),
                          SrtpEnd(server.profile, client.keys[1], inbound=True))  # fmt: skip
    scratch = Scratch()
    plain = b"\x80\x60\x00\x01" + bytes(8) + bytes(range(256)) * 5 + bytes(100)
    scratch.view[: len(plain)] = plain
    size = sending.protect(scratch, len(plain))
    sealed = bytes(scratch.view[:size])
    assert size == len(plain) + 16
    scratch.view[20] ^= 1
    assert receiving.unprotect(scratch, size) == 0
    scratch.view[:size] = sealed
    assert receiving.unprotect(scratch, size) == len(plain)
    assert bytes(scratch.view[: len(plain)]) == plain
    scratch.view[:size] = sealed
    assert receiving.unprotect(scratch, size) == 0


def test_a_wrong_fingerprint_fails_the_handshake() -> None:
    """The certificate must be the one of the offer."""
    server, client = pair(wrong=True)
    exchange(server, client)
    assert server.state is DtlsState.FAILED
    assert server.keys == (b"", b"")


def test_a_certificate_that_is_almost_one_fails_the_handshake(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenSSL takes a version that does not exist; whoever reads it more closely must not raise."""
    use_certificate = SSL.Context.use_certificate
    sent: list[str] = []

    def use_almost(context: SSL.Context, certificate: x509.Certificate) -> None:
        version = b"\xa0\x03\x02\x01"
        der = certificate.public_bytes(Encoding.DER).replace(version + b"\x02", version + b"\x07", 1)
        sent.append(hashlib.sha256(der).digest().hex(":").upper())
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            use_certificate(context, crypto.load_certificate(crypto.FILETYPE_ASN1, der))

    with monkeypatch.context() as patched:
        patched.setattr(SSL.Context, "use_certificate", use_almost)
        almost = DtlsIdentity(NOW)
    for digest, state in (("00:11", DtlsState.FAILED), (sent[0], DtlsState.CONNECTED)):
        server = DtlsEnd(SERVER, [("sha-256", digest)], client=False)
        exchange(server, DtlsEnd(almost, [("sha-256", SERVER.fingerprint)], client=True))
        assert server.state is state


@pytest.mark.parametrize("name", ["sha-256", "sha-384", "sha-512"])
def test_a_digest_of_each_kind_is_compared(name: str) -> None:
    """As the offer names it."""
    own = SSL.Connection(CLIENT.context).get_certificate(as_cryptography=True)
    assert own is not None
    der = own.public_bytes(Encoding.DER)
    right = hashlib.new(name.replace("-", ""), der).digest().hex(":").upper()
    for value, state in ((right, DtlsState.CONNECTED), (right[3:] + ":00", DtlsState.FAILED)):
        server = DtlsEnd(SERVER, [(name, value)], client=False)
        exchange(server, DtlsEnd(CLIENT, [("sha-256", SERVER.fingerprint)], client=True))
        assert server.state is state


def test_a_timer_that_is_never_answered_fails_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenSSL gives up after twelve repeats; that is no reason to stop everybody's clock."""
    _, client = pair()
    client.start()

    def gives_up(connection: SSL.Connection) -> bool:
        raise SSL.Error([("SSL routines", "", "read timeout expired")])

    monkeypatch.setattr(SSL.Connection, "DTLSv1_handle_timeout", gives_up)
    client.on_timer()
    assert client.state is DtlsState.FAILED


def test_a_lost_flight_is_repeated_by_the_timer() -> None:
    """The first hello vanishes; the timer says when to send it again, and not before."""
    _, client = pair()
    client.start()
    assert client.take_datagrams()
    timeout_s = client.timeout_s()
    assert timeout_s is not None
    assert 0 < timeout_s <= 1.0
    client._ssl.DTLSv1_handle_timeout()  # type: ignore[union-attr] # before its time nothing is sent
    assert client.take_datagrams() == []


def test_after_finish_the_ssl_object_is_gone_and_a_goodbye_is_left() -> None:
    """The other end understands it."""
    server, client = pair()
    exchange(server, client)
    server.finish()
    assert not server.holds_ssl
    assert looks_like_close_alert(server.close_alert)
    client.receive(server.close_alert)
    assert client.state is DtlsState.CLOSED
    server.receive(b"\x16" * 50)
    assert server.take_datagrams() == []


@pytest.mark.parametrize(
    "noise", [b"", b"\x16", b"\x16\xfe\xfd" + bytes(10), b"\x14" * 100, b"\x17\xfe\xfd" + bytes(60)]
)
def test_noise_does_not_disturb_a_handshake(noise: bytes) -> None:
    """Datagrams that are no records are passed over."""
    server, client = pair()
    server.receive(noise)
    exchange(server, client)
    assert server.state is DtlsState.CONNECTED


@given(st.lists(st.integers(0, 1100), max_size=12))
def test_records_are_packed_whole(sizes: list[int]) -> None:
    """Nothing is lost or split, and no datagram is too long."""
    records = [b"\x16\xfe\xfd" + bytes(8) + size.to_bytes(2, "big") + bytes(size) for size in sizes]
    datagrams = pack_records(b"".join(records))
    assert b"".join(datagrams) == b"".join(records)
    assert all(len(datagram) <= MAX_DATAGRAM_BYTES for datagram in datagrams)


@given(st.binary(max_size=600))
def test_any_datagram_is_a_check_or_nothing(data: bytes) -> None:
    """The reader of STUN never raises."""
    for datagram in (
        data,
        b"\x00\x01" + len(data).to_bytes(2, "big") + b"\x21\x12\xa4\x42" + bytes(12) + data,
    ):
        read_check(datagram)


kinds = st.sampled_from([1, 6, 8, 9, 0x20, 0x24, 0x25, 0x8022, 0x8028, 0x802A, 3, 999])
attributes = st.lists(st.tuples(kinds, st.binary(max_size=40)), max_size=8)


@given(attributes)
def test_any_attributes_are_a_check_or_nothing(found: list[tuple[int, bytes]]) -> None:
    """Known types with bodies of any length."""
    body = b"".join(
        kind.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value + bytes(-len(value) % 4)
        for kind, value in found
    )
    read_check(b"\x00\x01" + len(body).to_bytes(2, "big") + b"\x21\x12\xa4\x42" + bytes(12) + body)


@given(found=attributes, password=st.sampled_from([b"password", b"other"]), nominates=st.booleans())
def test_a_signed_check_is_read_as_the_library_reads_it(
    found: list[tuple[int, bytes]], password: bytes, *, nominates: bool
) -> None:
    """Whatever attributes stand around the name, names, wish and the judgement of the signature agree."""
    body = b"".join(
        kind.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value + bytes(-len(value) % 4)
        for kind, value in [*found, (6, b"us:them"), *([(0x25, b"")] if nominates else [])]
        if kind not in (8, 0x8028)  # those are added below
    )
    signed = stun.message_integrity(_with_header(body), password)
    body += b"\x00\x08\x00\x14" + signed
    body += b"\x80\x28\x00\x04" + stun.message_fingerprint(_with_header(body)).to_bytes(4, "big")
    data = _with_header(body)
    try:
        theirs = stun.parse_message(data)
    except (ValueError, LookupError, struct_error):
        return  # of bodies that we do not look into
    ours = read_check(data)
    assert ours is not None
    assert f"{ours.local_ufrag}:{ours.remote_ufrag}" == theirs.attributes["USERNAME"]
    assert ours.nominates == ("USE-CANDIDATE" in theirs.attributes)
    assert is_genuine(ours, b"password") == theirs.check_message_integrity(b"password")
    assert is_genuine(ours, b"password") == (password == b"password")


def test_a_check_with_a_wrong_fingerprint_is_none() -> None:
    """Also where what it covers is signed rightly."""
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes={"USERNAME": "us:them"})
    message.add_message_integrity(b"password")
    data = bytes(message)
    assert read_check(data) is not None
    assert read_check(data[:-1] + bytes((data[-1] ^ 1,))) is None


def _with_header(body: bytes) -> bytes:
    return b"\x00\x01" + len(body).to_bytes(2, "big") + b"\x21\x12\xa4\x42" + bytes(12) + body


def test_a_check_without_priority_is_answered() -> None:
    """An FFmpeg of 2025 left it out; the answer tells the address and is signed."""
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes={"USERNAME": "us:them"})
    message.add_message_integrity(b"password")
    check = read_check(bytes(message))
    assert check is not None
    assert (check.local_ufrag, check.remote_ufrag, check.nominates) == ("us", "them", False)
    assert is_genuine(check, b"password")
    assert not is_genuine(check, b"other")
    answer = stun.parse_message(build_answer(check, b"password", ("192.0.2.7", 4242)))
    assert answer.attributes["XOR-MAPPED-ADDRESS"] == ("192.0.2.7", 4242)
    assert answer.check_message_integrity(b"password")


addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)


@given(address=addresses, port=st.integers(0, 0xFFFF), transaction=st.binary(min_size=12, max_size=12))
def test_an_answer_is_what_the_library_would_write(address: str, port: int, transaction: bytes) -> None:
    """Byte for byte, in both families."""
    asked = stun.Message(
        stun.Method.BINDING, stun.Class.REQUEST, transaction, {"USERNAME": "us:them", "PRIORITY": 1}
    )
    asked.add_message_integrity(b"password")
    check = read_check(bytes(asked))
    assert check is not None
    theirs = stun.Message(
        stun.Method.BINDING, stun.Class.RESPONSE, transaction, {"XOR-MAPPED-ADDRESS": (address, port)}
    )
    theirs.add_message_integrity(b"password")
    assert build_answer(check, b"password", (address, port)) == bytes(theirs)
