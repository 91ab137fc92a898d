"""What all pages of a wiki say together, gathered while each is looked at: of each what fits in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from quern import names
from quern.checks.view import Page, View
from quern.pages.links import target_file
from quern.wiki.cards import Item

_FIGURE = re.compile(r"\d")
_ARTICLES = frozenset(("the", "a", "an", "der", "die", "das", "le", "la", "les", "el", "los", "las"))
_WORDS = 6


@dataclass(frozen=True, slots=True)
class Brief:
    """A page in short: what it is called, and where its links lead, but for those of its evidence."""

    path: str
    title: str
    names: tuple[str, ...]
    updated: str
    is_ours: bool
    is_topic: bool
    leads: frozenset[str]
    led: tuple[str, ...]
    lead_line: int


@dataclass(frozen=True, slots=True)
class Astray:
    """A claim with a figure about the subject of a page (its path) on which it does not stand.

    `path`: where it is read instead, the page of its source if nowhere else; `source`: the id of its source.
    """

    subject: str
    path: str
    source: str
    item: Item


@dataclass(slots=True)
class Census:
    """`pages`: all of them, by path. `overtaken`: where the mark stands that a claim is overtaken (claim -> path)."""

    view: View
    pages: dict[str, Brief] = field(default_factory=dict)
    overtaken: dict[str, str] = field(default_factory=dict)
    figures: list[Astray] = field(default_factory=list)

    def note(self, page: Page) -> None:
        """Take a page in."""
        row, sheet = page.row, page.sheet
        leads = frozenset() if page.is_source else frozenset(self.view.links_to(page))
        line = min((line for line, id_ in sheet.references if id_ in sheet.led), default=1)
        self.pages[page.path] = Brief(
            page.path, row.title, (row.file, row.title, *row.aliases), row.updated or "",
            page.is_ours and not sheet.is_index, page.is_topic, leads, tuple(sheet.led), line,
        )  # fmt: skip
        for id_ in sheet.overtaken:
            self.overtaken.setdefault(id_, page.path)
        for item in sheet.items:
            if _FIGURE.search(item.text) and (subject := self._subject(page, item)) is not None:
                source = str(sheet.front.get("id", ""))
                self.figures.append(Astray(subject, self._place(page, item), source, item))

    def _subject(self, page: Page, item: Item) -> str | None:
        """The page that a claim is about by its first words, unless it stands there."""
        text = item.text.replace("[", "").replace("]", "")
        start = names.fold(text)
        # Most claims begin with the name of a page that they went to, which is soon seen.
        if any(start.startswith(names.fold(target_file(target))) for target in item.pages):
            return None
        words = text.split(maxsplit=_WORDS + 1)[: _WORDS + 1]
        if len(words) > 1 and words[0].lower() in _ARTICLES and not self.view.may_begin(names.normal(words[0])):
            words = words[1:]
        if not words or not self.view.may_begin(names.normal(words[0])):
            return None
        for size in range(min(_WORDS, len(words)), 0, -1):
            found = self.view.named(names.normal(" ".join(words[:size])))
            if len(found) == 1:
                went = {path for target in item.pages for path in self.view.find(target.partition("#")[0], page)}
                return None if found[0] in went else found[0]
        return None

    def _place(self, page: Page, item: Item) -> str:
        """Where a claim is read: the first page that it went to, or that of its source."""
        went = (path for target in item.pages for path in self.view.find(target.partition("#")[0], page))
        return next(went, page.path)

    def topics(self) -> Iterator[Brief]:
        """The pages of ours that are about something, by path."""
        return (self.pages[path] for path in sorted(self.pages) if self.pages[path].is_topic)

    def files(self, folder: str) -> list[str]:
        """The files of the vault below a folder (`wiki/`), or at its top (""), sorted."""
        return self.view.catalogue.paths(folder)
