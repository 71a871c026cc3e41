"""An address as a QR code (ISO/IEC 18004), drawn as SVG; ReportLab's encoder does the coding."""

from itertools import groupby
from typing import Any, Final

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

QUIET: Final = 4
"""Modules of white around it that the standard asks for."""


def qr_svg(address: str) -> bytes:
    """Return a square SVG, black on white, that a phone's camera reads; error correction M (15%)."""
    code: Any = QRCode(None, QRErrorCorrectLevel.M)  # the library says no types
    code.addData(address)
    code.make()
    size = code.getModuleCount()
    rows = "".join(_row(code, row, size) for row in range(size))
    side = size + 2 * QUIET
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{rows}"/></svg>'
    )
    return svg.encode()


def _row(code: Any, row: int, size: int) -> str:
    """Return the dark runs of one row as path data."""
    runs, column = [], 0
    for dark, modules in groupby(bool(code.isDark(row, column)) for column in range(size)):
        length = sum(1 for _ in modules)
        if dark:
            runs.append(f"M{column + QUIET} {row + QUIET}h{length}v1h-{length}z")
        column += length
    return "".join(runs)
