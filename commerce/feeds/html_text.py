"""Descriptions: HTML as other shops write it to the plain text of ours, and back without a loss.

Our text keeps its line breaks and spaces. On the way out, text that HTML would read otherwise is put into a
`<p style="white-space: pre-wrap">`, which shows it as it is; on the way in that style is honoured, so what
went out comes back the same.
"""

import html
import re
from html.parser import HTMLParser

PRE_WRAP = "white-space: pre-wrap"
_LOOKS_LIKE_HTML = re.compile(r"<[a-zA-Z/!?]|&(?:#|[a-zA-Z][a-zA-Z0-9]*;?)")
_PARAGRAPHS = frozenset(
    {"p", "div", "section", "article", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote",
     "pre", "dl"}
)  # fmt: skip
_LINES = frozenset(["br", "li", "tr", "dt", "dd", "hr"])
_UNSHOWN = frozenset(["script", "style", "head", "title", "template"])
_BULLET = "\u2022 "


def to_text(source: str) -> str:
    """Answer the words of a description; one that holds no HTML is answered as it is."""
    if not _LOOKS_LIKE_HTML.search(source):
        return source
    reader = _TextReader()
    reader.feed(source)
    reader.close()
    return reader.text()


def to_html(text: str, *, keeps_lines: bool = False) -> str:
    """Answer what `to_text` reads as exactly this text; `keeps_lines`: line breaks need no HTML there."""
    plain = not _LOOKS_LIKE_HTML.search(text)
    if plain and (keeps_lines or ("\n" not in text and "  " not in text)):
        return text
    return f'<p style="{PRE_WRAP}">{html.escape(text, quote=False)}</p>'


class _TextReader(HTMLParser):
    """Gathers shown text; breaks between paragraphs are one empty line at most."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._breaks = 0
        self._kept: list[str] = []
        self._unshown = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line or paragraph where the tag does."""
        styles = " ".join(value or "" for name, value in attrs if name == "style")
        if tag in _UNSHOWN:
            self._unshown += 1
        self._break(tag)
        if tag == "pre" or (tag == "p" and PRE_WRAP in styles):
            self._kept.append(tag)
        if tag == "li":
            self._say(_BULLET)

    def handle_endtag(self, tag: str) -> None:
        """End a paragraph where the tag does."""
        if tag in _UNSHOWN and self._unshown:
            self._unshown -= 1
        if self._kept and self._kept[-1] == tag:
            self._kept.pop()
        if tag not in _LINES:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        """Take text: as it is inside what keeps its spaces, else with single spaces."""
        if self._unshown:
            return
        if self._kept:
            self._say(data)
            return
        words = re.sub(r"[ \t\r\n\f]+", " ", data)
        at_start = self._breaks or not self._parts or self._parts[-1].endswith((" ", "\n"))
        words = words.lstrip(" ") if at_start else words
        if words:
            self._say(words)

    def text(self) -> str:
        """Answer everything shown."""
        return "".join(self._parts)

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self._breaks = max(self._breaks, 2)
        elif tag == "br":
            self._breaks += 1
        elif tag in _LINES:
            self._breaks = max(self._breaks, 1)

    def _say(self, words: str) -> None:
        if self._breaks and self._parts:
            self._parts[-1] = self._parts[-1].rstrip(" ")
            self._parts.append("\n" * min(self._breaks, 2))
        self._breaks = 0
        self._parts.append(words)
