"""What becomes of the earlier claims of a source that has changed, or is read anew: which stand, and where, which are
said in other words now, and which are gone.

A claim that is no longer made may be as true to its source as ever: what is taken from a sentence depends on the text
around it, and on who reads it. So it is asked of the source: where the words that it quotes still stand as whole
sentences, the claim stays, unless the new reading says all of it. What another engine or model than the first says of
sentences that have been read is taken only if a person wants the source read again.
"""

from __future__ import annotations

import dataclasses
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from quern import claims, extraction, names
from quern.linking import restatements
from quern.program import Failure
from quern.records import Claim, Passage, Sentence, Source, Span
from quern.schema import Schema
from quern.vault import Vault
from quern.wiki import Catalogue, SourceRow
from quern.wiki.cards import Sheet

_BLANKS = re.compile(r"\s+")
_STOP = re.compile(r"[.:;!?…。！？：；]+")
_LINE = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Revision:
    """What a changed source, or one that is read anew, does to what was taken from it before.

    `kept`: claims that it makes no more, and that still stand, at their places. `moved`: by page, the claims on it that
    stand elsewhere in the source than they did. `lost`: by page, the claims on it that no source makes any more.
    `restated`: by the id of an earlier claim, the new ones that say it in its place; `idle`: the ids of new claims that
    are not to be taken, since what they say stands. `barred`: by page, the new claims whose sentences a person took off
    it. `on`: by restated claim, the pages on which it stands; `pages`: those on which any claim of the source does, if
    it is read again; `deleted`: the files (folded) of those that are no more. `is_unchanged`: the wiki has read these
    very bytes.
    """

    kept: list[Claim] = field(default_factory=list)
    moved: dict[str, list[Claim]] = field(default_factory=dict)
    lost: dict[str, set[str]] = field(default_factory=dict)
    restated: dict[str, list[Claim]] = field(default_factory=dict)
    idle: frozenset[str] = frozenset()
    barred: dict[str, set[str]] = field(default_factory=dict)
    on: dict[str, list[str]] = field(default_factory=dict)
    pages: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()
    is_unchanged: bool = False


class Reviser(Protocol):
    """What `link` asks of each source before it plans its pages.

    Raises Failure if the raw file of a changed source is not there, or is not the one that was segmented.
    """

    def __call__(self, source: Source, made: Sequence[Claim], /) -> Revision: ...


def unrevised(_source: Source, _made: Sequence[Claim]) -> Revision:
    """For a source of which nothing is known: nothing was taken from it before."""
    return Revision()


def reviser(vault: Vault, catalogue: Catalogue, schema: Schema) -> Reviser:
    """What tells of the sources that this wiki has read."""
    return lambda source, made: _revise(vault, catalogue, schema, source, made)


def _revise(vault: Vault, catalogue: Catalogue, schema: Schema, source: Source, made: Sequence[Claim]) -> Revision:
    row = catalogue.source_by_id(source.id)
    sheet = None if row is None or row.sha256 == "" else catalogue.sheet(row.page)
    if row is None or sheet is None:
        return Revision()
    is_unchanged, is_others = row.sha256 == source.sha256, _is_read_by_another(row, made)
    if is_unchanged and not (source.again or is_others):
        return Revision(is_unchanged=True)
    reading = _Reading(catalogue, source, row, sheet, made)
    reading.open(vault, schema)
    if is_unchanged and not source.again:
        return Revision(reading.missing, idle=reading.read_before(), is_unchanged=True)
    if is_others and not source.again:
        return reading.beside()
    return reading.again() if source.again else reading.changed()


def _is_read_by_another(row: SourceRow, made: Iterable[Claim]) -> bool:
    """Whether another engine or model made these claims than read the source before, as far as that is known."""
    return bool(row.engine) and any((claim.engine, claim.model) != (row.engine, row.model) for claim in made)


class _Reading:
    """A source that was read before, and what is made of it now."""

    def __init__(
        self, catalogue: Catalogue, source: Source, row: SourceRow, sheet: Sheet, made: Sequence[Claim]
    ) -> None:
        self._catalogue, self._source, self._row, self._made = catalogue, source, row, made
        self._items = {item.id: item for item in sheet.items}
        self._old = {
            claim.id: dataclasses.replace(claim, engine=row.engine or "rules", model=row.model)
            for claim in catalogue.claims_for_source(row.slug)
        }
        now = {claim.id for claim in made}
        self.missing = [claim for claim in self._old.values() if claim.id not in now]
        self._new = [claim for claim in made if claim.id not in self._old]
        self._anchors: Anchors | None = None
        self._language = source.language

    def open(self, vault: Vault, schema: Schema) -> None:
        """Read the raw file, if anything is to be looked for in it: that takes longer than all the rest."""
        self._language = schema.language_of(self._source.language)
        self._anchors = Anchors(vault, self._source, schema) if self.missing or self._new else None

    def _resting(self, claim: Claim) -> frozenset[int]:
        return self._anchors.resting(claim) if self._anchors is not None else frozenset()

    def read_before(self, old: Iterable[Claim] | None = None) -> frozenset[str]:
        """The new claims that say something of sentences of which something is said already."""
        same = [claim for claim in self._made if claim.id in self._old]
        standing = [*same, *(self.missing if old is None else old)]
        return frozenset(restatements.resting_on_what_stands(standing, self._new, self._resting))

    def _anchored(self) -> list[Claim]:
        anchors = self._anchors
        return [found for claim in self.missing if anchors and (found := anchors.anchored(claim)) is not None]

    def beside(self) -> Revision:
        """The source has changed, and another reads it: only what is new in it is taken from that reading."""
        kept = self._anchored()
        return self._revision(kept, idle=self.read_before(kept))

    def changed(self) -> Revision:
        """The source has changed."""
        standing = self._anchored()
        match = restatements.restated(standing, self._new, self._resting, self._language)
        # What is now said of the very same sentences is said anew, not twice.
        fresh = {_extent(claim) for claim in self._new}
        kept = [claim for claim in standing if claim.id not in match.by and _extent(claim) not in fresh]
        return self._revision(kept, match.by)

    def again(self) -> Revision:
        """A person wants the source read again."""
        edited = {id_ for id_, item in self._items.items() if claims.claim_id(item.quote, item.text) != id_}
        standing = self.missing if self._row.sha256 == self._source.sha256 else self._anchored()
        open_ = [claim for claim in standing if claim.id not in edited]
        shown = [claim.id for claim in open_ if self._pages_with(claim.id)]
        match = restatements.restated(open_, self._new, self._resting, self._language, shown)
        barred = self._barred()
        by = {
            id_: saying
            for id_, saying in match.by.items()
            if not any(claim.id in barred.get(path, ()) for path in self._pages_with(id_) for claim in saying)
        }
        kept = [claim for claim in standing if claim.id not in by]
        return self._revision(kept, by, frozenset(match.idle), barred)

    def _barred(self) -> dict[str, set[str]]:
        """By page, the new claims that rest on a sentence of which a person took what was said off that page."""
        barred: dict[str, set[str]] = {}
        for item in self._items.values():
            on = set(self._pages_with(item.id))
            rows = (self._catalogue.page_by_file(file) for file in item.pages)
            off = {row.path for row in rows if row is not None and row.path not in on}
            own = self._resting(self._old[item.id]) if off else frozenset()
            for path in off:
                barred.setdefault(path, set()).update(c.id for c in self._new if own & self._resting(c))
        return barred

    def _pages_with(self, id_: str) -> list[str]:
        return _standing_on(self._catalogue, id_, self._items[id_].pages)

    def _revision(
        self,
        kept: list[Claim],
        by: Mapping[str, list[Claim]] = {},
        idle: frozenset[str] = frozenset(),
        barred: Mapping[str, set[str]] = {},
    ) -> Revision:
        standing = {claim.id: claim for claim in (*self._made, *kept)}
        pages: set[str] = set()
        found = Revision(kept, restated=dict(by), idle=idle, barred=dict(barred))
        for id_, item in self._items.items():
            claim = standing.get(id_)
            on = self._pages_with(id_)
            pages.update(on)
            if id_ in by:
                found.on[id_] = on
            if claim is not None and _place(claim) == item.place:
                continue
            for path in on:
                if claim is not None:
                    found.moved.setdefault(path, []).append(claim)
                elif _rests_on(self._catalogue, path, id_) == {self._row.slug}:
                    found.lost.setdefault(path, set()).add(id_)
        if not self._source.again:
            return found
        files = {file for item in self._items.values() for file in item.pages}
        deleted = (names.fold(file) for file in files if self._catalogue.page_by_file(file) is None)
        return dataclasses.replace(found, pages=frozenset(pages), deleted=frozenset(deleted))


def _standing_on(catalogue: Catalogue, id_: str, files: Iterable[str]) -> list[str]:
    rows = (catalogue.page_by_file(file) for file in files)
    return sorted({row.path for row in rows if row is not None and id_ in catalogue.claims_of(row.path)})


def _rests_on(catalogue: Catalogue, path: str, id_: str) -> set[str]:
    sheet = catalogue.sheet(path)
    notes = sheet.notes if sheet is not None else []
    return {place.slug for note in notes if note.id == id_ for place in note.places}


class Anchors:
    """The sentences of a source as it is now, and where words that were quoted from it before stand among them."""

    def __init__(self, vault: Vault, source: Source, schema: Schema) -> None:
        """Read and segment the raw file. Raises Failure if it is not there, or is not what `source` describes."""
        from quern import passages, sources

        text = sources.read(vault, source.path)
        if text.sha256 != source.sha256:
            raise Failure("has changed since it was segmented: run again", source.path)
        self._source = source
        self._sentences: list[tuple[Sentence, Passage]] = []
        self._starts: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        pieces, size = [], 0
        for passage in passages.segment(source, text, schema.passages.max_chars):
            for sentence in passage.sentences:
                piece = _bare(sentence.text)
                if not piece:
                    continue
                self._starts[size] = len(self._sentences)
                size += len(piece)
                self._ends[size] = len(self._sentences) + 1
                self._sentences.append((sentence, passage))
                pieces.append(piece)
        self._text = "".join(pieces)
        self._begin = [sentence.start for sentence, _ in self._sentences]

    def resting(self, claim: Claim) -> frozenset[int]:
        """The sentences that a claim rests on, by number: by its spans, or where it has none by what it quotes."""
        spans = [span for span in claim.spans if span.end > 0]
        if not spans:
            found = self.find(claim.quote, _place(claim)) or []
            spans = [Span(start=sentence.start, end=sentence.end, place="") for sentence, _ in found]
        return frozenset(number for span in spans for number in self._within(span))

    def _within(self, span: Span) -> Iterator[int]:
        number = bisect_left(self._begin, span.start)
        while number < len(self._sentences) and self._sentences[number][0].end <= span.end:
            yield number
            number += 1

    def anchored(self, claim: Claim) -> Claim | None:
        """An earlier claim at the place where it stands now; None if its words, or what they spoke of, are gone."""
        found = self.find(claim.quote, _place(claim))
        if found is None:
            return None
        context = "\n".join(
            extraction.context(self._source, passage) for passage in {p.id: p for _, p in found}.values()
        )
        if claims.problems(claim.text, claim.quote, context, self._source.language):
            return None
        _, spans = claims.evidence(sentence for sentence, _ in found)
        return dataclasses.replace(claim, source=self._source.id, passage=found[0][1].id, spans=spans, names=[])

    def find(self, quote: str, place: str) -> list[tuple[Sentence, Passage]] | None:
        """The sentences that a quote consists of, each with its passage; of equal ones those nearest to `place`."""
        near = _first_line(place)
        whole = self._run(quote, near)
        if whole is not None or claims.ELLIPSIS not in quote:
            return whole
        runs = [self._run(run, near) for run in quote.split(claims.ELLIPSIS)]
        return None if None in runs else [pair for run in runs if run is not None for pair in run]

    def _run(self, words: str, near: int) -> list[tuple[Sentence, Passage]] | None:
        """Sentences side by side that say exactly these words; blanks, and a full stop put to them, do not count."""
        wanted, found, at = _bare(words), [], -1
        while wanted and (at := self._text.find(wanted, at + 1)) >= 0:
            end = at + len(wanted)
            stop = _STOP.match(self._text, end)
            last = self._ends.get(end) or (self._ends.get(stop.end()) if stop else None)
            if at in self._starts and last is not None:
                found.append(self._sentences[self._starts[at] : last])
        return min(found, key=lambda run: abs(_first_line(run[0][0].place) - near), default=None)


def _bare(text: str) -> str:
    return _BLANKS.sub("", claims.normalise(text))


def _first_line(place: str) -> int:
    number = _LINE.search(place)
    return int(number[0]) if number else 0


def _place(claim: Claim) -> str:
    return ", ".join(span.place for span in claim.spans)


def _extent(claim: Claim) -> tuple[tuple[int, int], ...]:
    return tuple((span.start, span.end) for span in claim.spans)
