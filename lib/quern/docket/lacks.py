"""What is not told of things: a figure that is told of others like them, or anything beyond one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from quern import names, quantities
from quern.answers.subjects import row
from quern.checks.shape import thin_page
from quern.checks.view import Page, View
from quern.judgements import Lack, Thing
from quern.linking import openings
from quern.relations.statements import statements

_SHOWN = 6  # claims of a thing
_MOST = 5  # attributes that may be asked of one
_WORDS = 3  # of what may be called an attribute
_ALIKE = 2  # things like it of which an attribute is told, for it to be missed
_PEERS = 200  # things of one attribute that others are compared with


class Lacking(NamedTuple):
    """A thing of which something is not told, on the page of this path, and how much speaks for asking."""

    lack: Lack
    path: str
    weight: float
    line: int = 1

    @property
    def order(self) -> tuple[float, str]:
        """What most speaks for comes first."""
        return -self.weight, self.path


class _Told(NamedTuple):
    """What is told of a thing: its figures by what they are of (folded), as (words, figure)."""

    thing: Thing
    language: str
    figures: dict[str, tuple[str, str]]
    is_thin: bool
    links: int


@dataclass(slots=True)
class Tellings:
    """What pages tell of their things, gathered while each page is looked at."""

    view: View
    told: dict[str, _Told] = field(default_factory=dict)

    def note(self, page: Page) -> None:
        """Take a page in."""
        if not page.is_topic:
            return
        claims = list(self.view.catalogue.told(page.sheet.claims))
        if not claims:
            return
        language = self.view.schema.language_of(self.view.catalogue.origin(claims[0].source)[0])
        texts = tuple(dict.fromkeys(one.item.text for one in claims))
        thing = Thing(page.row.title, page.row.type, page.row.aliases, texts[:_SHOWN])
        figures: dict[str, tuple[str, str]] = {}
        for text in texts:
            for label, shown in _figures(text, language, thing.called()):
                figures.setdefault(label.casefold(), (label, shown))
        is_thin = any(True for _ in thin_page(self.view, page))
        if figures or is_thin:
            links = len(self.view.backlinks(names.fold(page.row.file)))
            self.told[page.path] = _Told(thing, language, figures, is_thin, links)

    def cases(self) -> list[Lacking]:
        """The things of which something is missed; those that nothing else is told of, last."""
        holding: dict[tuple[str, str, str], list[str]] = {}
        for path in sorted(self.told):
            one = self.told[path]
            for label in one.figures:
                holding.setdefault((one.thing.type, one.language, label), []).append(path)
        found = [case for path in sorted(self.told) if (case := self._case(path, holding)) is not None]
        return sorted(found, key=lambda case: case.order)

    def _case(self, path: str, holding: dict[tuple[str, str, str], list[str]]) -> Lacking | None:
        one = self.told[path]
        missed = self._missed(path, holding)
        others = tuple(f"{label} ({example})" for label, example, _ in missed)
        if missed:
            return Lacking(Lack(one.thing, others, one.language), path, 1 + missed[0][2])
        return Lacking(Lack(one.thing, (), one.language), path, one.links / (1 + one.links)) if one.is_thin else None

    def _missed(self, path: str, holding: dict[tuple[str, str, str], list[str]]) -> list[tuple[str, str, float]]:
        """What is told of others of its kind with a figure of the same: (words, an example, the share of them)."""
        own = self.told[path]
        peers: dict[str, None] = {}
        for label in own.figures:
            peers.update(dict.fromkeys(holding[own.thing.type, own.language, label][:_PEERS]))
        peers.pop(path, None)
        counted = Counter(label for peer in peers for label in self.told[peer].figures if label not in own.figures)
        best = sorted(counted.items(), key=lambda found: (-found[1], found[0]))
        found = []
        for label, count in best[:_MOST]:
            if count >= _ALIKE:
                peer = next(self.told[peer] for peer in peers if label in self.told[peer].figures)
                words, shown = peer.figures[label]
                found.append((words, f"{peer.thing.name}: {shown}", count / len(peers)))
        return found


def _figures(text: str, language: str, called: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What a claim says of a thing in figures, as (attribute, figure): in a row of a table, or in a sentence on it."""
    cells = row(text)
    if cells:
        own = {names.normal(name) for name in called}
        for label, value in cells[1:] if names.normal(cells[0][1]) in own else ():
            if quantities.measures(value, language):
                yield label, value
        return
    if not openings.opens(text, called):
        return
    for one in statements(text, language, tuple(sorted(called))):
        label = " ".join(one.label.split())
        is_plain = one.kind == "measure" and 0 < len(label.split()) <= _WORDS and not one.unsure and not one.kinds
        if is_plain and one.attribute:
            yield label, one.shown
