"""What an upload may be, for the doors that declare it and the renderer that judges it."""

MAX_UPLOAD_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
MIN_SIDE_PIXELS = 16
