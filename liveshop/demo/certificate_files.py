"""Lays the demo publisher's certificate where FFmpeg can read it: GnuTLS takes files and nothing else."""

import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from liveshop.demo.certificate_crypto import make_certificate


@contextmanager
def certificate_options() -> Iterator[dict[str, str]]:
    """Give the WHIP muxer's options for a fresh certificate; its folder (0700) is gone with the block."""
    certificate_pem, key_pem = make_certificate(dt.datetime.now(dt.UTC))
    with tempfile.TemporaryDirectory(prefix="liveshop-demo-") as folder:
        certificate, key = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        certificate.write_bytes(certificate_pem)
        key.write_bytes(key_pem)
        yield {"cert_file": str(certificate), "key_file": str(key)}
