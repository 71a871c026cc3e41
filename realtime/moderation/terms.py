"""Words a shop does not want, wants looked at, or allows: compiled once for each version of its policy.

Exact terms are found by looking each word (and row of words) up with its repeated letters taken together;
wildcards, patterns and terms of scripts without spaces are one RE2 set, which reads the text once in linear
time however many there are (RE2's design: swtch.com/~rsc/regexp/regexp3.html). Nothing a person types is ever
a pattern, and no pattern runs in Python's backtracking `re`.

Measured with 1,000 terms (700 exact, 200 wildcard, 100 RE2) on 300 characters: see
tests/realtime/moderation/test_terms.py, which holds it under 1 ms of processor time.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import re2

from realtime.errors import BadMessage
from realtime.moderation.folding import Folded, Runs, Word, fold, runs_of
from realtime.moderation.policy import Term

LOOSE_TOTAL = 64
"""So many letters of a row written apart are looked through for terms."""
LOOSE_LEAST_LETTERS = 4
"""Shorter terms are not looked for there: a row of letters is often no word."""
PATTERN_MEMORY_BYTES = 64 * 1024
SET_MEMORY_BYTES = 64 * 1024 * 1024


class BadTerm(BadMessage):
    """A term that cannot be used: its pattern is no RE2, or nothing is left of it once folded."""

    status = 422
    code = "bad_term"


@dataclass(frozen=True, slots=True)
class Hit:
    """A term that a text has, and where in the folded text (end not included)."""

    term: Term
    begin: int
    end: int


def check_terms(terms: Iterable[Term]) -> None:
    """Raise `BadTerm` for the first term that cannot be used; facts: text."""
    for term in terms:
        if term.kind == "re2":
            _compiled(term)
        elif not fold(term.text).words:
            raise BadTerm("Nothing of this term can be compared.", text=term.text)


class Terms:
    """Compiled terms. Those that cannot be used are left out: `check_terms` refuses them at saving."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._exact: dict[str, list[tuple[Runs, Term]]] = {}
        self._words_total = 1
        self._lengths: set[int] = set()
        self._patterns: list[tuple[Any, Term]] = []
        self._set: Any = None
        for term in terms:
            self._add(term)
        if self._patterns:
            self._set = re2.Set.SearchSet(_options(SET_MEMORY_BYTES))
            for pattern, _ in self._patterns:
                self._set.Add(pattern.pattern)
            self._set.Compile()

    def judge(self, text: str) -> Hit | None:
        """Return the hit that decides about a text (block before hold), None when nothing is against it."""
        return decide(self.hits(text))

    def hits(self, text: str) -> list[Hit]:
        """Return every term the text has."""
        folded = fold(text)
        return [*self._exact_hits(folded), *self._pattern_hits(text, folded)]

    def _add(self, term: Term) -> None:
        if term.kind == "re2":
            try:
                self._patterns.append((_compiled(term), term))
            except BadTerm:
                return
        elif term.kind == "wildcard" or _has_no_spaces(term.text):
            self._patterns.append((re2.compile(_wildcard(term.text), _options(PATTERN_MEMORY_BYTES)), term))
        else:
            words = fold(term.text).words
            if words:
                key = " ".join(_taken_together(word.letters) for word in words)
                runs = tuple(run for word in words for run in runs_of(word.letters))
                self._exact.setdefault(key, []).append((runs, term))
                self._words_total = max(self._words_total, len(words))
                if len(key) >= LOOSE_LEAST_LETTERS:
                    self._lengths.add(len(key))

    def _exact_hits(self, folded: Folded) -> Iterator[Hit]:
        if not self._exact:
            return
        for first in range(len(folded.words)):
            for total in range(1, min(self._words_total, len(folded.words) - first) + 1):
                yield from self._look_up(folded.words[first : first + total])
        for word in folded.joined:
            yield from self._look_up((word,))
        for word in folded.loose:
            yield from self._look_inside(word)

    def _look_up(self, words: Sequence[Word]) -> Iterator[Hit]:
        known = self._exact.get(" ".join(word.short for word in words))
        if known is None:
            return
        runs = [run for word in words for run in runs_of(word.letters)]
        for wanted, term in known:
            if all(has >= needs for (_, has), (_, needs) in zip(runs, wanted, strict=True)):
                yield Hit(term, words[0].begin, words[-1].end)

    def _look_inside(self, row: Word) -> Iterator[Hit]:
        """Look for terms within a row of letters written apart, whatever is repeated."""
        letters = row.short[:LOOSE_TOTAL]
        for length in self._lengths:
            for begin in range(len(letters) - length + 1):
                for _, term in self._exact.get(letters[begin : begin + length], ()):
                    yield Hit(term, row.begin, row.end)

    def _pattern_hits(self, text: str, folded: Folded) -> Iterator[Hit]:
        if self._set is None:
            return
        joined = " ".join(word.letters for word in (*folded.joined, *folded.loose))
        if _has_no_spaces(folded.text):
            joined += "\n" + folded.text.replace(" ", "")
        read = f"{folded.text}\n{joined}"
        plain = unicodedata.normalize("NFKC", text).casefold()
        for number in self._set.Match(f"{read}\n{plain}") or ():
            pattern, term = self._patterns[number]
            found = pattern.search(read)
            if found is None or found.start() > len(folded.text):
                yield Hit(term, 0, len(folded.text))
            else:
                yield Hit(term, found.start(), found.end())


def decide(hits: Iterable[Hit]) -> Hit | None:
    """Return the hit that decides: one that no allowed term covers, block before hold."""
    all_hits = list(hits)
    allowed = [hit for hit in all_hits if hit.term.effect == "allow"]
    against = [
        hit
        for hit in all_hits
        if hit.term.effect != "allow"
        and not any(free.begin <= hit.begin and hit.end <= free.end for free in allowed)
    ]
    return min(against, key=lambda hit: hit.term.effect != "block", default=None)


def _taken_together(letters: str) -> str:
    return "".join(letter for letter, _ in groupby(letters))


def _has_no_spaces(text: str) -> bool:
    """Whether the text is of a script that writes no spaces between words."""
    return any(unicodedata.category(each) == "Lo" for each in text)


def _wildcard(text: str) -> str:
    """Return the RE2 of a wildcard, or of a term without word limits, over folded text."""
    parts = []
    for part in text.split("*"):
        words = [_repeated(word.letters) for word in fold(part).words]
        parts.append("[ ]+".join(words))
    if _has_no_spaces(text):
        return "[^ \n]*".join(parts)
    return "(?:^|[ \n])" + "[^ \n]*".join(parts) + "(?:[ \n]|$)"


def _repeated(letters: str) -> str:
    """Return the RE2 of a word whose letters may be repeated."""
    return "".join(
        re2.escape(letter) * (total - 1) + re2.escape(letter) + "+" for letter, total in runs_of(letters)
    )


def _compiled(term: Term) -> Any:
    try:
        return re2.compile(term.text, _options(PATTERN_MEMORY_BYTES))
    except re2.error as error:
        raise BadTerm("This is no RE2 pattern.", text=term.text) from error


def _options(memory_bytes: int) -> Any:
    options = re2.Options()
    options.max_mem = memory_bytes
    options.log_errors = False
    options.case_sensitive = False
    return options
