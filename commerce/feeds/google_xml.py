"""Google's feed as XML (RSS 2.0 or Atom) to rows of attributes, each with the line where its item begins.

Read with defusedxml: a file that declares entities or a DTD is refused, since it could name files of ours or
grow without bound. Source: support.google.com/merchants/answer/14987622 (RSS 2.0 and Atom 1.0).
"""

import io
import re
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import AttributesNSImpl, InputSource, Locator

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from commerce.feeds.drafts import MAX_ROWS, Remarks
from commerce.feeds.refusals import FeedFormat, FeedTooLong
from commerce.feeds.rows import Row

GOOGLE = "http://base.google.com/ns/1.0"
ATOM = "http://www.w3.org/2005/Atom"
_ITEMS = frozenset({(None, "item"), (ATOM, "entry")})
_PLAIN = {"title", "description", "link", "summary", "content", "id"}
_SAME = {"summary": "description", "content": "description"}
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,500}\?>")

Name = tuple[str | None, str]


def read_items(source: str, remarks: Remarks) -> list[Row]:
    """Answer one row for each item or entry; raises FeedFormat with the line where the XML breaks."""
    handler = _Items(remarks)
    parser = DefusedExpatParser(forbid_dtd=True)
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(handler)
    told = InputSource()
    # The text is decoded already, so what the declaration says of its bytes is over.
    told.setByteStream(io.BytesIO(_without_declaration(source).encode()))
    told.setEncoding("utf-8")
    try:
        parser.parse(told)
    except SAXParseException as error:
        line = error.getLineNumber() or 0
        raise FeedFormat(f"The XML breaks in line {line}: {error.getMessage()}.", line=line) from error
    except (SAXException, DefusedXmlException) as error:
        raise FeedFormat("XML with a document type or entities is not taken.") from error
    if not handler.is_feed:
        raise FeedFormat
    return handler.rows


def _without_declaration(source: str) -> str:
    """Take the declaration away but leave its line breaks, so that lines keep their numbers."""
    return _DECLARATION.sub(lambda match: "\n" * match[0].count("\n"), source, count=1)


class _Items(ContentHandler):
    """Gathers the children of each item: Google's own attributes, and the plain ones they stand for."""

    def __init__(self, remarks: Remarks) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.is_feed = False
        self._remarks = remarks
        self._where: Locator | None = None
        self._depth = 0
        self._item: dict[str, str] | None = None
        self._named: set[str] = set()
        self._line = 0
        self._item_depth = 0
        self._words: list[str] = []

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 - SAX's
        """Be told where the parser is."""
        self._where = locator

    def startElementNS(self, name: Name, qname: str | None, attrs: AttributesNSImpl) -> None:  # noqa: N802 - SAX's
        """Begin an item, or an attribute of one."""
        del qname
        self._depth += 1
        self.is_feed = self.is_feed or name in {(None, "rss"), (ATOM, "feed")}
        if self._item is None and name in _ITEMS:
            self._item, self._named, self._item_depth = {}, set(), self._depth
            self._line = (self._where.getLineNumber() if self._where else None) or 0
        elif self._item is not None and self._depth == self._item_depth + 1:
            self._words = []
            if name == (ATOM, "link"):
                self._words.append(str(attrs.get((None, "href"), "")))

    def characters(self, content: str) -> None:
        """Take text of an attribute; what is deeper (shipping, tax) is nothing of ours."""
        if self._item is not None and self._depth == self._item_depth + 1:
            self._words.append(content)

    def endElementNS(self, name: Name, qname: str | None) -> None:  # noqa: N802 - SAX's
        """End an attribute or an item."""
        del qname
        if self._item is not None and self._depth == self._item_depth:
            self._end_item(self._item)
        elif self._item is not None and self._depth == self._item_depth + 1:
            self._keep(self._item, name)
        self._depth -= 1

    def _keep(self, item: dict[str, str], name: Name) -> None:
        space, word = name
        if space == GOOGLE:
            key = word
        elif space in {None, ATOM} and word in _PLAIN:
            key = _SAME.get(word, word)
        else:
            return
        words = "".join(self._words)
        if space == GOOGLE and key == "additional_image_link" and key in item:
            item[key] += f",{words.strip()}"
        elif space == GOOGLE or key not in self._named:
            item[key] = words  # Google's own word stands, wherever it is
        if space == GOOGLE:
            self._named.add(key)

    def _end_item(self, item: dict[str, str]) -> None:
        names = {key: f"g:{key}" for key in item}
        self.rows.append(Row(self._line, item, names, self._remarks))
        self._item = None
        if len(self.rows) > MAX_ROWS:
            raise FeedTooLong(max_rows=MAX_ROWS)
