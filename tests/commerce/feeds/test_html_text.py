"""Descriptions to plain text and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce import text
from commerce.feeds.html_text import to_html, to_text


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("Plain words, 3 < 4 & more", "Plain words, 3 < 4 & more"),
        ("<p>One  line\n  of words</p>", "One line of words"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<p>One</p>\n\n<p>Two</p>\n", "One\n\nTwo"),
        ("One<br>two<br/>three", "One\ntwo\nthree"),
        ("<ul><li>Light</li><li>Floral</li></ul>", "• Light\n• Floral"),
        ("<b>Bold</b> and <i>thin</i>", "Bold and thin"),
        ("Salt &amp; pepper &lt;3 &#8364;5", "Salt & pepper <3 €5"),
        ("<style>p{}</style><p>Shown</p><script>alert(1)</script>", "Shown"),
        ("<p onclick='x'>Safe</p><!-- hidden -->", "Safe"),
        ("<pre>kept  as\n it is</pre>", "kept  as\n it is"),
        ("<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "a\nb"),
        ("", ""),
    ],
)
def test_html_becomes_what_a_reader_sees(source: str, words: str) -> None:
    """Paragraphs, lines and bullets stay; markup, scripts and comments go."""
    assert to_text(source).strip() == words


@given(st.text())
def test_any_text_comes_back_from_its_html(anything: str) -> None:
    """Whatever a description holds, also what looks like markup."""
    kept = text.paragraph(anything, "description")
    assert text.paragraph(to_text(to_html(kept)), "description") == kept
    assert text.paragraph(to_text(to_html(kept, keeps_lines=True)), "description") == kept


@given(st.text(alphabet="<>&;/!?pbra \n\"'=#x1"))
def test_text_made_of_markup_comes_back_too(anything: str) -> None:
    """The characters of HTML in any order."""
    kept = text.paragraph(anything, "description")
    assert text.paragraph(to_text(to_html(kept)), "description") == kept
