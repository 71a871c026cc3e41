"""Which of the languages liveshop writes in somebody reads; pure."""

from typing import Literal, TypeVar

Language = Literal["en", "zh"]
Words = TypeVar("Words")


def preferred_language(accept_language: str) -> Language:
    """Return whichever of ours an Accept-Language header puts first (its weights, then its order)."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language.split(",")[:10]):
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight.strip() else 1.0
        except ValueError:
            quality = 0.0
        ranked.append((-quality, place, tag.strip().lower()[:2]))
    return next(("zh" if tag == "zh" else "en" for _, _, tag in sorted(ranked) if tag in {"zh", "en"}), "en")


def in_language(language: str, *, english: Words, chinese: Words) -> Words:
    """Return the one of two for a language tag; English for any that is not Chinese."""
    return chinese if language.lower().startswith("zh") else english
