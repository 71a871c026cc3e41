"""What `check` asks the mail server: does it answer and take our name and password. No mail is sent."""

from urllib.parse import unquote, urlsplit

import aiosmtplib

from liveshop.check.findings import Finding, fault, fine

ANSWER_LIMIT_S = 5.0
PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


async def check_mail(url: str | None) -> list[Finding]:
    """Greet the mail server, sign in where a name is given, and hang up."""
    if url is None:
        return [fine("Mails are written to files in the data folder, because LIVESHOP_SMTP_URL is not set.")]
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    client = aiosmtplib.SMTP(
        hostname=host,
        port=port,
        timeout=ANSWER_LIMIT_S,
        use_tls=parts.scheme == "smtps",
        start_tls=parts.scheme == "smtp+starttls",
    )
    try:
        async with client:
            if parts.username:
                await client.login(unquote(parts.username), unquote(parts.password or ""))
    except (aiosmtplib.SMTPException, OSError) as error:
        reason = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        return [fault(f"The mail server {host}:{port} cannot be used: {reason}.")]
    return [fine(f"The mail server {host}:{port} takes mails.")]
