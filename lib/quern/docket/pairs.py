"""Claims that may not both be so: on one page, or of one thing on two.

What a person has settled is not brought up again, nor what a page tells already: that two claims contradict each other,
or that one has overtaken the other.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from quern.checks.census import Astray, Census
from quern.checks.view import Page, View
from quern.judgements import Pair
from quern.linking.disputes import Doubt, doubts
from quern.pages import frontmatter
from quern.relations import Standing, Told
from quern.wiki.cards import Item

_EACH = 2  # pairs of one claim


@dataclass(frozen=True, slots=True)
class Contested:
    """Two claims in doubt, and the pages on which each is read: that of the newer one first."""

    pair: Pair
    weight: float
    paths: tuple[str, str]

    @property
    def order(self) -> tuple[float, str, str]:
        """The most in doubt come first."""
        return -self.weight, self.pair.new.id, self.pair.old.id


@dataclass(slots=True)
class Contests:
    """The claims of pages that are in doubt, gathered while each page is looked at."""

    view: View
    found: list[Contested] = field(default_factory=list)
    decided: set[frozenset[str]] = field(default_factory=set)

    def note(self, page: Page) -> None:
        """Take a page in."""
        self.decided |= frontmatter.settled(page.sheet.front)
        lines = {line for line, _ in page.sheet.disputed}
        shown = sorted({id_ for line, id_ in page.sheet.references if line in lines})
        self.decided |= {frozenset(pair) for pair in itertools.combinations(shown, 2)}
        if page.is_topic:
            here = (page.path, page.path)
            told = self._told(page)
            if any(True for _ in _doubts(self.view, page, told)):
                self.found += (
                    Contested(d.pair, d.weight, here) for d in _doubts(self.view, page, self._said(page, told))
                )

    def cases(self, census: Census) -> list[Contested]:
        """The pairs in doubt, each once, those that are most so first."""
        found = sorted((*self.found, *self._astray(census)), key=lambda case: case.order)
        chosen: dict[frozenset[str], Contested] = {}
        each: Counter[str] = Counter()
        for case in found:
            key = case.pair.key
            if key in chosen or key in self.decided or not census.overtaken.keys().isdisjoint(key):
                continue
            if each[case.pair.new.id] < _EACH:
                chosen[key] = case
                each[case.pair.new.id] += 1
        return list(chosen.values())

    def _astray(self, census: Census) -> Iterator[Contested]:
        """What is said of a page's subject elsewhere, beside what the page says."""
        for subject, found in itertools.groupby(
            sorted(census.figures, key=lambda one: (one.subject, one.path, one.item.id)), key=lambda one: one.subject
        ):
            page = self.view.page(subject)
            if page is not None:
                yield from self._against(page, list(found))

    def _against(self, page: Page, astray: Iterable[Astray]) -> Iterator[Contested]:
        told = self._said(page, self._told(page))
        here = {one.id for one in told}
        places = {one.item.id: one.path for one in astray}
        others = [_as_told(self.view, one) for one in astray if one.item.id not in here]
        for doubt in _doubts(self.view, page, _by_day((*told, *others))):
            new, old = doubt.pair.new.id, doubt.pair.old.id
            if not {new, old} <= here:
                paths = places.get(new, page.path), places.get(old, page.path)
                yield Contested(doubt.pair, doubt.weight, paths)

    def _told(self, page: Page) -> list[Told]:
        """The claims of a page by their days, each as the last of its sources tells it."""
        found: dict[str, Told] = {}
        for told in self.view.catalogue.told(page.sheet.claims):
            one = _of(self.view, told.item, told.source)
            if one.id not in page.sheet.overtaken and (one.id not in found or one.day() > found[one.id].day()):
                found[one.id] = one
        return _by_day(found.values())

    def _said(self, page: Page, told: Iterable[Told]) -> list[Told]:
        """The claims in the words of people who changed them on the page."""
        words = self.view.catalogue.edited(page.path)
        return [replace(one, text=words[one.id]) if one.id in words else one for one in told]


def _doubts(view: View, page: Page, told: Iterable[Told]) -> Iterator[Doubt]:
    rules = view.schema.relations
    called = list(dict.fromkeys((page.row.title, *page.row.aliases, page.row.file)))
    standing = Standing((), called, volatile=rules.volatile, series=rules.series)
    for one in told:
        if standing.near(one):  # most are near none, and to take a sentence apart takes a while
            yield from doubts(one, standing, standing.relate(one), called, (), words=True)
        standing.add(one)


def _by_day(told: Iterable[Told]) -> list[Told]:
    return sorted(told, key=lambda one: (one.day(), one.id))


def _as_told(view: View, one: Astray) -> Told:
    return _of(view, one.item, one.source)


def _of(view: View, item: Item, source: str) -> Told:
    language, published = view.catalogue.origin(source)
    return Told.of(item, view.schema.language_of(language), published, source)
