"""What the demo prints once it serves."""

from liveshop.demo.seed import Demo


def demo_lines(demo: Demo, address: str) -> list[str]:
    """Return the lines: where the show is, and who may sign in with what."""
    widths = [max(len(getattr(one, name)) for one in demo.sign_ins) for name in ("role", "name", "email")]
    rows = []
    for one in demo.sign_ins:
        cells = zip((one.role, one.name, one.email), widths, strict=True)
        rows.append("  ".join([*(text.ljust(width) for text, width in cells), one.password]))
    return [
        f"The live show: {address}/shows/{demo.live_show}",
        "Sign in with (only this data folder knows these passwords):",
        *(f"  {row}" for row in rows),
        "Payments are the sandbox's TEST payments. Ctrl-C ends the demo; everything is kept.",
    ]
