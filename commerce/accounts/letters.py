"""The mails that accounts send, as plain text; links carry their token behind `#`, so no log sees it."""

from typing import TypedDict


class Letter(TypedDict):
    """The payload of an outbox row of kind `mail`."""

    to: str
    subject: str
    text: str


def confirmation(to: str, name: str, public_url: str, token: str) -> Letter:
    """Ask the owner of an address to confirm it."""
    return {
        "to": to,
        "subject": "Please confirm your e-mail address",
        "text": f"Hello {name},\n\nplease confirm that this address is yours:\n\n"
        f"{public_url}/account#confirm={token}\n\n"
        "The link works for three days. If you did not sign up, ignore this mail.\n",
    }


def reset(to: str, name: str, public_url: str, token: str) -> Letter:
    """Let the owner of an account choose a new password."""
    return {
        "to": to,
        "subject": "Choose a new password",
        "text": f"Hello {name},\n\nhere you can choose a new password:\n\n"
        f"{public_url}/account#reset={token}\n\n"
        "The link works once, for one hour. If you did not ask for it, ignore this mail; "
        "your password stays as it is.\n",
    }


def password_changed(to: str, name: str) -> Letter:
    """Tell the owner, in case it was somebody else."""
    return {
        "to": to,
        "subject": "Your password was changed",
        "text": f"Hello {name},\n\nyour password was changed and all devices were signed out. "
        "If this was not you, choose a new password with “Forgot password” at once.\n",
    }
