"""What the keys derived from the server's secret are for (`Run.key_for`)."""

ADDRESS_KEYS = "address-keys"
"""What stands for a network address in a ban is an HMAC with it."""
MEDIA_GRANT = "media-grant"
"""The front signs with it what a media process may do for a request."""
WATCH_TOKEN = "watch-token"  # noqa: S105 - the name of a purpose
"""The room's hello carries a token signed with it; the picture's door asks for it."""
