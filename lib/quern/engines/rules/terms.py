"""The names of a source: what it is about, under which names, and how much of it is about each.

Candidates come from what the author did (capitals, headings, bold, quotes, code spans, expanded acronyms) and from what
recurs (`phrases`, `unspaced`).
Names of one thing are united, every sentence is searched for them once, and what is found there makes their weight.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from quern.engines.rules import voices
from quern.engines.rules.aliases import unite
from quern.engines.rules.definitions import defines
from quern.engines.rules.gathering import Unit, gather
from quern.engines.rules.lexicon import Lexicon, lexicon
from quern.engines.rules.lookup import Lookup, Term, Terms, mentions
from quern.engines.rules.sketches import Sketch
from quern.engines.rules.voices import Voices
from quern.records import Passage, Sentence, Source

__all__ = ["Term", "mentions", "terms"]

PARTS = 8  # parts of a source, over which a name that matters is spread
MANY = 400  # names of one source


def terms(source: Source, passages: Sequence[Passage]) -> list[Term]:
    """The names of a source, the weightiest first."""
    words = lexicon(source.language)
    sentences = [sentence for passage in passages if not _is_aside(passage, words) for sentence in passage.sentences]
    speakers = voices.find(sentence.plain for sentence in sentences)
    units = list(_units(source, sentences, speakers, words))
    people = {*speakers.names, *source.authors}
    drafts = unite(gather(units, people, words), words)
    return Terms(sorted(_weigh(drafts, units, words), key=lambda term: (-term.weight, term.name))[:MANY])


def _units(source: Source, sentences: Iterable[Sentence], speakers: Voices, words: Lexicon) -> Iterator[Unit]:
    """The title, headings and sentences of a source, without code, navigation and the names of who speaks."""
    yield Unit(source.title, source.title, "title")
    for sentence in sentences:
        if sentence.sort == "code" or _is_boilerplate(sentence.plain, words):
            continue
        label = speakers.label(sentence.plain)
        if label is None:
            yield Unit(sentence.plain, sentence.text, sentence.sort)
        else:
            colon = sentence.text.find(":") + 1
            yield Unit(sentence.plain[label[1] :], sentence.text[colon:], sentence.sort)


def _is_aside(passage: Passage, words: Lexicon) -> bool:
    """Whether a passage stands under a heading such as "Related posts"."""
    return bool(passage.headings) and _is_boilerplate(passage.headings[-1], words)


def _is_boilerplate(text: str, words: Lexicon) -> bool:
    folded = " ".join("".join(c if c.isalnum() or c in "-'’" else " " for c in text.casefold()).split())
    return folded in words.boilerplate


@dataclass(slots=True)
class _Tally:
    """How a term occurs."""

    count: int = 0  # in sentences
    first: float = 1.0  # part of the source before its first place
    parts: int = 0  # one bit for each part of the source that it stands in
    title: bool = False
    headings: int = 0
    opens: int = 0  # sentences that begin with it
    defined: bool = False


def _weigh(drafts: Sequence[Sketch], units: Sequence[Unit], words: Lexicon) -> Iterator[Term]:
    """The terms of these sketches with their weights; those that are nowhere in the text are dropped."""
    plain = [draft.term() for draft in drafts]
    tallies = _count(plain, units, words.language)
    size = sum(unit.size for unit in units)
    for draft, term in zip(drafts, plain, strict=True):
        tally = tallies[id(term)]
        weight = _weight(draft, tally, size)
        if weight > 0:
            yield replace(term, weight=weight, defined=tally.defined or draft.label)


def _count(plain: Sequence[Term], units: Sequence[Unit], language: str) -> dict[int, _Tally]:
    """How each term, by its identity, occurs in these units."""
    lookup = Lookup(plain)
    tallies = {id(term): _Tally() for term in plain}
    length = 1 + sum(len(unit.plain) for unit in units)
    place = 0
    for unit in units:
        for index, (start, end, term) in enumerate(lookup.find(unit.plain)):
            tally = tallies[id(term)]
            tally.first = min(tally.first, place / length)
            if unit.is_headline:
                tally.title |= unit.sort == "title"
                tally.headings += unit.sort == "heading"
                continue
            tally.count += 1
            tally.opens += index == 0 and start < 12
            tally.parts |= 1 << (place * PARTS // length)
            tally.defined |= defines(unit.plain, start, end, language)
        place += len(unit.plain)
    return tallies


def _weight(draft: Sketch, tally: _Tally, words: int) -> float:
    """How much of the source is about this name, 0 to 1.

    A name said as often as `enough` in a source of this size gets half of what frequency can give.
    """
    if not tally.count:
        return 0.0
    size: float = (words / 400) ** 0.6
    enough = 1.5 + 0.8 * size if draft.is_proper else 2.0 + size
    weight: float = 0.6 * tally.count / (tally.count + enough)
    weight += 0.15 * min(1.0, tally.parts.bit_count() / 4) * min(1.0, tally.count / 3)
    weight += 0.05 * (1 - tally.first)
    weight += 0.2 * tally.title + 0.1 * min(tally.headings, 2) + 0.05 * min(tally.opens, 4) / 4
    weight += 0.05 * (tally.defined or draft.label) + 0.05 * draft.marked
    return round(min(1.0, weight * draft.worth), 4)
