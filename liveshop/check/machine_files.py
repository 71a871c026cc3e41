"""What `check` looks at on this machine: the data folder, and the libraries under the media."""

import shutil
from importlib import import_module
from pathlib import Path

from liveshop.check.findings import Finding, fault, fine, warning
from liveshop.errors import DataFolderError
from liveshop.folders.data_folder_files import make_folder

FREE_BYTES_LOW = 1 << 30
# What is imported first when a media process or the demo starts, and what it is.
LIBRARIES = (
    ("pylibsrtp", "libsrtp, which encrypts media"),
    ("OpenSSL", "OpenSSL, for the handshake of media"),
    ("av", "FFmpeg, inside PyAV"),
    ("PIL.Image", "Pillow, for pictures"),
)


def check_data_folder(path: Path) -> list[Finding]:
    """Try to write in the data folder (it is made if it is not there) and look at the room left."""
    try:
        make_folder(path)
    except DataFolderError as error:
        return [fault(str(error))]
    free_bytes = shutil.disk_usage(path).free
    if free_bytes < FREE_BYTES_LOW:
        mebibytes = free_bytes >> 20
        return [warning(f"The disk of the data folder {path} has only {mebibytes} MiB left.")]
    return [fine(f"The data folder {path} can be written.")]


def check_libraries() -> list[Finding]:
    """Load the libraries that stand on machine code."""
    findings = []
    for name, what in LIBRARIES:
        try:
            import_module(name)
        except ImportError as error:
            findings.append(fault(f"{what} cannot be loaded: {error}."))
    return findings or [fine("libsrtp, OpenSSL, FFmpeg and Pillow can be loaded.")]
