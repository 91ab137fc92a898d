"""An answer as a deck of slides for Marp (https://marp.app): a sentence a slide, with the words that it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from quern.answers import frames
from quern.answers.forms import by_id, marks, plain, table
from quern.answers.forms.prose import how, missing
from quern.pages.frontmatter import write_string
from quern.records import Answer, Cited

SHOWN = 320
"""Characters of a quote on a slide."""


def text(answer: Answer) -> str:
    """The deck: Markdown with front matter, slides separated by rules."""
    front = ["---", "marp: true", f"title: {write_string(answer.question)}", "paginate: true", "---", ""]
    return "\n".join(front) + "\n\n---\n\n".join("\n".join(slide) for slide in _slides(answer)) + "\n"


def _slides(answer: Answer) -> Iterator[list[str]]:
    frame, claims = frames.of(answer.language), by_id(answer)
    opening = [f"# {plain(answer.question)}", "", " · ".join(how(answer))]
    yield opening if answer.sentences or answer.cells else [*opening, "", frame.unknown]
    words = {"superseded": frame.superseded, "disputed": frame.disputed}
    for said in answer.sentences:
        slide = [f"## {plain(said.text)}"]
        for word, others in marks(claims, said.claims, words):
            slide += ["", *(f"**{word}:** {plain(other.text)}" for other in others)]
        for id_ in said.claims:
            slide += ["", *_evidence(claims[id_])] if id_ in claims else []
        yield slide
    if answer.cells:
        yield [f"## {plain(answer.question)}", "", *table.rows(answer, notes=False)]
    if answer.gaps:
        yield [f"## {frame.missing}", "", *missing(answer)]
    sources = dict.fromkeys(f"{one.title}, {one.place}" for one in claims.values())
    if sources:
        yield [f"## {frame.sources}", "", *(f"- {plain(source)}" for source in sources)]


def _evidence(one: Cited) -> list[str]:
    quote = one.quote if len(one.quote) <= SHOWN else f"{one.quote[:SHOWN].rpartition(' ')[0]} …"
    return [f"> {plain(quote)}", f"> — {plain(one.title)}, {plain(one.place)}"]
