"""Text on paper: fonts, breaks, pages."""

from commerce.paper_pdf import Cell, Paper, drawable, width_of, wrapped
from tests.pdf_text import pdf_text


def test_letters_without_a_font_are_written_by_their_base() -> None:
    """Nothing vanishes."""
    assert drawable("Łódź, Ő, Привет, 茶, é") == "Lódz, O, Привет, 茶, é"
    assert drawable("\U0001f600") == "?"


def test_text_wraps_at_words_and_chinese_anywhere() -> None:
    """No line is wider than it may be, and nothing is lost."""
    for text in ("many words " * 30, "茶" * 200, "x" * 300, "mixed 茶叶 words " * 20):
        lines = wrapped(text, 10, 200)
        assert len(lines) > 1
        assert max(width_of(line, 10) for line in lines) <= 200
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_lines_of_a_paragraph_stay_apart() -> None:
    """A line break is one."""
    assert wrapped("one\ntwo", 10, 200) == ["one", "two"]


def test_a_paragraph_goes_on_over_a_pages_end() -> None:
    """However many lines somebody wrote."""
    paper = Paper("Lines")
    paper.text("\n".join(f"line {number}" for number in range(100)))
    pages = pdf_text(paper.end())
    assert len(pages) == 2
    assert [text for page in pages for text in page if text.startswith("line")][-1] == "line 99"


def test_a_long_document_has_pages_with_a_foot_each() -> None:
    """Every row is on one of them, in order."""
    paper = Paper("Long", foot="Foot")
    for number in range(120):
        paper.row([Cell(f"row {number}", 0, 0.5), Cell(str(number), 0.5, 0.5, "right")])
    pages = pdf_text(paper.end())
    assert len(pages) == 3
    assert [page[-1] for page in pages] == ["Foot · 1", "Foot · 2", "Foot · 3"]
    assert [text for page in pages for text in page if text.startswith("row")] == [
        f"row {number}" for number in range(120)
    ]
