"""The mails that accounts send, as plain text, in the reader's language; pure.

Links carry their token behind `#`, so no log sees it.
"""

from dataclasses import dataclass
from typing import TypedDict

from commerce.language import Language, in_language


class Letter(TypedDict):
    """The payload of an outbox row of kind `mail`."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """One mail in one language; `{name}` and `{link}` are filled in."""

    subject: str
    text: str


_CONFIRMATION = {
    "english": Words(
        "Please confirm your e-mail address",
        "Hello {name},\n\nplease confirm that this address is yours:\n\n{link}\n\n"
        "The link works for three days. If you did not sign up, ignore this mail.\n",
    ),
    "chinese": Words(
        "请确认您的电子邮箱",
        "{name}，您好：\n\n请确认这个邮箱属于您：\n\n{link}\n\n"
        "链接三天内有效。如果您没有注册，请忽略此邮件。\n",
    ),
}
_RESET = {
    "english": Words(
        "Choose a new password",
        "Hello {name},\n\nhere you can choose a new password:\n\n{link}\n\n"
        "The link works once, for one hour. If you did not ask for it, ignore this mail; "
        "your password stays as it is.\n",
    ),
    "chinese": Words(
        "设置新密码",
        "{name}，您好：\n\n请在这里设置新密码：\n\n{link}\n\n"
        "链接一小时内有效，只能使用一次。如果这不是您的请求，请忽略此邮件，您的密码不会改变。\n",
    ),
}
_CHANGED = {
    "english": Words(
        "Your password was changed",
        "Hello {name},\n\nyour password was changed and all devices were signed out. "
        "If this was not you, choose a new password with “Forgot password” at once.\n",
    ),
    "chinese": Words(
        "您的密码已更改",
        "{name}，您好：\n\n您的密码已更改，所有设备均已退出登录。如果不是您本人操作，请立即通过“忘记密码”设置新密码。\n",
    ),
}


def confirmation(to: str, name: str, public_url: str, token: str, language: Language) -> Letter:
    """Ask the owner of an address to confirm it."""
    return _letter(to, name, in_language(language, **_CONFIRMATION), f"{public_url}/account#confirm={token}")


def reset(to: str, name: str, public_url: str, token: str, language: Language) -> Letter:
    """Let the owner of an account choose a new password."""
    return _letter(to, name, in_language(language, **_RESET), f"{public_url}/account#reset={token}")


def password_changed(to: str, name: str, language: Language) -> Letter:
    """Tell the owner, in case it was somebody else."""
    return _letter(to, name, in_language(language, **_CHANGED))


def _letter(to: str, name: str, words: Words, link: str = "") -> Letter:
    return {"to": to, "subject": words.subject, "text": words.text.format(name=name, link=link)}
