"""What the wiki knows: its claims as they stand now, or as they stood on a day, each with where it comes from.

A claim that people have taken off every page that it went to is none of it; one that they have put in other words has
these. What an answer said is on no source page, and so is never among what is known.
"""

from __future__ import annotations

import bisect
import dataclasses
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from quern import pages, sources
from quern.pages import links
from quern.pages.sections import SHOWN
from quern.program import Failure
from quern.records import Claim, Name, Span, Standing
from quern.schema import Schema
from quern.updates.standings import Disputes
from quern.vault import Vault
from quern.wiki import Catalogue, PageRow
from quern.wiki.cards import ANSWER, Item

_LAST = "9999-12-31"
_LINE = re.compile(r"lines? (\d+)")


@dataclass(frozen=True, slots=True)
class Known:
    """A claim that the wiki knows. `claim.names`: the pages that say it.

    `title`, `ledger`, `slug`: of its source page; `day`: since when it was known; `under`: the headings above
    it in its source, where that still is what was read. `overtaken`, `disputed`: the claims that
    have overtaken it, or cannot be so if it is.
    """

    claim: Claim
    title: str
    ledger: str
    slug: str
    place: str
    language: str
    day: str
    under: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    overtaken: tuple[str, ...] = ()
    disputed: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.claim.id

    @property
    def standing(self) -> Standing:
        return "superseded" if self.overtaken else "disputed" if self.disputed else "current"

    @property
    def others(self) -> tuple[str, ...]:
        """The claims that dispute it, or have overtaken it."""
        return self.overtaken or self.disputed


@dataclass(frozen=True, slots=True)
class _Told:
    """What a page says of its claims: in which words, and how they stand to each other."""

    claims: frozenset[str]
    edited: dict[str, str]
    overtaken: dict[str, tuple[str, ...]]
    disputed: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Origin:
    """A source page. `order`: the day on which the source was first read, and its slug: the last one comes last."""

    id: str
    slug: str
    path: str
    raw: str
    sha256: str
    title: str
    language: str
    published: str
    order: tuple[str, str]

    @property
    def day(self) -> str:
        return self.published or self.order[0]


class Knowledge:
    """The claims of a wiki. `known_by`: only what was known on that day (ISO), "" for all.

    A claim is known since its source was published, or where that is not told since it was read; and what it tells of
    a later day is not known yet.
    """

    def __init__(self, vault: Vault, catalogue: Catalogue, schema: Schema, known_by: str = "") -> None:
        self._vault, self._catalogue, self._schema = vault, catalogue, schema
        self.known_by = known_by
        self._known_by = known_by or _LAST
        self._pages: dict[str, tuple[PageRow, _Told] | None] = {}
        self._sources: dict[str, _Origin | None] = {}
        self._days: dict[str, str] = {}
        self._headings: dict[str, list[tuple[int, tuple[str, ...]]]] = {}

    @property
    def count(self) -> int:
        """How many claims there are, known by then or not."""
        return self._catalogue.count_claims()

    def all(self) -> list[Known]:
        """Every claim, in an order that new sources only add to: by source as they were first read, as they read."""
        found: dict[str, Known] = {}
        origins = filter(None, (self._origin(row.page) for row in self._catalogue.sources()))
        for origin in sorted(origins, key=lambda origin: origin.order):
            sheet = self._catalogue.sheet(origin.path)
            for item in sheet.items if sheet is not None else ():
                if item.id not in found and (known := self._known(item, origin)) is not None:
                    found[item.id] = known
        return self._standing(found.values())

    def of(self, ids: Iterable[str]) -> list[Known]:
        """These claims, in this order; those that are not known are left out."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Known] = {}
        for told in self._catalogue.told(wanted):
            origin = self._origin(told.page)
            known = self._known(told.item, origin) if origin is not None else None
            if known is not None and (told.item.id not in found or known.day < found[told.item.id].day):
                found[told.item.id] = known
        return self._standing(found[id_] for id_ in wanted if id_ in found)

    # One claim

    def _known(self, item: Item, origin: _Origin) -> Known | None:
        day = origin.day
        if not _by(day, self._known_by) or not _by(item.as_of or "", self._known_by):
            return None
        told = [page for file in item.pages if (page := self._page(file)) is not None]
        on = [(row, page) for row, page in told if item.id in page.claims]
        if item.pages and not on:
            return None
        words = next((page.edited[item.id] for _, page in on if item.id in page.edited), item.text)
        names = [Name(name=row.title, type=row.type, aliases=list(row.aliases)) for row, _ in on]
        return Known(
            claim=_claim(item, origin.id, words, names),
            title=origin.title,
            ledger=origin.path,
            slug=origin.slug,
            place=item.place,
            language=self._schema.language_of(origin.language),
            day=day,
            under=self._under(origin, item.place),
            paths=tuple(row.path for row, _ in on),
            overtaken=tuple(dict.fromkeys(id_ for _, page in on for id_ in page.overtaken.get(item.id, ()))),
            disputed=tuple(dict.fromkeys(id_ for _, page in on for id_ in page.disputed.get(item.id, ()))),
        )

    def _standing(self, found: Iterable[Known]) -> list[Known]:
        """The claims, with those that stand against them as far as these were known then."""
        known = list(found)
        self._days.update({one.id: one.day for one in known})
        others = {id_ for one in known for id_ in (*one.overtaken, *one.disputed)} - self._days.keys()
        for told in self._catalogue.told(others):
            origin = self._origin(told.page)
            if origin is not None and _by(told.item.as_of or "", self._known_by):
                self._days[told.item.id] = min(origin.day, self._days.get(told.item.id, _LAST))
        there = {id_ for id_, day in self._days.items() if _by(day, self._known_by)}
        return [
            dataclasses.replace(
                one,
                overtaken=tuple(id_ for id_ in one.overtaken if id_ in there),
                disputed=tuple(id_ for id_ in one.disputed if id_ in there),
            )
            for one in known
        ]

    # Sources

    def _under(self, origin: _Origin, place: str) -> tuple[str, ...]:
        """The headings above a place in a raw source: a row of a table often says only there what it is about."""
        if origin.path not in self._headings:
            self._headings[origin.path] = list(self._headed(origin))
        line = _LINE.match(place)
        found = self._headings[origin.path]
        at = bisect.bisect_right(found, int(line[1]), key=lambda one: one[0]) if line is not None else 0
        return found[at - 1][1] if at else ()

    def _headed(self, origin: _Origin) -> Iterator[tuple[int, tuple[str, ...]]]:
        try:
            text = sources.read(self._vault, origin.raw)
        except (Failure, OSError):
            return
        if text.sha256 == origin.sha256:
            yield from ((text.lines.number(unit.start) + 1, unit.headings) for unit in text.units)

    # Pages

    def _origin(self, path: str) -> _Origin | None:
        """A source by the path of its page. Of a large wiki only those are looked at that are asked about."""
        if path not in self._sources:
            row, sheet = self._catalogue.source_by_page(path), self._catalogue.sheet(path)
            front = sheet.front if sheet is not None else {}
            created, published = (str(front.get(key) or "") for key in ("created", "published"))
            self._sources[path] = (
                None
                if row is None
                else _Origin(
                    id=row.id,
                    slug=row.slug,
                    path=row.page,
                    raw=row.path,
                    sha256=row.sha256,
                    title=row.title,
                    language=row.language,
                    published=published,
                    order=(created, row.slug),
                )
            )
        return self._sources[path]

    def _page(self, file: str) -> tuple[PageRow, _Told] | None:
        if file not in self._pages:
            row = self._catalogue.page_by_file(links.target_file(file))
            is_topic = row is not None and row.type != ANSWER
            self._pages[file] = (row, self._read(row.path)) if row is not None and is_topic else None
        return self._pages[file]

    def _read(self, path: str) -> _Told:
        try:
            document = pages.parse(self._vault.path(path).read_bytes().decode(errors="replace"))
        except FileNotFoundError:
            raise Failure("is gone since it was found: ask again", path) from None
        told = [bullet for bullet in document.bullets if bullet.section not in SHOWN and bullet.claims]
        overtaken = {
            id_: tuple(by)
            for bullet in told
            if "*(" in bullet.text_md and (by := pages.claims_in_marks(bullet.text_md))
            for id_ in bullet.claims
        }
        edited = {id_: bullet.text for bullet in told if bullet.edited for id_ in bullet.claims}
        return _Told(frozenset(document.claims), edited, overtaken, _disputed(document))


def _disputed(document: pages.Document) -> dict[str, tuple[str, ...]]:
    sides: dict[str, list[str]] = {}
    for entry in Disputes(document).standing():
        sides.setdefault(entry.label, []).append(entry.claim)
    found: dict[str, tuple[str, ...]] = {}
    for claims in sides.values():
        for id_ in claims:
            others = [other for other in claims if other != id_]
            found[id_] = tuple(dict.fromkeys([*found.get(id_, ()), *others]))
    return found


def _claim(item: Item, source: str, words: str, called: list[Name]) -> Claim:
    place = [Span(start=0, end=0, place=item.place)]
    told = {"role": item.role, "stance": item.stance, "by": item.by, "as_of": item.as_of}
    return Claim(id=item.id, source=source, passage="", text=words, quote=item.quote, spans=place, names=called, **told)


def _by(day: str, known_by: str) -> bool:
    """Whether a day, which may be partial, is not after another."""
    return day <= known_by[: len(day)] if day else True
