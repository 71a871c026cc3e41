"""The same words noticed when they come again."""

from realtime.moderation.echoes import KEPT_MS, KEPT_TOTAL, Echoes, gist


def test_the_same_said_otherwise_is_the_same() -> None:
    """Case, signs, width and repeated letters; signs alone count as themselves."""
    assert gist("Hellooo, WORLD!") == gist("helo world") == gist("ｈｅｌｌｏ ｗｏｒｌｄ")
    assert gist("!!!") != gist("???")


def test_no_words_are_no_echo() -> None:
    """Pictures without words are not the same words again."""
    echoes = Echoes()
    echoes.hear("", "gu_1", 0)
    echoes.hear("", "gu_2", 1)
    assert echoes.total("", 2) == 0


def test_words_are_forgotten_by_time_and_by_number() -> None:
    """Nothing is kept for ever."""
    echoes = Echoes()
    echoes.hear("tea", "gu_1", 0)
    echoes.hear("Tea!", "gu_2", 1)
    assert echoes.total("TEA", KEPT_MS) == 2
    assert echoes.total("TEA", KEPT_MS + 1) == 1
    assert echoes.total("TEA", KEPT_MS + 2) == 0
    echoes.hear("tea", "gu_1", KEPT_MS)
    for number in range(KEPT_TOTAL):
        echoes.hear(f"word {chr(0x4E00 + number)}", "gu_1", KEPT_MS)
    assert echoes.total("tea", KEPT_MS) == 0
