"""An answer as Markdown: its sentences with footnotes, how it was found, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator

from quern import pages
from quern.answers import frames
from quern.answers.forms import by_id, footnotes, marks, plain
from quern.records import Answer


def text(answer: Answer) -> str:
    """The whole answer."""
    lines = [f"# {plain(answer.question)}", "", *_said(answer), "", f"*{' · '.join(how(answer))}*"]
    lines += section(frames.of(answer.language).nearest, _nearest(answer))
    lines += section(frames.of(answer.language).missing, missing(answer))
    notes = footnotes(answer, cited(answer))
    return "\n".join([*lines, *([""] if notes else []), *notes]) + "\n"


def section(title: str, lines: list[str]) -> list[str]:
    """A heading with a list below it; nothing for an empty list."""
    return ["", f"## {title}", "", *lines] if lines else []


def cited(answer: Answer) -> list[str]:
    """The claims that the text cites, in order: those of the sentences, each with who stands against it."""
    claims = by_id(answer)
    found: dict[str, None] = {}
    for said in answer.sentences:
        for id_ in said.claims:
            found[id_] = None
            found.update(dict.fromkeys(other for other in (claims[id_].others if id_ in claims else ())))
    return [id_ for id_ in found if id_ in claims]


def how(answer: Answer) -> Iterator[str]:
    """Who answered, from how much, and from what was known when."""
    frame = frames.of(answer.language)
    yield plain(" ".join(filter(None, (answer.engine, answer.model))))
    whole = answer.read == "whole"
    yield frame.whole.format(answer.of) if whole else frame.found.format(answer.shown, answer.of)
    if answer.known_by:
        yield frame.known_by.format(answer.known_by)
    yield answer.date


def missing(answer: Answer) -> list[str]:
    """What to look into, and where, as a list."""
    frame = frames.of(answer.language)
    lines = []
    for gap in answer.gaps:
        where = f" ({frame.look_for.format(plain('; '.join(gap.sources)))})" if gap.sources else ""
        lines.append(f"- {plain(gap.question)}{where}")
    return lines


def _said(answer: Answer) -> list[str]:
    frame = frames.of(answer.language)
    if not answer.sentences:
        return [frame.unknown]
    claims = by_id(answer)
    words = {"superseded": frame.superseded, "disputed": frame.disputed}
    paragraphs = []
    for said in answer.sentences:
        sentence = pages.cited(plain(said.text), said.claims)
        for word, others in marks(claims, said.claims, words):
            for other in others:
                sentence += f" {pages.mark_md(f'{word}: {plain(other.text)}', [other.claim])}"
        paragraphs.append(sentence)
    return _spaced(paragraphs) if answer.engine == "rules" else [" ".join(paragraphs)]


def _spaced(quotes: list[str]) -> list[str]:
    """Quotes stand by themselves: none goes on where another ends."""
    return [f"- {quote}" for quote in quotes] if len(quotes) > 1 else quotes


def _nearest(answer: Answer) -> list[str]:
    return [f"- {pages.link_md(pages.file_of(near.path), near.title)}" for near in answer.nearest]
