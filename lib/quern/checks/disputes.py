"""Checks on claims that cannot all be so: what a page shows as contradictions, and what may be one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from quern.checks.census import Astray, Census
from quern.checks.view import Page, Problem, View
from quern.wiki.cards import Item

if TYPE_CHECKING:
    from quern.relations import Standing, Told

_BESIDE = "one of the two is wrong, or they are not about one thing: see their sources (bin/why)"
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
    if not page.is_topic:
        return
    lines = {note.id: note.line for note in page.sheet.notes}
    standing, settled = _standing(view, page), set(view.catalogue.settled(page.path))
    words: dict[str, str] = {}
    for told in view.catalogue.told(page.sheet.claims):
        item = told.item
        if item.id in words or item.id in page.sheet.overtaken:
            continue
        own = _told(view, item, told.source)
        for verdict in standing.relate(own):
            if verdict.relation == "possible" and frozenset({verdict.claim, verdict.other}) not in settled:
                yield Problem(lines.get(item.id, 1), f"{words[verdict.other]!r} against {item.text!r}")
        standing.add(own)
        words[item.id] = item.text


def overtaken_in_lead(_view: View, wiki: Census) -> Iterator[tuple[str, Problem]]:
    """Leads that cite a claim of which some page says that another has overtaken it."""
    for brief in wiki.topics():
        for id_ in brief.led:
            marked = wiki.overtaken.get(id_)
            if marked is not None:
                said = f"the lead cites claim {id_}, which is overtaken: see {marked}"
                yield brief.path, Problem(brief.lead_line, said, "make outdated, if the lead is ours", id_)


def different_values(view: View, wiki: Census) -> Iterator[tuple[str, Problem]]:
    """Claims about a page's subject that do not stand on it, and contradict one that does (or another such claim)."""
    astray: dict[str, list[Astray]] = {}
    for one in wiki.figures:
        astray.setdefault(one.subject, []).append(one)
    for subject in sorted(astray):
        page = view.page(subject)
        if page is not None:
            yield from _against(view, page, astray[subject])


def _against(view: View, page: Page, astray: Iterable[Astray]) -> Iterator[tuple[str, Problem]]:
    """What claims that stand elsewhere say against those of the page that they are about, or against each other."""
    standing, settled = _standing(view, page), set(view.catalogue.settled(page.path))
    words = {}
    for told in view.catalogue.told(page.sheet.claims):
        if told.item.id not in words and told.item.id not in page.sheet.overtaken:
            words[told.item.id] = told.item.text, page.path
            standing.add(_told(view, told.item, told.source))
    for one in astray:
        if one.item.id in words:
            continue
        claim = _told(view, one.item, one.source)
        for verdict in standing.relate(claim):
            if verdict.relation == "contradicts" and frozenset({verdict.claim, verdict.other}) not in settled:
                text, where = words[verdict.other]
                said = f"{one.item.text!r} here, {text!r} on {where}"
                yield one.path, Problem(view.line_of_claim(one.path, one.item.id), said, _BESIDE, verdict.other)
        standing.add(claim)
        words[one.item.id] = one.item.text, one.path


def _standing(view: View, page: Page) -> Standing:
    from quern.relations import Standing

    called, schema = [page.row.title, *page.row.aliases], view.schema.relations
    return Standing((), called, volatile=schema.volatile, series=schema.series)


def _told(view: View, item: Item, source: str) -> Told:
    from quern.relations import Told

    language, published = view.catalogue.origin(source)
    return Told.of(item, view.schema.language_of(language), published, source)


def _label(text: str) -> str:
    label, colon, _ = text.partition(": ")
    return label if colon and " — against: " not in text else text
