"""Checks on claims that cannot all be so: what a page shows as contradictions, and what may be one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from quern.checks.view import Page, Problem, View

_RULE = "remove what is wrong, or the lines under Contradictions, or settle it (bin/settle)"


def contradiction(_view: View, page: Page) -> Iterator[Problem]:
    """What stands in the section of contradictions, a thing at a time; an answer only tells of what is disputed."""
    if page.is_answer:
        return
    for _, told in groupby(page.sheet.disputed, key=lambda line: _label(line[1])):
        lines = list(told)
        yield Problem(lines[0][0], " against ".join(text for _, text in lines), _RULE)


def possible_contradiction(view: View, page: Page) -> Iterator[Problem]:
    """Claims of one page that look as if they could not both be so, and have not enough in common to be sure."""
    from quern.relations import Standing, Told

    if not page.is_topic:
        return
    lines = {note.id: note.line for note in page.sheet.notes}
    settled = set(view.catalogue.settled(page.path))
    called = [page.row.title, *page.row.aliases]
    standing = Standing((), called, volatile=view.schema.relations.volatile, series=view.schema.relations.series)
    words: dict[str, str] = {}
    for told in view.catalogue.told(page.sheet.claims):
        if told.item.id in words or told.item.id in page.sheet.overtaken:
            continue
        language, published = view.catalogue.origin(told.source)
        item = told.item
        own = Told.of(item, view.schema.language_of(language), published, told.source)
        for verdict in standing.relate(own):
            if verdict.relation == "possible" and frozenset({verdict.claim, verdict.other}) not in settled:
                yield Problem(lines.get(item.id, 1), f"{words[verdict.other]!r} against {item.text!r}")
        standing.add(own)
        words[item.id] = item.text


def _label(text: str) -> str:
    label, colon, _ = text.partition(": ")
    return label if colon and " — against: " not in text else text
