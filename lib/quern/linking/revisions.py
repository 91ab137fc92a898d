"""What becomes of the earlier claims of a source that has changed: which still stand, and where, and which are gone.

A claim that is no longer made may be as true to its source as ever: what is taken from a sentence depends on the text
around it. So it is asked of the source: where the words that it quotes still stand as whole sentences, the claim stays.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from quern import claims, extraction
from quern.program import Failure
from quern.records import Claim, Passage, Sentence, Source
from quern.schema import Schema
from quern.vault import Vault
from quern.wiki import Catalogue

_BLANKS = re.compile(r"\s+")
_STOP = re.compile(r"[.:;!?…。！？：；]+")
_LINE = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Revision:
    """What a changed source does to what was taken from it before.

    `kept`: claims that it makes no more, and that still stand, at their places. `moved`: by page, the claims on it that
    stand elsewhere in the source than they did. `lost`: by page, the claims on it that no source makes any more.
    `is_unchanged`: the wiki has read these very bytes.
    """

    kept: list[Claim] = field(default_factory=list)
    moved: dict[str, list[Claim]] = field(default_factory=dict)
    lost: dict[str, set[str]] = field(default_factory=dict)
    is_unchanged: bool = False


Reviser = Callable[[Source, Sequence[Claim]], Revision]


def unrevised(_source: Source, _made: Sequence[Claim]) -> Revision:
    """For a source of which nothing is known: nothing was taken from it before."""
    return Revision()


def reviser(vault: Vault, catalogue: Catalogue, schema: Schema) -> Reviser:
    """What `link` asks of each source before it plans its pages.

    It raises Failure if the raw file of a changed source is not there, or is not the one that was segmented.
    """
    return lambda source, made: _revise(vault, catalogue, schema, source, made)


def _revise(vault: Vault, catalogue: Catalogue, schema: Schema, source: Source, made: Sequence[Claim]) -> Revision:
    row = catalogue.source_by_id(source.id)
    sheet = None if row is None or row.sha256 in ("", source.sha256) else catalogue.sheet(row.page)
    if row is None or sheet is None:
        return Revision(is_unchanged=row is not None and row.sha256 == source.sha256)
    told = {claim.id: claim for claim in catalogue.claims_for_source(row.slug)}
    kept = [
        dataclasses.replace(claim, engine=row.engine or "rules", model=row.model)
        for claim in _kept(told, made, vault, source, schema)
    ]
    standing = {claim.id: claim for claim in (*made, *kept)}
    found = Revision(kept)
    for item in sheet.items:
        claim = standing.get(item.id)
        if claim is not None and _place(claim) == item.place:
            continue
        for path in _standing_on(catalogue, item.id, item.pages):
            if claim is not None:
                found.moved.setdefault(path, []).append(claim)
            elif _rests_on(catalogue, path, item.id) == {row.slug}:
                found.lost.setdefault(path, set()).add(item.id)
    return found


def _kept(
    told: Mapping[str, Claim], made: Sequence[Claim], vault: Vault, source: Source, schema: Schema
) -> Iterator[Claim]:
    """The claims that were told, are made no more, and whose words still stand."""
    now = {claim.id for claim in made}
    missing = [claim for claim in told.values() if claim.id not in now]
    if not missing:
        return
    anchors = Anchors(vault, source, schema)
    fresh = {_extent(claim) for claim in made if claim.id not in told}
    for claim in missing:
        anchored = anchors.anchored(claim)
        # What is now said in other words of the very same sentences is said anew, not twice.
        if anchored is not None and _extent(anchored) not in fresh:
            yield anchored


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
