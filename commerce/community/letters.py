"""The mails of the community, as plain text, in the reader's language; pure.

Links that act carry their token behind `#`, so no log sees it.
"""

from commerce.accounts.letters import Letter, Words
from commerce.language import in_language

_CONFIRM = {
    "english": Words(
        "Please confirm: you want to follow {shop}",
        "Hello,\n\nsomebody, we hope you, asked that this address is told when {shop} goes live. "
        "Please confirm it:\n\n{link}\n\n"
        "The link works for three days. If it was not you, ignore this mail; you will get no other.\n",
    ),
    "chinese": Words(
        "请确认关注 {shop}",
        "您好：\n\n有人（希望是您）申请在 {shop} 开播时通知这个邮箱。请点击确认：\n\n{link}\n\n"
        "链接三天内有效。如果不是您本人，请忽略此邮件，您不会再收到其他邮件。\n",
    ),
}


def confirm_follow(to: str, shop: str, public_url: str, token: str, language: str) -> Letter:
    """Ask the owner of an address whether they want to be told."""
    words = in_language(language, **_CONFIRM)
    link = f"{public_url}/account#follow={token}"
    return Letter(
        to=to, subject=words.subject.format(shop=shop), text=words.text.format(shop=shop, link=link)
    )
