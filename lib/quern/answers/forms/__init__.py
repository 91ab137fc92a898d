"""How an answer is shown: as a text, a table, slides, a chart or a canvas. Each says no more than the answer does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from quern import pages
from quern.journal import one_line
from quern.records import Answer, Cited

FORMS = ("md", "table", "slides", "chart", "canvas", "json")


def by_id(answer: Answer) -> dict[str, Cited]:
    """The claims of an answer by their ids."""
    return {one.claim: one for one in answer.claims}


def plain(text: str) -> str:
    """Text of claims, people or models as Markdown that shows just that."""
    return pages.escape(one_line(text))


def marks(claims: Mapping[str, Cited], ids: list[str], words: Mapping[str, str]) -> Iterator[tuple[str, list[Cited]]]:
    """What is to be said of how the claims of a sentence stand: a word of `words` by standing, and who stands against
    them; nothing where all that stand against them are in the sentence, too.
    """
    for standing in ("superseded", "disputed"):
        others = [
            claims[other]
            for id_ in ids
            if id_ in claims and claims[id_].standing == standing
            for other in claims[id_].others
            if other in claims and other not in ids
        ]
        if others:
            yield words[standing], list({one.claim: one for one in others}.values())


def footnotes(answer: Answer, ids: list[str]) -> list[str]:
    """The footnotes of these claims, as pages have them."""
    claims = by_id(answer)
    lines = []
    for id_ in dict.fromkeys(ids):
        one = claims.get(id_)
        if one is not None:
            place = pages.Place(pages.file_of(one.ledger), one.title, one.place, one.quote)
            lines.append(pages.footnote_md(id_, [place]))
    return lines
