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


_SOON = {
    "english": Words(
        "{shop} goes live in {minutes} minutes", "“{title}” of {shop} begins in {minutes} minutes.\n"
    ),
    "chinese": Words("{shop} 将在 {minutes} 分钟后开播", "{shop} 的“{title}”将在 {minutes} 分钟后开始。\n"),
}
_LIVE = {
    "english": Words("{shop} is live now", "{shop} is live now: “{title}”.\n"),
    "chinese": Words("{shop} 正在直播", "{shop} 正在直播：“{title}”。\n"),
}
_FOOT = {
    "english": "\n{url}\n\nNo more mails about this shop, by one click:\n{end}\n",
    "chinese": "\n{url}\n\n一键退订此店铺的邮件：\n{end}\n",
}


class NewsLetter(Letter):
    """A mail that one can do without: `unsubscribe` is where a mail program posts to end them (RFC 8058)."""

    unsubscribe: str


def show_words(kind: str, language: str, shop: str, title: str, minutes: int) -> Words:
    """Return what is said of a show that is `live`, or begins `soon`."""
    words = in_language(language, **(_LIVE if kind == "live" else _SOON))
    facts = {"shop": shop, "title": title, "minutes": minutes}
    return Words(words.subject.format(**facts), words.text.format(**facts))


def of_show(to: str, words: Words, url: str, language: str, public_url: str, token: str) -> NewsLetter:
    """Tell somebody of a show."""
    foot = in_language(language, **_FOOT).format(url=url, end=f"{public_url}/account#unsubscribe={token}")
    end = f"{public_url}/api/v1/unsubscribe/{token}"
    return NewsLetter(to=to, subject=words.subject, text=words.text + foot, unsubscribe=end)
