"""Ends of transports that tests need and never connect."""

import datetime as dt

from streaming.transport.dtls_crypto import DtlsEnd, DtlsIdentity


def idle_end() -> DtlsEnd:
    """A DTLS end that is never started."""
    return DtlsEnd(DtlsIdentity(dt.datetime(2030, 1, 1, tzinfo=dt.UTC)), [], client=False)
